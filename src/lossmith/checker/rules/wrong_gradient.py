"""Autograd and finite differences disagree.

What it finds: a derivative that is not the slope of the value: a hand-written backward, part of the loss under
`no_grad`, a penalty computed without `create_graph`.
Why it matters: the optimiser follows another function than the one that is printed.
Fix: correct the backward, or say on purpose that a factor is detached (claim `detached_weight`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import differences

COURSE = (
    "convex", "differentiable", "elicits", "formula", "minimum_at_perfect", "minimum_value", "monotone", "proper",
    "reduction", "reference", "robust", "sample_independent", "strong_gradient_when_wrong", "twice_differentiable",
)  # fmt: skip
"""Promises of the value that a gradient should keep."""
DESCENDS = 0.9
"""Cosine between gradient and slope from which a step still goes downhill nearly as steeply."""


def find(case: Case) -> Found | None:
    """Compare the two in double precision on ordinary batches."""
    if case.promised("detached_weight", "returns") or case.dtype.itemsize < 8 or _single(case):
        return None
    case = _normalised(case)
    for place in case.predictions:
        along = 1.0
        worst: list[tuple[float, float, float]] = []
        for inputs in case.ordinary[:3]:
            _, gradient = case.gradient(inputs, place)
            if gradient is None or not float(gradient.abs().max()) > 0.0:
                break
            wide, narrow = differences(case, inputs, place, 1e-4), differences(case, inputs, place, 1e-6)
            coarse = differences(case, inputs, place, 1e-2)
            if wide is None or narrow is None or coarse is None:
                break
            settled = (wide - narrow).abs() < 1e-4 * (1.0 + narrow.abs())  # not at a kink
            doubt = 3.0 * (coarse - narrow).abs()  # a part computed in single precision loses small steps
            gap = (((gradient - narrow).abs() - doubt).clamp(min=0.0) * settled).nan_to_num(0.0)
            size = float(narrow.nan_to_num(0.0).abs().max())
            at = int(gap.argmax())
            if float(gap.max()) <= 1e-3 * (size + 1e-6):
                break
            along = min(along, _along(gradient, narrow))
            worst.append((float(gap.max()), float(gradient.flatten()[at]), float(narrow.flatten()[at])))
        else:
            _, said, true = max(worst)
            # Who promises things of the value's course and says nothing of a detached factor did not mean one.
            fixed = not case.promised(*COURSE) and along > DESCENDS and not _by_hand(case, place)
            name = case.arguments[place].name
            told = f"In `{name}` autograd says {said:.4g} where the value's slope is {true:.4g}"
            if fixed:
                told += ": a part is held fixed. It still descends; if that is meant, claim `detached_weight`"
            shown = f"{said:.4g} in one place; the value's slope there is {true:.4g}"
            return Found(f"{told}.", case.ordinary[0], shown, "warning" if fixed else "error", wrt=place)
    return None


def _along(gradient: Tensor, slope: Tensor) -> float:
    """Return the cosine between the two where both are known."""
    known = ~slope.isnan()
    return float(torch.nn.functional.cosine_similarity(gradient[known], slope[known], dim=0))


def _by_hand(case: Case, place: int) -> bool:
    """Whether a derivative written by hand stands between value and prediction."""
    inputs = [x.clone() for x in case.ordinary[0]]
    inputs[place].requires_grad_()
    value = case.call(inputs).value
    left, seen = [None if value is None else value.grad_fn], set()
    while left:
        node = left.pop()
        if node is not None and node not in seen:
            seen.add(node)
            left += [before for before, _ in node.next_functions]
    return any(isinstance(node, torch.autograd.function.BackwardCFunction) for node in seen)


def _single(case: Case) -> bool:
    """Whether it computes in single precision inside.

    Small differences then say nothing.
    """
    values = [outcome.value for outcome in map(case.call, case.ordinary)]
    return all(v is not None and bool((v.detach().float().double() == v.detach()).all()) for v in values)


def _normalised(case: Case) -> Case:
    """Return the loss behind a softmax, where entries belong together.

    Off the simplex a derivative may be anything: CTC's is only right for log-probabilities that sum to one.
    """
    normalisers = [argument.normaliser for argument in case.arguments]
    if not any(normalisers):
        return case

    def make() -> Callable[..., Any]:
        loss = case.make()
        return lambda *inputs: loss(*(x if f is None else f(x) for f, x in zip(normalisers, inputs, strict=True)))

    return replace(case, make=make)
