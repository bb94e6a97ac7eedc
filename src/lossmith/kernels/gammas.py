"""Quotients of gamma functions, where the plain difference of logarithms cancels."""

import math

import torch
from torch import Tensor

LARGE = 16.0
"""From here on four terms of Stirling's series are exact to rounding in float64."""


def log_rising(x: Tensor, step: Tensor | float) -> Tensor:
    """Return log Γ(x + step) − log Γ(x), for x above 0 and a step from 0 up.

    At x = 1e9 either logarithm is 2e10, of which float32 keeps no digit behind the point. What is left of Stirling's
    formula once both are subtracted has nothing that cancels.
    """
    log_ratio = torch.log1p(step / x)
    return (x - 0.5) * log_ratio + step * torch.log(x + step) - step + _stirling_rest(x + step) - _stirling_rest(x)


def _stirling_rest(x: Tensor) -> Tensor:
    """Return log Γ(x) less (x − ½)·log x − x + ½·log 2π."""
    large = x > LARGE
    far, near = torch.where(large, x, LARGE), torch.where(large, LARGE, x)
    inverse = 1.0 / far
    square = inverse.square()
    series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
    direct = torch.lgamma(near) - ((near - 0.5) * near.log() - near + 0.5 * math.log(2.0 * math.pi))
    return torch.where(large, series, direct)
