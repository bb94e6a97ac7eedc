"""Sums that run along a row, kept as logarithms."""

import torch
from torch import Tensor


def running_logsumexp(x: Tensor) -> Tensor:
    """Return log(exp x_0 + … + exp x_i) for every i of a vector.

    Each of log n passes adds what lies twice as far back. torch's `logcumsumexp` has one pass, and NaN for second
    derivatives.
    """
    back = 1
    while back < len(x):
        x = torch.cat([x[:back], torch.logaddexp(x[back:], x[:-back])])
        back *= 2
    return x
