"""Euclidean length of vectors, with derivatives of every order where it is 0."""

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
