"""Logarithm and softmax at a temperature other than 1 (Tsallis statistics)."""

import math

import torch
from torch import Tensor


def tempered_log(log_x: Tensor, temperature: float) -> Tensor:
    """Return (x^(1−t) − 1)/(1 − t), or log x at t = 1, of x given by its logarithm."""
    power = 1.0 - temperature
    return log_x if power == 0.0 else torch.expm1(power * log_x) / power


def log_tempered_softmax(input: Tensor, temperature: float) -> Tensor:
    """Return log p over the last dimension.

    There p_k = (1 + (t − 1)(λ − input_k))^(−1/(t−1)), with λ such that Σ p = 1. `temperature` is t, from 1 up: 1 is the
    softmax, above it far classes keep more probability.
    """
    if temperature == 1.0:
        return input.log_softmax(-1)
    below = input.amax(-1, keepdim=True) - input  # from 0 up
    level = _level(below.detach(), temperature - 1.0)
    # At the solution Newton's steps move nothing; they carry the derivatives: one step the first, two the second.
    for _ in range(2):
        level = _newton(below, level, temperature - 1.0)
    return _log_p(below, level, temperature - 1.0)


def _log_p(below: Tensor, level: Tensor, k: float) -> Tensor:
    return -torch.log1p(k * (level + below)) / k


def _newton(below: Tensor, level: Tensor, k: float) -> Tensor:
    """One step towards Σ p = 1; from the left, as Σ p is convex, never beyond."""
    log_p = _log_p(below, level, k)
    p = log_p.exp()
    slope = -(p * torch.exp(k * log_p)).sum(-1, keepdim=True)  # dp/dλ = -p^t
    return level - (p.sum(-1, keepdim=True) - 1.0) / slope


def _level(below: Tensor, k: float) -> Tensor:
    """Solve Σ p = 1 for how far the level lies above the largest input."""
    # With c equal classes a step multiplies 1 + k·level by at most 1 + k, and the solution is at c^k.
    steps = 8 + math.ceil(k * math.log(max(below.shape[-1], 1)) / math.log1p(k))
    level = torch.zeros_like(below[..., :1])
    for _ in range(steps):
        level = _newton(below, level, k)
    return level
