"""Sparse siblings of the softmax: classes far behind have a probability of 0.

Which classes get more than 0 is found by sorting; given that, the map is a closed form, which autograd differentiates
to every order. No bisection, no tolerance.
"""

import torch
from torch import Tensor

from lossmith.kernels.precision import wide


def sparsemax(scores: Tensor) -> Tensor:
    """Return the point of the simplex that is nearest to each row of scores.

    Source:
        Martins and Astudillo (2016), algorithm 1.

    Example:
        >>> sparsemax(torch.tensor([[0.5, 0.0, -2.0]]))
        tensor([[0.7500, 0.2500, 0.0000]])
    """
    x = from_the_top(scores)
    ordered = x.detach().sort(-1, descending=True).values
    rank = torch.arange(1, x.shape[-1] + 1, device=x.device, dtype=x.dtype)
    kept = ordered > (ordered.cumsum(-1) - 1.0) / rank
    inside = x >= _last(ordered, kept)
    threshold = (torch.where(inside, x, 0.0).sum(-1, keepdim=True) - 1.0) / inside.sum(-1, keepdim=True)
    return torch.where(inside, x - threshold, 0.0).clamp(min=0.0).to(scores.dtype)


def entmax15(scores: Tensor) -> Tensor:
    """Return the 1.5-entmax of each row: between softmax and sparsemax.

    Source:
        Peters, Niculae and Martins (2019), algorithm 2.

    Example:
        >>> entmax15(torch.tensor([[0.0, 0.0, -9.0]]))
        tensor([[0.5000, 0.5000, 0.0000]])
    """
    x = from_the_top(scores) / 2.0
    ordered = x.detach().sort(-1, descending=True).values
    rank = torch.arange(1, x.shape[-1] + 1, device=x.device, dtype=x.dtype)
    mean = ordered.cumsum(-1) / rank
    spread = ordered.square().cumsum(-1) - rank * mean.square()
    threshold = mean - ((1.0 - spread) / rank).clamp(min=0.0).sqrt()
    inside = x >= _last(ordered, (ordered >= threshold) & (spread < 1.0))
    count = inside.sum(-1, keepdim=True)
    mean = torch.where(inside, x, 0.0).sum(-1, keepdim=True) / count
    off = torch.where(inside, x - mean, 0.0)
    # The root is of count^-3 at least wherever the set is right: it has a slope.
    threshold = mean - ((1.0 - off.square().sum(-1, keepdim=True)) / count).sqrt()
    return torch.where(inside, x - threshold, 0.0).clamp(min=0.0).square().to(scores.dtype)


def from_the_top(scores: Tensor) -> Tensor:
    """Subtract each row's largest score, which changes no probability.

    Half precision is widened: sums over its scores lose their digits.

    Example:
        >>> from_the_top(torch.tensor([[3.0, 1.0]]))
        tensor([[ 0., -2.]])
    """
    x = wide(scores)
    return x - x.detach().amax(-1, keepdim=True)


def _last(ordered: Tensor, kept: Tensor) -> Tensor:
    """Return the least of each row's scores that are kept."""
    return torch.where(kept, ordered, torch.inf).amin(-1, keepdim=True)
