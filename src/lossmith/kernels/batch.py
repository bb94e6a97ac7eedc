"""Means over parts of a batch, for losses that have one value for all of it."""

import torch
from torch import Tensor


def mean_where(values: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean of values; 0 where all weights are 0."""
    total = weight.sum()
    return (weight * values).sum() / torch.where(total > 0, total, torch.ones_like(total))


def worst_first(values: Tensor) -> Tensor:
    """Return the values in falling order, as one vector."""
    return values.flatten().sort(descending=True).values
