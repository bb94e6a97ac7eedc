"""Binary cross-entropy from probabilities is as good as from logits.

Said because the formulas are equal on paper.

Shown false by a surely wrong prediction whose gradient is lost.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional

from benchmarks.claims.claim import Claim, Figure, Rule, exact


def measure() -> Sequence[Figure]:
    """Take the gradient of a wrong prediction through a sigmoid and torch's BCE, over that from the logit."""
    return [
        exact("a wrong prediction has a logit of 5, in float32", _share(5.0, torch.float32)),
        exact("a wrong prediction has a logit of 16, in float32", _share(16.0, torch.float32)),
        exact("a wrong prediction has a logit of 20, in float32", _share(20.0, torch.float32)),
        exact("a wrong prediction has a logit of 8, in bfloat16", _share(8.0, torch.bfloat16)),
    ]


def _share(logit: float, dtype: torch.dtype) -> float:
    x = torch.tensor([logit], dtype=dtype, requires_grad=True)
    target = torch.zeros(1, dtype=dtype)
    (through,) = torch.autograd.grad(functional.binary_cross_entropy(x.sigmoid(), target).sum(), x)
    (direct,) = torch.autograd.grad(functional.binary_cross_entropy_with_logits(x, target).sum(), x)
    return float(through / direct)


CLAIM = Claim(
    measure,
    effect="gradient through the probability over the true one: 1 is right",
    rule=Rule(low=0.99, high=1.01),
    instead="Near 1 a probability has no digits left: a surely wrong prediction gets no gradient, or a coarse one. "
    "Hand the loss logits, and apply the sigmoid only to read the result.",
)
