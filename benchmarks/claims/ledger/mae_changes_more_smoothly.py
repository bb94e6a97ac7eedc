"""Absolute error has a smoother gradient than squared error.

Said where "robust" and "smooth" are used as one word.

Shown false if the slope of absolute error jumps and that of squared error does not.
"""

from collections.abc import Sequence

import torch

import lossmith
from benchmarks.claims.claim import Claim, Figure, Rule, exact

NEAR = 1e-3


def measure() -> Sequence[Figure]:
    """Compare how far the slope changes across a tiny step, at the target and far from it."""
    return [
        exact("the prediction crosses the target", _change("squared_error_loss", 0.0) - _change(at=0.0)),
        exact("the prediction is away from the target", _change("squared_error_loss", 3.0) - _change(at=3.0)),
    ]


def _change(name: str = "absolute_error_loss", at: float = 0.0) -> float:
    """Return the change of the slope over a step of 0.002 around an error of `at`."""
    x = torch.tensor([at - NEAR, at + NEAR], dtype=torch.float64, requires_grad=True)
    loss = lossmith.load(name, reduction="sum")
    (slope,) = torch.autograd.grad(loss(x, torch.zeros_like(x)), x)
    return float((slope[1] - slope[0]).abs())


CLAIM = Claim(
    measure,
    effect="change of slope over a step of 0.002: squared error's less absolute error's",
    rule=Rule(low=0.0, always=True),
    instead="Absolute error's slope is constant, and flips from −1 to 1 at the target: a fixed learning rate then "
    "walks back and forth. Squared error's slope fades. Log-cosh and Huber are smooth and bounded.",
)
