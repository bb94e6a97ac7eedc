"""A step of training that can itself be differentiated, in the loss's weights."""

from collections.abc import Mapping

import torch
from torch import Tensor


def after_a_step(
    model: torch.nn.Module,
    loss: torch.nn.Module,
    input: Tensor,
    target: Tensor,
    *,
    rate: float = 0.1,
    parameters: Mapping[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """Return what a model's parameters are after a step of gradient descent.

    The model itself stays as it is. A gradient passes through the step to the loss's own weights, so that a learned
    loss is taught by what comes of it.

    Args:
        model: the network that learns.
        loss: what it minimises, of (prediction, target): one number.
        input: what the model is given.
        target: what the loss compares with.
        rate: of the step.
        parameters: where to start, as an earlier step returned them; the model's own by default.

    Returns:
        The new parameters by name, for `torch.func.functional_call(model, parameters, (input,))`.

    Example:
        >>> from lossmith.losses import SquaredErrorLoss
        >>> model = torch.nn.Linear(1, 1, bias=False)
        >>> _ = torch.nn.init.zeros_(model.weight)
        >>> moved = after_a_step(model, SquaredErrorLoss(), torch.ones(1, 1), torch.ones(1, 1), rate=0.25)
        >>> moved["weight"].item(), model.weight.item()
        (0.5, 0.0)
    """
    start: dict[str, Tensor] = dict(parameters or model.named_parameters())
    value = loss(torch.func.functional_call(model, start, (input,)), target)
    slopes = torch.autograd.grad(value, list(start.values()), create_graph=True)
    return {name: at - rate * slope for (name, at), slope in zip(start.items(), slopes, strict=True)}
