"""Questions that several rules ask of a case.

The path from right to wrong, extremes, pulls of single examples.
"""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from lossmith.checker.argument import AWAY, is_finite
from lossmith.checker.case import Case, Inputs, with_value

STEPS = 21


def path(case: Case, inputs: Inputs, steps: int = STEPS) -> list[tuple[float, Inputs]]:
    """Return predictions from perfect to plainly wrong; nothing if that is undefined."""
    found = []
    for share in torch.linspace(0.0, 1.0, steps).tolist():
        moved = case.perfect(inputs, share)
        if moved is None:
            return []
        found.append((share, moved))
    return found


def spread(case: Case) -> Iterator[Inputs]:
    """Yield ordinary inputs, scaled ones, wrong and perfect ones.

    All inside what the arguments may hold.
    """
    for inputs in case.ordinary:
        yield inputs
        for share in (0.0, 0.5, 1.0):
            moved = case.perfect(inputs, share)
            if moved is not None:
                yield moved
        for place in case.predictions:
            yield from scaled(case, inputs, place)


def scaled(case: Case, inputs: Inputs, place: int) -> Iterator[Inputs]:
    """Yield one prediction made larger, smaller and turned, within its domain."""
    held, x = case.arguments[place].holds, inputs[place]
    if held in ("real", "embeddings", "logits"):
        new = [10.0 * x, -10.0 * x, x + AWAY, x - AWAY, torch.zeros_like(x)]
    elif held == "log_variance":
        new = [x + 3.0, x - 3.0, torch.zeros_like(x), torch.full_like(x, 1.4)]
    elif held in ("positive", "nonneg"):
        new = [5.0 * x, x / 5.0]
    elif held == "probabilities":
        new = [x.clamp(max=0.03), x.clamp(min=0.97), (10.0 * (x - 0.5)).sigmoid()]
    elif held == "log_prob_scalar":
        new = [5.0 * x, 0.05 * x]
    else:
        new = []
    for value in new:
        yield with_value(inputs, place, value)


def pulls(case: Case, inputs: Inputs, place: int) -> Tensor | None:
    """Return how strongly each example's prediction is pulled.

    The size of its gradient.
    """
    axis = case.batch_axes[place]
    _, gradient = case.gradient(inputs, place)
    if gradient is None or axis is None:
        return None
    return gradient.detach().movedim(axis, 0).flatten(1).norm(dim=1) if gradient.ndim > 1 else gradient.detach().abs()


def differences(case: Case, inputs: Inputs, place: int, width: float = 1e-5) -> Tensor | None:
    """Return the gradient by central differences; None where it fails.

    At most 60 entries are looked at; the others are NaN.
    """
    x = inputs[place]
    found = torch.full_like(x, float("nan"))
    flat = found.view(-1)
    generator = torch.Generator().manual_seed(0)
    for entry in torch.randperm(x.numel(), generator=generator)[:60].tolist():
        ends = []
        for way in (width, -width):
            moved = [y.clone() for y in inputs]
            moved[place].view(-1)[entry] += way
            for other in case.predictions:  # a gradient penalty differentiates inside
                moved[other] = moved[other].detach().requires_grad_()
            ends.append(case.call(moved).number)
        if ends[0] is None or ends[1] is None:
            return None
        flat[entry] = (ends[0] - ends[1]) / (2.0 * width)
    return found


def numbers(case: Case, batches: Iterable[Inputs]) -> list[float] | None:
    """Return the value of each batch, or None if one is not a finite number."""
    found = []
    for inputs in batches:
        value = case.number(inputs)
        if value is None or not is_finite(value):
            return None
        found.append(value)
    return found


def floor(case: Case) -> float | None:
    """Return the promised lower bound, if there is one."""
    bound = case.claims.get("lower_bound")
    return float(bound) if isinstance(bound, (int, float)) and not isinstance(bound, bool) else None


def scale(case: Case) -> float:
    """Return the size of ordinary values: what differences are small against."""
    numbers = [case.number(inputs) for inputs in case.ordinary]
    return max([abs(n) for n in numbers if n is not None and is_finite(n)] or [1.0])
