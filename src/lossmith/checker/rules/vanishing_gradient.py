"""The gradient fades where the prediction is badly wrong.

What it finds: plainly wrong predictions, far above the minimum, with a gradient of zero or next to nothing.
Why it matters: the examples that need it most are not learned.
Fix: do not clamp before scaling; take the logarithm of the probability, or the non-saturating form.
"""

import torch

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.rules.wrong_sign import named

FADED = 1e-3
"""Share of the strongest gradient on the way that counts as faded."""
GONE = 1e-6
"""Share that breaks a promise of a strong gradient."""


def find(case: Case) -> Found | None:
    """Compare the gradient where it is wrong with the strongest on the way there."""
    if case.promised("robust"):
        return None
    strict = case.promised("monotone", "strong_gradient_when_wrong")
    return (_wrong(case, strict=strict) if strict or case.promised("minimum_at_perfect") else None) or _refused(case)


def _wrong(case: Case, *, strict: bool) -> Found | None:
    inputs = case.ordinary[0]
    if len(case.pairs) != 1:
        return None
    place = case.pairs[0][0]
    if case.arguments[place].holds in ("probabilities", "simplex") and not strict:
        return None
    strongest, before, faded, at = 0.0, 0.0, None, None
    start = case.perfect(inputs)
    least = None if start is None else case.number(start)
    for share in (0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.99):
        moved = case.perfect(inputs, share)
        if moved is None:
            return None
        value, gradient = case.gradient(moved, place)
        if gradient is None or value is None or least is None or not bool(torch.isfinite(gradient).all()):
            return None
        size = float(gradient.abs().max())
        strongest = max(strongest, size)
        if share >= 0.9 and value > least + 1e-3 and (faded is None or size < faded):
            faded, at, before = size, moved, strongest
    _, usual = case.gradient(inputs, place)
    strongest = max(before, 0.0 if usual is None else float(usual.abs().max()))
    if faded is None or at is None or not strongest > 0.0 or faded > FADED * strongest:
        return None
    dead = faded == 0.0
    if not dead and not strict:
        return None
    told = (
        f"Where the prediction is plainly wrong its gradient is {faded:.3g}, at most {strongest:.3g} on the way there."
    )
    broken = case.promised("strong_gradient_when_wrong") and faded <= GONE * strongest
    shown = "0 everywhere" if dead else f"at most {faded:.3g}"
    return Found(told, at, shown, "error" if (dead and strict) or broken else "warning", wrt=place)


def _refused(case: Case) -> Found | None:
    """A score that should grow gets no push while it is far below.

    The saturating generator.
    """
    if not case.promised("strong_gradient_when_wrong"):
        return None
    names = {argument.name: place for place, argument in enumerate(case.arguments)}
    for name in named(str(case.claims.get("direction") or ""), "decreasing in"):
        if name in names:
            sizes = []
            for value in (0.0, -10.0):
                inputs: Inputs = [x.clone() for x in case.ordinary[0]]
                inputs[names[name]] = torch.full_like(inputs[names[name]], value)
                _, gradient = case.gradient(inputs, names[name])
                sizes.append(0.0 if gradient is None else float(gradient.abs().max()))
            if sizes[1] < FADED * sizes[0]:
                told = f"At `{name}` = -10 the gradient is {sizes[1]:.3g}, at 0 it is {sizes[0]:.3g}."
                return Found(told, inputs, f"{sizes[1]:.3g}", wrt=names[name], severity="warning")
    return None
