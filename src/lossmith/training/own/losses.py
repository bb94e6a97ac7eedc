"""A loss of the user's own: any callable of (input, target) that gives a tensor."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lossmith import registry
from lossmith.compose import WithPenalty
from lossmith.training.arm import OwnLoss


def own_losses(losses: Sequence[Any]) -> tuple[tuple[str, ...], dict[str, OwnLoss]]:
    """Sort what the user named into losses of the catalogue and losses of their own.

    Args:
        losses: names, callables, or pairs of a name and a callable.

    Returns:
        The names, and the callables by name: that of the function, or of the module's class.

    Raises:
        TypeError: something is none of these.
        ValueError: a name is taken, or there is none.

    Example:
        >>> own_losses(["mae", torch.nn.MSELoss()])
        (('mae',), {'MSELoss': MSELoss()})
    """
    names = tuple(loss for loss in losses if isinstance(loss, str))
    own: dict[str, OwnLoss] = {}
    for loss in losses:
        if isinstance(loss, str):
            continue
        name, function = loss if isinstance(loss, tuple) and len(loss) == 2 else (_name(loss), loss)
        if not callable(function) or not isinstance(name, str):
            raise TypeError(
                f"A loss should be a name or a callable of (input, target). Found {type(loss).__name__}. Try "
                "`('my_loss', function)`."
            )
        if isinstance(function, torch.nn.Module) and any(isinstance(p, WithPenalty) for p in function.modules()):
            raise ValueError(
                "A loss should be of (input, target) alone, since copies of the model are trained. Found a penalty of "
                "one model. Try the loss without it: training decays weights by itself."
            )
        if name in own or name in registry.index()["losses"] or not name.replace("_", "").isalnum():
            raise ValueError(
                f"A loss of your own should have a name of its own, of letters, digits and _. Found {name!r}. Try "
                "`('my_loss', function)`."
            )
        own[name] = function
    return names, own


def try_loss(name: str, loss: OwnLoss, output: Tensor, target: Tensor) -> None:
    """Try a loss of the user's own on one batch.

    Args:
        name: how to call it in errors.
        loss: the callable.
        output: as the loss will see it: logits (n, classes), a logit (n,), or a prediction (n,).
        target: class numbers (n,), 0.0 or 1.0 (n,), or values (n,).

    Raises:
        ValueError: it raises, or gives no number to descend along.
    """
    seen = output.detach().clone().requires_grad_()
    shapes = f"input {tuple(seen.shape)} and target {tuple(target.shape)} {str(target.dtype).removeprefix('torch.')}"
    try:
        value = loss(seen, target)
    except Exception as error:
        told = (str(error) or type(error).__name__).split("\n")[0]
        raise ValueError(f"The loss {name!r} should take {shapes}. Found {type(error).__name__}: {told}.") from error
    if not isinstance(value, Tensor) or value.shape not in ((), (len(seen),)):
        found = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise ValueError(
            f"The loss {name!r} should give one number, or one per example, for {shapes}. Found {found}. Try "
            "an instance rather than a class, and a mean over the rest."
        )
    gradient = torch.autograd.grad(value.sum(), seen, allow_unused=True)[0] if value.requires_grad else None
    if gradient is None or not bool(torch.isfinite(value.detach()).all() and torch.isfinite(gradient).all()):
        found = "no gradient" if gradient is None else "a value or a gradient that is not finite"
        raise ValueError(f"The loss {name!r} should give finite numbers with a gradient. Found {found} for {shapes}.")


def on_device(own: Mapping[str, OwnLoss], device: torch.device) -> dict[str, OwnLoss]:
    """Return the losses with their buffers on the device.

    Modules are copied: a schedule's step and what a loss has learned begin anew with each training.
    """
    copies = {name: copy.deepcopy(loss) for name, loss in own.items() if isinstance(loss, torch.nn.Module)}
    return {**own, **{name: loss.to(device) for name, loss in copies.items()}}


def _name(loss: Any) -> str:
    return str(getattr(loss, "__name__", type(loss).__name__))
