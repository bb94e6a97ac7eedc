"""Alike pairs up, unlike pairs down, the further off the harder they count.

Reach for it when a batch holds several examples of each of several classes: every pair counts, by itself and by how it
stands among the others.
Avoid it without tuning: three numbers matter, and those of the paper are for birds and cars.
"""

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


def multi_similarity_loss(
    embeddings: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    *,
    alpha: float = 2.0,
    beta: float = 50.0,
    base: float = 0.5,
) -> Float[Tensor, ""]:
    """Multi-similarity loss of a batch, of all its pairs.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: its class; examples of one class are alike.
        alpha: what cosines of alike pairs are multiplied by; above 0.
        beta: the same for the others; large ones look at the nearest only; above 0.
        base: cosine that alike pairs should exceed and the others stay below; from −1 to 1.

    Returns:
        Mean over examples of log(1 + Σ exp(−alpha·(cos − base)))/alpha over the alike, plus log(1 + Σ exp(beta·(cos −
        base)))/beta over the others; from 0 up. It needs memory for n² numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Wang, Han, Huang, Dong and Scott (2019), equation 15, without its mining.

    Example:
        >>> import torch
        >>> embeddings = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
        >>> multi_similarity_loss(embeddings, torch.tensor([0, 0, 1]), alpha=1.0, beta=1.0, base=0.0)
        tensor(1.0371)
    """
    expect.labelled(embeddings, labels)
    rows = directions(embeddings)
    beyond = rows @ rows.T - base
    alike, apart = alike_and_others(labels)
    pull = log1p_exp(log_sum_exp(-alpha * beyond, alike)) / alpha
    push = log1p_exp(log_sum_exp(beta * beyond, apart)) / beta
    return (pull + push).sum() / max(len(labels), 1)


class MultiSimilarityLoss(Criterion):
    """`multi_similarity_loss`, of a batch; no mask, no weights."""

    function = staticmethod(multi_similarity_loss)


CARD = Card(
    module=MultiSimilarityLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1n \sum_i \tfrac1\alpha \log\Big(1 + \sum_{P_i} e^{-\alpha (s_{ik} - \lambda)}\Big) + "
    r"\tfrac1\beta \log\Big(1 + \sum_{N_i} e^{\beta (s_{ik} - \lambda)}\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(
            at={"beta": 2.0}, wrt="embeddings", note="at a row of zeros, whose direction is undefined"
        ),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"alpha": POSITIVE, "beta": POSITIVE, "base": Interval(-1.0, 1.0)},
    search={
        "alpha": Interval(0.5, 20.0, log=True),
        "beta": Interval(2.0, 80.0, log=True),
        "base": Interval(0.0, 1.0),
    },
    references=(
        Reference(
            "Wang, Han, Huang, Dong and Scott",
            "Multi-similarity loss with general pair weighting for deep metric learning",
            2019,
            "CVPR, arXiv:1904.06627",
        ),
    ),
    equivalents=(Equivalent("pytorch-metric-learning", "losses.MultiSimilarityLoss"),),
    mistakes=(
        "The paper's method is this and its mining of pairs within 0.1 of the hardest of the other kind: say which.",
        "A batch drawn at random from many classes has next to no alike pairs: draw classes, then examples of each.",
        "Base 0.5 with embeddings that start out all alike makes every other pair cost: begin with base near 1.",
    ),
    relatives={
        "circle_loss": "weights that follow how far each pair has to go",
        "proxy_anchor_loss": "learned proxies in place of examples",
        "lifted_structure_loss": "distances, and pairs of negatives",
    },
)
