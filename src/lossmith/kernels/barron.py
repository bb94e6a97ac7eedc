"""Barron's general robust loss and the logarithm of its normalising constant.

The textbook formula divides 0 by 0 at α = 2 and α = 0, and overflows beside them. The forms here are the same formula,
each used where nothing cancels, so that value and derivatives, in α too, are right up to those points.
"""

import math

import torch
from torch import Tensor

STEP, NODES = 0.15, 260
"""Trapezoid rule over u ≥ 0: exact to rounding, since the integrand is analytic and small up to |Im u| = π/4."""
SERIES = 0.02
"""Below this the series of (eᵗ − 1)/t is used: six terms are exact to rounding in float64."""


def general(z: Tensor, alpha: Tensor, log_short: Tensor) -> Tensor:
    """Return ρ of squared scaled errors.

    Args:
        z: (r/c)², from 0 up.
        alpha: shape, a tensor without dimensions, above −∞ and below 2.
        log_short: log(2 − alpha), handed in because the difference loses digits near 2.

    Returns:
        (b/α)·((z/b + 1)^(α/2) − 1) with b = 2 − alpha, in the shape of z.
    """
    short = log_short.exp()
    log = torch.log1p(z * torch.exp(-log_short))
    steep = alpha >= 1.0
    # Where steep, the power is z/b + 1 but for a factor near 1: what cancels is taken out before it is large. Each form
    # sees a harmless alpha where it is not used, so that no gradient is 0 times inf.
    power = torch.where(steep, alpha, torch.ones_like(alpha))
    lost = -0.5 * short * log
    near_two = (z * torch.exp(lost) + short * expm1(lost)) / power
    small = torch.where(steep, torch.zeros_like(alpha), alpha)
    return torch.where(steep, near_two, short * grown(0.5 * log, small))


def grown(t: Tensor, rate: Tensor) -> Tensor:
    """Return (e^(rate·t) − 1)/rate, and t at rate 0."""
    near = (rate * t).abs() < SERIES
    small, x = torch.where(near, rate * t, torch.zeros_like(t)), torch.where(near, torch.zeros_like(t), t)
    divisor = torch.where(near, torch.ones_like(t), rate)
    series = torch.ones_like(t)
    for k in range(6, 1, -1):
        series = 1.0 + small / k * series
    return torch.where(near, t * series, expm1(rate * x) / divisor)


def log_partition(alpha: Tensor, log_short: Tensor) -> Tensor:
    """Return log ∫ exp(−ρ(x, α)) dx for 0 < α < 2, differentiable in both arguments.

    With x = √b·sinh u the power becomes cosh u to the α: the integrand has no singularity near the real axis, and the
    trapezoid rule converges exponentially.
    """
    u = STEP * torch.arange(NODES, dtype=alpha.dtype, device=alpha.device)
    log_cosh = u + torch.log1p(torch.exp(-2.0 * u)) - math.log(2.0)
    weight = torch.full_like(u, math.log(2.0 * STEP))
    weight[0] = math.log(STEP)
    return 0.5 * log_short + torch.logsumexp(weight + log_cosh - log_short.exp() * grown(log_cosh, alpha), dim=0)


def expm1(t: Tensor) -> Tensor:
    """Return eᵗ − 1, with its gradient.

    The gradient of torch's own is taken from the rounded result: 0 from t = −17 on in float32.
    """
    deep = t < -1.0
    low, high = torch.where(deep, t, torch.zeros_like(t)), torch.where(deep, torch.zeros_like(t), t)
    return torch.where(deep, low.exp() - 1.0, torch.expm1(high))
