"""Distances of all pairs of a batch, in memory for n² numbers and not n²·d."""

from typing import Any

import torch
from torch import Tensor


def distances(x: Tensor) -> Tensor:
    """Return the Euclidean distances of all pairs of rows, (n, n).

    They are taken by differences: products would lose the digits that tell near neighbours apart. Where two rows are
    equal all derivatives are 0, as those of `length`.
    """
    wide = x if x.dtype == torch.float64 else x.float()
    centred = wide - wide.detach().mean(-2, keepdim=True)  # distances stay, and slopes lose fewer digits
    found: Tensor = _Distances.apply(centred)  # type: ignore[no-untyped-call]
    return found.to(x.dtype)


class _Distances(torch.autograd.Function):
    """The slope by two products: the n²·d differences are never kept."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")

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
