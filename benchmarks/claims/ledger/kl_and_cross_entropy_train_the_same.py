"""KL divergence and cross-entropy train the same model.

Said because they differ by the entropy of the target.

Shown false by a gradient that differs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.claims.claim import Claim, Figure, Rule, exact


def measure() -> Sequence[Figure]:
    """Compare gradients on drawn logits: of the prediction, and of a target that learns too."""
    generator = torch.Generator().manual_seed(0)
    z, t = (torch.randn(200, 5, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(2))
    p, q = t.log_softmax(-1), z.log_softmax(-1)
    entropy, forward, backward = -(p.exp() * q).sum(), _kl(p, q), _kl(q, p)
    return [
        exact("the target is fixed and comes first, KL(target ‖ prediction)", _gap(forward, entropy, z)),
        exact("the target is fixed and comes second, KL(prediction ‖ target)", _gap(backward, entropy, z)),
        exact("the target learns too, as a teacher or a prior", _gap(forward, entropy, t)),
    ]


def _kl(p: Tensor, q: Tensor) -> Tensor:
    return (p.exp() * (p - q)).sum()


def _gap(first: Tensor, second: Tensor, wrt: Tensor) -> float:
    a, b = (torch.autograd.grad(loss, wrt, retain_graph=True)[0] for loss in (first, second))
    return float((a - b).abs().max())


CLAIM = Claim(
    measure,
    effect="largest difference of the two gradients",
    rule=Rule(high=1e-9),
    instead="True for fixed targets in KL(target ‖ prediction), though the values differ by the target's entropy. The "
    "other direction prefers to be sure of one mode; a target that learns must be detached or be meant.",
)
