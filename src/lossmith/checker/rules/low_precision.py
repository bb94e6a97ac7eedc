"""It breaks in half precision only.

What it finds: NaN or infinity in float16 or bfloat16 at inputs that are fine in float32.
Why it matters: mixed precision fails at random: a sum overflows 65504, an epsilon rounds to 0.
Fix: compute sums and logarithms in float32 (`x.float()`), or in forms that need no epsilon.
"""

import torch

from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case, Inputs
from lossmith.checker.edges import edge
from lossmith.checker.found import Found

HALF = ("float16", "bfloat16", "half")
EDGES = ("pred_eq_target", "zero_prediction", "zero_target", "prob_0_1", "no_positive")


def find(case: Case) -> Found | None:
    """Compare each claimed half precision with single precision."""
    for name in case.claims.get("dtypes") or ():
        dtype = getattr(torch, str(name).removeprefix("torch."), None)
        if str(name).removeprefix("torch.") not in HALF or not isinstance(dtype, torch.dtype):
            continue
        for inputs in _points(case):
            single = [x.float() if x.is_floating_point() else x for x in inputs]
            half = [x.to(dtype) if x.is_floating_point() else x for x in inputs]
            again = [x.float() if x.is_floating_point() else x for x in half]
            outcome = case.call(half)
            if outcome.value is None or not all(is_finite(x) for x in half):
                continue
            if _fine(case, single) and _fine(case, again) and not _fine(case, half):
                told = f"In {name} the value or its gradient is not finite, where single precision gives "
                return Found(f"{told}{case.number(single):.4g}.", half)
    return None


def _fine(case: Case, inputs: Inputs) -> bool:
    value = case.number(inputs)
    gradients = [case.gradient(inputs, place)[1] for place in case.predictions]
    return is_finite(value) and all(g is None or is_finite(g) for g in gradients)


def _points(case: Case) -> list[Inputs]:
    """Return ordinary, right and wrong points, and masks that are all of one kind."""
    found = [*case.ordinary[:1]]
    for share in (0.0, 1.0):
        moved = case.perfect(case.ordinary[0], share)
        found += [] if moved is None else [moved]
    for place, argument in enumerate(case.arguments):
        if argument.holds in ("binary01", "one_hot") and argument.role == "target":
            full = [x.clone() for x in case.ordinary[0]]
            full[place] = torch.ones_like(full[place])
            moved = case.perfect(full)
            found += [full] if moved is None else [full, moved]
    for name in ("extreme_logits", *(e for e in EDGES if e in (case.claims.get("valid_edges") or ()))):
        found += [inputs for inputs in edge(case, name) if max(float(x.abs().max()) for x in inputs) <= 60.0]
    return found
