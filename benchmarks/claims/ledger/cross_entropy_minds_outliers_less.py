"""Cross-entropy is less sensitive to outliers than squared error.

Said in comparisons of losses, carried over from absolute against squared error.

Shown false if a surely wrong example pulls harder, relative to a usual one, under cross-entropy.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from benchmarks.claims import elementary
from benchmarks.claims.claim import Claim, Figure, Rule, exact

FAR = -8.0
"""Logit of an outlier: the label is 1, and the network is sure of 0."""


def measure() -> Sequence[Figure]:
    """Compare gradients in the logit: an outlier's over that of an undecided example."""
    return [_figure("squared error is taken of the raw score", elementary.squared),
            _figure("squared error is taken of the probability", elementary.brier)]  # fmt: skip


def _figure(situation: str, squared: Callable[[Tensor, Tensor], Tensor]) -> Figure:
    ours, theirs = _pull(elementary.cross_entropy), _pull(squared)
    note = f"an outlier pulls {ours:.3g} times a usual example under cross-entropy, {theirs:.3g} times under the other"
    return exact(situation, math.log10(theirs / ours), note)


def _pull(loss: Callable[[Tensor, Tensor], Tensor]) -> float:
    z = torch.tensor([[FAR], [0.0]], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss(z, torch.ones(2, dtype=torch.float64)).sum(), z)
    return float(gradient[0].abs() / gradient[1].abs())


CLAIM = Claim(
    measure,
    effect="by how many powers of ten an outlier's relative pull is smaller under cross-entropy",
    rule=Rule(low=0.0),
    instead="Say squared error of what. Of probabilities it is bounded, and a surely wrong example hardly pulls; "
    "cross-entropy pulls it with full strength for ever. Under wrong labels Brier's score is the calmer one.",
)
