"""Parts of a batch, for losses that have one value for all of it."""

from typing import NamedTuple

import torch
from torch import Tensor


class Side(NamedTuple):
    """A weighted set of numbers: how much of it there is, its mean, its variance."""

    weight: Tensor
    mean: Tensor
    variance: Tensor


def side(values: Tensor, weight: Tensor) -> Side:
    """Describe values by their weight; mean and variance are 0 where there is none."""
    mean = mean_where(values, weight)
    return Side(weight.sum(), mean, mean_where((values - mean).square(), weight))


def mean_where(values: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean of values; 0 where all weights are 0."""
    total = weight.sum()
    return (weight * values).sum() / torch.where(total > 0, total, torch.ones_like(total))


def worst_first(values: Tensor) -> Tensor:
    """Return the values in falling order, as one vector."""
    return values.flatten().sort(descending=True).values
