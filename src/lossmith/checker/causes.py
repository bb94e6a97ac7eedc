"""From symptoms to causes: one fault is one finding.

A broadcast also moves the minimum, couples the batch and misses the reference. What a cause explains is not said again.
"""

from collections.abc import Sequence

from lossmith.finding import Finding

ORDER = (
    "crash", "stateful", "side-effect", "inplace-input", "nondeterministic", "memory-growth",
    "swapped-arguments", "broadcast", "mask-handling", "length-handling", "wrong-dim", "double-softmax",
    "missing-activation", "label-encoding",
    "target-alignment", "nan-value", "empty-reduction", "nan-gradient", "unstable-extreme",
    "unused-input", "gradient-cut",
    "parameter-effect", "class-weight-swapped", "class-weight-no-effect", "weight-effect",
    "wrong-sign", "not-robust", "scale-mismatch", "reduction", "batch-dependence", "batch-size-1",
    "wrong-minimum", "below-bound", "not-monotone", "discontinuous", "vanishing-gradient", "improper", "not-convex",
    "wrong-gradient", "wrong-value", "target-gradient", "double-backward", "low-precision", "dtype-hardcoded",
    "device-hardcoded", "vmap-unsupported",
)  # fmt: skip
"""Rules from what explains most to what explains least."""

SHAPE = ("wrong-minimum", "below-bound", "improper", "not-monotone", "not-convex", "wrong-value", "vanishing-gradient",
         "not-robust", "discontinuous")  # fmt: skip
"""Symptoms of the value's course: whatever turns it over shows in several of them."""
MEANING = (*SHAPE, "wrong-sign", "unused-input", "gradient-cut", "batch-dependence", "reduction", "nan-value",
           "parameter-effect", "class-weight-swapped", "class-weight-no-effect", "weight-effect")  # fmt: skip
WEIGHTS = ("class-weight-swapped", "class-weight-no-effect", "weight-effect")

EXPLAINS: dict[str, tuple[str, ...]] = {
    "swapped-arguments": (*MEANING, "missing-activation", "double-softmax"),
    "broadcast": (*MEANING, "wrong-gradient", "mask-handling"),
    "wrong-dim": (*MEANING, "double-softmax"),
    "double-softmax": (*MEANING, "nan-gradient"),
    "missing-activation": MEANING,
    "label-encoding": MEANING,
    "target-alignment": (*SHAPE, "wrong-sign", "unused-input"),
    "nan-value": (
        *SHAPE,
        "wrong-sign",
        "empty-reduction",
        "nan-gradient",
        "unstable-extreme",
        "low-precision",
        "gradient-cut",
        "wrong-gradient",
    ),
    "nan-gradient": ("unstable-extreme", "low-precision"),
    "unstable-extreme": ("nan-gradient", "low-precision", *SHAPE),
    "empty-reduction": ("nan-gradient", "nan-value"),
    "unused-input": (
        "gradient-cut",
        "parameter-effect",
        *SHAPE,
        "wrong-sign",
        *WEIGHTS,
        "reduction",
        "mask-handling",
        "batch-dependence",
    ),
    "gradient-cut": (
        "wrong-gradient",
        "vanishing-gradient",
        *WEIGHTS,
        "vmap-unsupported",
        "dtype-hardcoded",
        "wrong-minimum",
        "double-backward",
    ),
    "mask-handling": (
        *SHAPE,
        "double-softmax",
        "missing-activation",
        "batch-dependence",
        "reduction",
        "parameter-effect",
        "wrong-sign",
    ),
    "length-handling": ("unused-input", "mask-handling", *SHAPE),
    "parameter-effect": (*WEIGHTS, *SHAPE, "wrong-sign"),
    "class-weight-swapped": ("weight-effect", "wrong-value"),
    "class-weight-no-effect": ("weight-effect", "wrong-value"),
    "weight-effect": ("wrong-value", "improper"),
    "wrong-sign": (*SHAPE, "wrong-gradient"),
    "not-robust": ("discontinuous", "not-convex", "wrong-minimum", "below-bound", "not-monotone", "wrong-value"),
    "scale-mismatch": ("reduction", "batch-dependence"),
    "reduction": ("batch-dependence", "wrong-value"),
    "batch-dependence": ("wrong-value",),
    "wrong-minimum": ("improper", "wrong-value", "not-monotone", "vanishing-gradient", "not-convex", "below-bound"),
    "below-bound": ("improper", "wrong-value", "not-convex", "wrong-minimum"),
    "not-monotone": ("wrong-value", "not-convex", "vanishing-gradient"),
    "discontinuous": ("not-monotone", "not-convex", "wrong-value", "wrong-gradient"),
    "not-convex": ("vanishing-gradient",),
    "stateful": ("nondeterministic", "memory-growth", "device-hardcoded", "wrong-value", *WEIGHTS, "batch-dependence"),
    "side-effect": ("wrong-gradient", "stateful", "vmap-unsupported"),
    "nondeterministic": (*SHAPE, *WEIGHTS, "wrong-gradient", "batch-dependence", "reduction", "wrong-sign"),
    "inplace-input": ("stateful", "mask-handling", "wrong-value"),
    "dtype-hardcoded": ("low-precision",),
}
"""What a cause makes of other rules: said once."""

SEVERITIES = ("error", "warning", "note")
ALONE = ("crash",)
"""A cause beside which nothing can be said."""


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """Return the causes, most important first; what they explain is left out."""
    ranked = sorted(findings, key=lambda f: (f.severity == "note", ORDER.index(f.rule)))
    kept: list[Finding] = []
    for finding in ranked:
        if not any(finding.rule in EXPLAINS.get(cause.rule, ()) and _weighs(cause, finding) for cause in kept):
            kept.append(finding)
    return sorted(kept, key=lambda f: SEVERITIES.index(f.severity))


def _weighs(cause: Finding, finding: Finding) -> bool:
    """Whether a cause is as grave as what it explains; a question explains nothing."""
    return cause.severity != "note" and SEVERITIES.index(cause.severity) <= SEVERITIES.index(finding.severity)
