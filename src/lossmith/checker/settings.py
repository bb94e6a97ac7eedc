"""Hyperparameters of a loss under test, read and changed from outside."""

import inspect
from collections.abc import Callable, Set
from typing import Any

import torch

Loss = Callable[..., Any]


def known(loss: Loss, data: Set[str]) -> dict[str, Any]:
    """Return hyperparameters and their values.

    They are attributes of a module, or defaults of a function.

    Args:
        loss: the loss.
        data: names of what it takes as data.
    """
    if isinstance(loss, torch.nn.Module) or (
        not callable(getattr(loss, "__code__", None)) and hasattr(loss, "__dict__")
    ):
        kept = {k: v for k, v in vars(loss).items() if not k.startswith("_") and k != "training"}
        buffers = dict(getattr(loss, "_buffers", {}))
        if kept or buffers:
            return {**kept, **{k: v for k, v in buffers.items() if v is not None}}
    try:
        parameters = inspect.signature(loss).parameters
    except (TypeError, ValueError):
        return {}
    return {k: p.default for k, p in parameters.items() if p.default is not p.empty and k not in data}


def changed(loss: Loss, make: Callable[[], Loss], name: str, value: Any) -> Loss | None:
    """Return a loss with one hyperparameter changed, or None where it cannot be.

    Args:
        loss: the loss as it is.
        make: builds another like it.
        name: of a hyperparameter that it has.
        value: the new one.
    """
    if name not in vars(loss) and name not in getattr(loss, "_buffers", {}):
        return lambda *inputs: loss(*inputs, **{name: value})
    try:
        other = make()
        setattr(other, name, value)
    except Exception:  # a property without a setter, a factory that fails
        return None
    return other
