"""Distances of all pairs of a batch, in memory for n² numbers and not n²·d."""

from typing import Any

import torch
from torch import Tensor

from lossmith.kernels.precision import wide


def distances(x: Tensor) -> Tensor:
    """Return the Euclidean distances of all pairs of rows, (n, n).

    Where two rows are equal all derivatives are 0, as those of `length`.
    """
    given = wide(x)
    centred = given - given.detach().mean(-2, keepdim=True)  # distances stay, and slopes lose fewer digits
    found: Tensor = _Distances.apply(centred)  # type: ignore[no-untyped-call]
    return found.to(x.dtype)


def plain_distances(x: Tensor) -> Tensor:
    """Return what `distances` does, where no derivative is wanted.

    They are taken by differences: products would lose the digits that tell near neighbours apart.
    """
    return torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")


class _Distances(torch.autograd.Function):
    """The slope by two products: the n²·d differences are never kept."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return plain_distances(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:
        (slope,) = slopes
        x, distance = ctx.saved_tensors
        apart = distance > 0
        pull = torch.where(apart, (slope + slope.mT) / torch.where(apart, distance, 1.0), 0.0)
        found: Tensor = pull.sum(-1, keepdim=True) * x - pull @ x
        return found
