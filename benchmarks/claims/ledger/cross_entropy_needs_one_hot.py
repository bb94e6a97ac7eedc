"""Cross-entropy needs one-hot targets.

Said because the formula sums y·log p over the classes; some then encode millions of indices.

Shown false if class indices give the same loss and gradient, and soft targets a sensible minimum.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact


def measure() -> Sequence[Figure]:
    """Compare value and gradient with indices; and descend towards soft targets."""
    y = sets.digits().y[:500]
    z = torch.randn(500, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64, requires_grad=True)
    of_index = functional.cross_entropy(z, y)
    of_one_hot = -(functional.one_hot(y, 10) * z.log_softmax(-1)).sum(-1).mean()
    slopes = [torch.autograd.grad(loss, z)[0] for loss in (of_index, of_one_hot)]
    gap = max(float((of_index - of_one_hot).abs().detach()), float((slopes[0] - slopes[1]).abs().max()))
    return [
        exact("one has class indices", gap, "largest difference of value and gradient from one-hot"),
        exact("one has shares of each class", _of_shares(), "largest distance of the trained softmax from the shares"),
    ]


def _of_shares() -> float:
    """Return how far the minimiser's softmax is from targets that are shares."""
    shares = torch.rand(50, 10, generator=torch.Generator().manual_seed(1), dtype=torch.float64) + 0.1
    shares /= shares.sum(-1, keepdim=True)
    z = torch.zeros_like(shares, requires_grad=True)
    optimiser = torch.optim.LBFGS([z], max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-14)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = functional.cross_entropy(z, shares)
        loss.backward()
        return loss

    optimiser.step(closure)
    return float((z.detach().softmax(-1) - shares).abs().max())


CLAIM = Claim(
    measure,
    effect="what goes wrong without one-hot targets: largest difference from what should be",
    rule=Rule(low=1e-4),
    instead="Give the class index: same value, same gradient, far less memory. Shares work too, from several "
    "annotators or a teacher: the minimum is at the shares.",
)
