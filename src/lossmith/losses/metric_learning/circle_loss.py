"""Pairs weighted by how far each still has to go, with a circle as the boundary.

Reach for it when alike and unlike pairs learn at different speeds: a similarity that is good already is left alone.
Avoid it where value and gradient must agree (line searches, second derivatives): the weights are held fixed on purpose.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding
from lossmith.kernels.lengths import directions
from lossmith.kernels.likeness import alike_and_others, log1p_exp, log_sum_exp


def circle_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, margin: float = 0.25, gamma: float = 80.0
) -> Float[Tensor, ""]:
    """Circle loss of a batch, of all its pairs.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: its class; examples of one class are alike.
        margin: alike pairs aim at a cosine of 1 + margin, the others at −margin; 0 to 1, and less is stricter.
        gamma: what the weighted cosines are multiplied by; above 0.

    Returns:
        Mean over the examples that have both kinds of log(1 + Σ exp(gamma·w·(cos − margin)) · Σ exp(−gamma·v·(cos − 1 +
        margin))), over unlike and alike, with weights w = max(0, cos + margin) and v = max(0, 1 + margin − cos) through
        which no gradient flows; from 0 up, and 0 with a zero gradient where no example has both. It needs memory for n²
        numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Sun et al. (2020), equations 4 to 6.

    Example:
        >>> embeddings = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
        >>> circle_loss(embeddings, torch.tensor([0, 0, 1]), margin=0.5, gamma=1.0)
        tensor(0.4741)
    """
    expect.labelled(embeddings, labels)
    alike, apart = alike_and_others(labels)
    rows = directions(embeddings)
    cosine = rows @ rows.T
    weights = cosine.detach()
    far = torch.relu(1.0 + margin - weights) * (1.0 - margin - cosine)
    near = torch.relu(weights + margin) * (cosine - margin)
    each = log1p_exp(log_sum_exp(gamma * far, alike) + log_sum_exp(gamma * near, apart))
    both = alike.any(-1) & apart.any(-1)
    return each.masked_fill(~both, 0.0).sum() / both.sum().clamp(min=1)


def with_weights_held(embeddings: Tensor, labels: Tensor, *, margin: float = 0.25, gamma: float = 80.0) -> Tensor:
    """Slope with the weights held fixed: a softmax of each kind, times its weights."""
    x = embeddings.detach().requires_grad_()
    rows = directions(x)
    cosine = rows @ rows.T
    alike, apart = alike_and_others(labels)
    weight = torch.where(alike, 1.0 + margin - cosine, cosine + margin).clamp(min=0.0).detach()
    exponent = gamma * weight * torch.where(alike, 1.0 - margin - cosine, cosine - margin).detach()
    share = [exponent.masked_fill(~kind, -torch.inf).softmax(-1).nan_to_num() for kind in (alike, apart)]
    both = alike.any(-1) & apart.any(-1)
    total = log_sum_exp(exponent, alike) + log_sum_exp(exponent, apart)
    pull = (
        (torch.sigmoid(total) * both / both.sum().clamp(min=1)).unsqueeze(-1) * gamma * weight * (share[1] - share[0])
    )
    return torch.autograd.grad(cosine, x, pull)[0]


class CircleLoss(Criterion):
    """`circle_loss`, of a batch; no mask, no weights."""

    function = staticmethod(circle_loss)


CARD = Card(
    module=CircleLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\log\Big(1 + \sum_{j} e^{\gamma [s_n^j + m]_+ (s_n^j - m)} \sum_{i} e^{-\gamma [1 + m - s_p^i]_+ "
    r"(s_p^i - 1 + m)}\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(
            at={"gamma": 1.0}, wrt="embeddings", note="at a row of zeros, whose direction is undefined"
        ),
        "smooth": NotApplicable("its slope has no bound near a row of zeros, which no sample shows"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Fails(
            wrt="embeddings", note="the weights are held fixed, and missing from the second derivative"
        ),
    },
    parameters={"margin": Interval(0.0, 1.0), "gamma": POSITIVE},
    search={"margin": Interval(0.1, 0.5), "gamma": Interval(16.0, 256.0, log=True)},
    references=(
        Reference(
            "Sun et al.",
            "Circle loss: a unified perspective of pair similarity optimization",
            2020,
            "CVPR, arXiv:2002.10857",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.CircleLoss",
            "margin 0.4; averages over the examples whose value is not 0, where this counts all that have both kinds",
        ),
        Equivalent("keras", "losses.Circle", "labels first; margin 0.4; expects embeddings of length 1"),
    ),
    mistakes=(
        "With a gradient through the weights it is another loss, whose pull near the optimum is doubled: they are "
        "held.",
        "The paper's margin and gamma differ by task: 0.25 and 256 for faces, 0.25 and 128 for persons, 0.4 and 80 "
        "else.",
        "Half precision overflows in exp(gamma·…) taken by itself: sums of exponentials stay logarithms here.",
    ),
    relatives={
        "multi_similarity_loss": "the two kinds of pairs apart, and weights by their neighbours",
        "cosface_loss": "prototypes in place of examples, with one margin for all",
    },
    surrogate_gradient=with_weights_held,
)
