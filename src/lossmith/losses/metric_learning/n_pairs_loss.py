"""Softmax over products: which positive belongs to this anchor; a pair per class.

Reach for it when each class of a batch gives one pair: every other pair's positive is a negative for free.
Avoid it where embeddings may grow, since products do too: add `l2_penalty_loss` of them, or compare angles with
`nt_xent_loss`.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    Card,
    Equivalent,
    Fails,
    Holds,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import Embedding


def n_pairs_loss(anchor: Float[Tensor, "n d"], positive: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """Multi-class N-pair loss of a batch.

    Args:
        anchor: embeddings, one row per pair; no two pairs of one class.
        positive: embeddings of something alike, in the same order.

    Returns:
        Mean over anchors of log(1 + Σ exp(anchor·other − anchor·own)) over the other pairs' positives; from 0 up, and
        log n where all products are alike.

    Raises:
        ValueError: shapes differ.

    Source:
        Sohn (2016), without its penalty on the length of embeddings.

    Example:
        >>> import torch
        >>> anchor, positive = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
        >>> n_pairs_loss(anchor, positive)
        tensor(0.2201)
    """
    expect.same_shape(anchor=anchor, positive=positive)
    product = anchor @ positive.T
    return (product.logsumexp(-1) - product.diagonal()).sum() / max(len(anchor), 1)


class NPairsLoss(Criterion):
    """`n_pairs_loss`, of a batch; no mask, no weights."""

    function = staticmethod(n_pairs_loss)


CARD = Card(
    module=NPairsLoss,
    unit="batch",
    inputs={"anchor": Embedding("n d"), "positive": Embedding("n d")},
    formula=r"\frac1n \sum_i \log\Big(1 + \sum_{j \ne i} e^{a_i \cdot p_j - a_i \cdot p_i}\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="anchor"),
        "convex": Holds(wrt="anchor", note="and in the positives, but not in both together"),
        "differentiable": Holds(wrt="anchor"),
        "smooth": Holds(wrt="anchor"),
        "bounded_gradient": Fails(wrt="anchor", note="it is a difference of positives, of any length"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="anchor"),
        "fullgraph": Holds(wrt="anchor"),
        "twice_differentiable": Holds(wrt="anchor"),
    },
    also_known_as=("multi-class N-pair loss", "multiple negatives ranking loss"),
    references=(
        Reference("Sohn", "Improved deep metric learning with multi-class N-pair loss objective", 2016, "NeurIPS"),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning", "losses.NPairsLoss", "takes embeddings and labels, and picks a pair per class"
        ),
        Equivalent(
            "sentence-transformers", "losses.MultipleNegativesRankingLoss", "cosines times 20 in place of products"
        ),
    ),
    mistakes=(
        "Two pairs of one class push each other's positive away: draw one pair per class.",
        "Scaling embeddings to length 1 bounds products by 1, and the loss from below: then divide by a temperature.",
        "Anchors alone see negatives among positives: average it with the two swapped where both sides matter.",
    ),
    relatives={
        "nt_xent_loss": "angles over a temperature, with anchors as negatives too",
        "clip_loss": "angles, in both directions, with a learned temperature",
        "triplet_margin_loss": "one negative at a time, with a margin",
    },
)
