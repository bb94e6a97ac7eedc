"""Losses of a row written out, for experiments where the loss itself is not in question."""

from torch import Tensor
from torch.nn import functional

from benchmarks.claims.networks import Loss


def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    """Binary cross-entropy of single logits (k, n, 1) against 0 or 1 (k, n)."""
    return functional.binary_cross_entropy_with_logits(z[..., 0], y.to(z.dtype), reduction="none")


def squared(z: Tensor, y: Tensor) -> Tensor:
    """Squared error of single outputs (k, n, 1) against numbers (k, n)."""
    return (z[..., 0] - y).square()


def brier(z: Tensor, y: Tensor) -> Tensor:
    """Squared error of the sigmoid of single logits (k, n, 1) against 0 or 1 (k, n)."""
    return (z[..., 0].sigmoid() - y.to(z.dtype)).square()


def times(loss: Loss, factor: float) -> Loss:
    """Return the same loss, multiplied."""
    return lambda z, *y: factor * loss(z, *y)
