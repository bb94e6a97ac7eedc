"""Log-odds that the more relevant of two items scores higher: a list's pairs.

Reach for it when lists are short to middling and every pair that is out of order matters alike.
Avoid it where only the top of a list is looked at: take `lambdarank_loss`; and for lists of thousands, since pairs grow
with the square.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import GRADES, NOTHING, POSITIVE, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Relevance, Scores
from lossmith.kernels.lists import counted


def ranknet_loss(
    scores: Float[Tensor, "n t"], relevance: Int[Tensor, "n t"] | Float[Tensor, "n t"], *, sigma: float = 1.0
) -> Float[Tensor, "n"]:
    """RankNet loss of each list.

    Args:
        scores: what the network says of each item, a row per list; the higher, the earlier it comes.
        relevance: grades, 0 for irrelevant; below 0 marks padding, which counts for nothing.
        sigma: what differences of scores are multiplied by; above 0.

    Returns:
        Mean over the list's pairs of different relevance of log(1 + exp(−sigma·(score of the more − score of the less
        relevant))); from 0 up, log 2 by chance, and 0 with a zero gradient where all are alike. It needs memory for
        n·t² numbers.

    Raises:
        ValueError: shapes differ, or are not (n, t).

    Source:
        Burges et al. (2005), equation 3, for pairs whose order is sure.

    Example:
        >>> ranknet_loss(torch.tensor([[2.0, 0.0, 5.0]]), torch.tensor([[1, 0, -1]]))
        tensor([0.1269])
    """
    expect.lists(scores=scores, relevance=relevance)
    there = counted(relevance)
    before = (relevance[:, :, None] > relevance[:, None]) & there[:, None]
    apart = (scores[:, :, None] - scores[:, None]).masked_fill(~before, 0.0)
    each = torch.nn.functional.softplus(-sigma * apart).masked_fill(~before, 0.0)
    return each.sum((1, 2)) / before.sum((1, 2)).clamp(min=1)


class RanknetLoss(Criterion):
    """`ranknet_loss`, masked, weighted and reduced."""

    function = staticmethod(ranknet_loss)


CARD = Card(
    module=RanknetLoss,
    unit="example",
    inputs={"scores": Scores("n t"), "relevance": Relevance("n t")},
    formula=r"\frac1{|P|} \sum_{y_i > y_j} \log\big(1 + e^{-\sigma (s_i - s_j)}\big)",
    elicits=NOTHING,
    claims={
        **GRADES,
        "non_negative": Holds(wrt="scores"),
        "convex": Holds(wrt="scores"),
        "differentiable": Holds(wrt="scores"),
        "smooth": Holds(wrt="scores"),
        "bounded_gradient": Holds(wrt="scores", note="by sigma, times the root of 2"),
        "sample_independent": Holds(wrt="scores", note="lists do not meet; the items of one do"),
        "vmap": Holds(wrt="scores"),
        "fullgraph": Holds(wrt="scores"),
        "twice_differentiable": Holds(wrt="scores"),
    },
    parameters={"sigma": POSITIVE},
    search={"sigma": Interval(0.1, 10.0, log=True)},
    also_known_as=("pairwise logistic loss",),
    references=(Reference("Burges et al.", "Learning to rank using gradient descent", 2005, "ICML"),),
    equivalents=(
        Equivalent("allRank", "models.losses.rankNet", "the mean over the pairs of all lists together; padding is -1"),
    ),
    mistakes=(
        "The sum over pairs lets a list of 100 items weigh a hundred times one of 10: here each list has its mean.",
        "Pairs of equal grade have no order: with a target of a half for them scores are drawn together.",
        "Items of different queries are no pairs: one row per query.",
    ),
    relatives={
        "lambdarank_loss": "weighs a pair by what swapping it does to the NDCG",
        "bpr_loss": "pairs that are given, one value each",
        "listmle_loss": "the whole order at once, in time t·log t",
    },
)
