"""The usual ways to train, as arms of a comparison: catalogue losses applied to raw outputs."""

from typing import Any

import torch
from torch import Tensor

import lossmith
from benchmarks.claims.compare import Arm


def of_number(name: str, **hyperparameters: Any) -> Arm:
    """A loss of a number: the output is the prediction."""
    loss = lossmith.load(name, reduction="none", **hyperparameters)
    return Arm(lambda z, y: loss(z[..., 0], y))


def of_class(name: str, classes: int, **hyperparameters: Any) -> Arm:
    """A loss of logits against the number of the class, read by a softmax."""
    loss = lossmith.load(name, reduction="none", **hyperparameters)
    return Arm(lambda z, y: _rowwise(loss, z, y), classes, lambda z: z.softmax(-1))


def of_positive(name: str, **hyperparameters: Any) -> Arm:
    """A loss of one logit against 0 or 1, read by a sigmoid."""
    loss = lossmith.load(name, reduction="none", **hyperparameters)
    return Arm(lambda z, y: loss(z[..., 0], y.to(z.dtype)), 1, lambda z: z[..., 0].sigmoid())


def _rowwise(loss: Any, z: Tensor, y: Tensor) -> Tensor:
    return torch.as_tensor(loss(z.flatten(0, 1), y.flatten())).view(y.shape)
