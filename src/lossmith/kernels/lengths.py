"""Euclidean length and direction of vectors, with derivatives where it is 0."""

import torch
from torch import Tensor


def length(x: Tensor) -> Tensor:
    """Return the length of the vectors along the last dimension.

    At the zero vector, where the slope is a direction that does not exist, all derivatives are 0: torch's norm has the
    first one so, and NaN for the second.
    """
    squared = x.square().sum(-1)
    some = squared > 0
    return torch.where(some, torch.where(some, squared, 1.0).sqrt(), 0.0)


def directions(x: Tensor) -> Tensor:
    """Scale the vectors along the last dimension to length 1.

    Zeros stay. Their gradient is that of a row of length 1, which leads them out; divided by an epsilon it is 1e12.
    """
    long = length(x).unsqueeze(-1)
    return x / torch.where(long > 0, long, 1.0)
