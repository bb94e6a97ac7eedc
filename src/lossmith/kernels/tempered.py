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
    k = temperature - 1.0
    below = k * (input.amax(-1, keepdim=True) - input)  # from 0 up
    level, fixed = torch.zeros_like(below[..., :1]), below.detach()
    for _ in range(3 + math.ceil(k)):  # with the two below 12 digits, for 2 to 100 000 classes and t up to 4
        level = _newton(fixed, level, k)
    # At the solution Newton's steps move nothing; they carry the derivatives: one step the first, two the second.
    for _ in range(2):
        level = _newton(below, level, k)
    return torch.log1p(level + below) * (-1.0 / k)


def _newton(below: Tensor, level: Tensor, k: float) -> Tensor:
    """One step towards S = Σ p = 1 for the level above the largest input.

    Both are times k. S^−k is a power mean of straight lines in the level: straight where all classes are alike or one
    rules, and concave between, so that steps from the left never go beyond.
    """
    over = level + below
    p = torch.exp(torch.log1p(over) * (-1.0 / k))
    total, fall = p.sum(-1, keepdim=True), (p / (1.0 + over)).sum(-1, keepdim=True)  # dS/dλ = -Σ p^t
    return level + total * torch.expm1(k * total.log()) / fall
