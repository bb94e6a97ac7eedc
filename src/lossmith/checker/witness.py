"""The smallest input that shows a fault, as code to paste."""

from collections.abc import Callable

import torch
from torch import Tensor

from lossmith.checker.case import Case, Inputs

MOST_ENTRIES = 64
"""Entries of a tensor that are written out; a larger one is described."""


def smallest(case: Case, inputs: Inputs, shows: Callable[[Inputs], bool]) -> Inputs:
    """Shrink a witness: fewer examples, then rounder numbers."""
    best = inputs
    for count in (1, 2, 3):
        if 0 < count < case.batch:
            fewer = case.rows(inputs, range(count))
            if _holds(shows, fewer):
                best = fewer
                break
    for decimals in (0, 1, 2):
        rounder = [_rounded(x, decimals) if x.is_floating_point() else x for x in best]
        if all(_inside(case, place, x) for place, x in enumerate(rounder)) and _holds(shows, rounder):
            return rounder
    return best


def _holds(shows: Callable[[Inputs], bool], inputs: Inputs) -> bool:
    try:
        return bool(shows([x.clone() for x in inputs]))
    except Exception:  # an input that no longer makes sense shows nothing
        return False


def _rounded(x: Tensor, decimals: int) -> Tensor:
    rounded: Tensor = torch.round(x.detach(), decimals=decimals)
    return rounded


def _inside(case: Case, place: int, x: Tensor) -> bool:
    held = case.arguments[place].holds
    if held in ("positive", "time"):
        return bool((x > 0).all())
    # Of these, rounding leaves the domain.
    return held not in ("simplex", "soft_labels", "log_probabilities", "unit", "boxes", "log_prob_scalar")


def code(case: Case, inputs: Inputs, said: str = "") -> str:
    """Write the arguments and the call.

    Args:
        case: the loss.
        inputs: its arguments.
        said: what the call gives and what it should give, as a comment.
    """
    lines = ["import torch"]
    for argument, x in zip(case.arguments, inputs, strict=True):
        lines.append(f"{argument.name} = {tensor(x)}{'.numpy()' if case.without_gradient else ''}")
    names = [argument.name for argument in case.arguments]
    if getattr(case.loss, "turned", False):  # Keras: the target comes first
        names.reverse()
    call = f"{case.name}({', '.join(names)})"
    lines.append(f"{call}  # {said}" if said else call)
    return "\n".join(lines)


def tensor(x: Tensor) -> str:
    """Write a tensor as an expression."""
    x = x.detach()
    if x.numel() > MOST_ENTRIES:
        size = ", ".join(map(str, x.shape))
        if not x.is_floating_point():
            return f"torch.randint(0, {int(x.max()) + 1}, ({size}))"
        return f"torch.full(({size}), {float(x.flatten()[0]):.4g})" if _flat(x) else f"torch.randn({size})"
    kind = "" if x.dtype in (torch.float32, torch.float64, torch.int64, torch.bool) else f", dtype={x.dtype}"
    return f"torch.tensor({_written(x.tolist())}{kind})"


def _flat(x: Tensor) -> bool:
    return bool((x == x.flatten()[0]).all())


def _written(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float):
        return (
            "float('nan')"
            if value != value
            else f"{value:.6g}"
            if "." in f"{value:.6g}"
            else f"{value:.6g}.0"
            if ("e" not in f"{value:.6g}" and "inf" not in f"{value}")
            else f"float('{value:.6g}')"
        )
    return repr(value)
