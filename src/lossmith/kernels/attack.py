"""Steps of an attack on a classifier, which leave the model as they found it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from lossmith.kernels.divergence import softened_divergence

Model = Callable[[Tensor], Tensor]


@contextmanager
def undisturbed(model: Model) -> Iterator[None]:
    """Look at a model in evaluation mode, then put every part back into its own.

    Batch statistics must not learn from the attack's steps, and dropout would blur the direction.
    """
    modes = {part: part.training for part in model.modules()} if isinstance(model, torch.nn.Module) else {}
    try:
        for part in modes:
            part.training = False
        with torch.enable_grad():
            yield
    finally:
        for part, mode in modes.items():
            part.training = mode


def ascent(model: Model, point: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cross-entropy at a point, and the sign of its gradient there."""
    point = point.detach().requires_grad_()
    values = torch.nn.functional.cross_entropy(model(point), target, reduction="none")
    # By `autograd.grad`: the gradients that the model's parameters hold stay as they are.
    (gradient,) = torch.autograd.grad(values.sum(), point)
    return values.detach(), gradient.sign()


def held(point: Tensor, input: Tensor, epsilon: float, low: float, high: float) -> Tensor:
    """Put a point back into the range of inputs, and within `epsilon` of the example."""
    point = point.clamp(low, high)
    return torch.minimum(torch.maximum(point, input - epsilon), input + epsilon).detach()


def worst_met(
    model: Model,
    input: Tensor,
    target: Tensor,
    epsilon: float,
    steps: int,
    step_size: float,
    low: float,
    high: float,
) -> Tensor:
    """Walk uphill inside the box around each example; keep the worst point of each."""
    worst, point = input.detach(), input.detach()
    highest, uphill = ascent(model, point, target)
    for _ in range(int(steps)):
        point = held(point + step_size * uphill, input, epsilon, low, high)
        values, uphill = ascent(model, point, target)
        higher = (values > highest).reshape(-1, *[1] * (input.ndim - 1))
        worst, highest = torch.where(higher, point, worst), torch.maximum(values, highest)
    return worst


def away(model: Model, logits: Tensor, point: Tensor) -> Tensor:
    """Gradient, in the point, of how far the model's answer there is from `logits`."""
    point = point.detach().requires_grad_()
    apart = softened_divergence(logits, model(point))
    (gradient,) = torch.autograd.grad(apart.sum(), point)
    return gradient
