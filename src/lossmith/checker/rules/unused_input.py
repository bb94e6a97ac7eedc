"""The value does not depend on an argument it takes.

What it finds: an argument that can be replaced by any other values of its kind without changing the value.
Why it matters: what the argument stands for (a label, a reference model, a learning rate) plays no part in training.
Fix: use it, or take it out of the signature.
"""

from lossmith.checker.case import Case
from lossmith.checker.depends import depends
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Replace each argument."""
    for place, argument in enumerate(case.arguments):
        must = argument.role in ("prediction", "target", "weight") or case.promised("uses_all_inputs")
        if argument.role == "mask" or argument.holds == "mask_none" or depends(case, place):
            continue
        return Found(
            f"The value is the same whatever `{argument.name}` holds.",
            case.ordinary[0],
            f"the same for every other `{argument.name}`",
            severity="error" if must else "warning",
        )
    if case.promised("uses_all_inputs"):
        for place in case.predictions:
            _, gradient = case.gradient(case.ordinary[0], place)
            if gradient is not None and gradient.ndim > 1 and not _every_slice(case, place):
                name = case.arguments[place].name
                return Found(f"Whole slices of `{name}` never get a gradient.", case.ordinary[0])
    return None


def _every_slice(case: Case, place: int) -> bool:
    """Whether each index along each axis gets a gradient in some batch."""
    gradients = [case.gradient(inputs, place)[1] for inputs in case.ordinary]
    sizes = [g.abs() for g in gradients if g is not None]
    total = sum(sizes[1:], sizes[0])
    return all(bool((total.movedim(axis, 0).flatten(1).sum(1) > 0).all()) for axis in range(total.ndim))
