"""Cross-entropy of which item comes first, by grades and by scores.

Reach for it when lists are long: time and memory grow with their length alone.
Avoid it where grades are only an order: their differences are taken at face value, as log-odds.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import GRADES, NOTHING, POSITIVE, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Relevance, Scores
from lossmith.kernels.lists import counted


def listnet_loss(
    scores: Float[Tensor, "n t"], relevance: Int[Tensor, "n t"] | Float[Tensor, "n t"], *, temperature: float = 1.0
) -> Float[Tensor, "n"]:
    """ListNet loss of each list, of the first place.

    Args:
        scores: what the network says of each item, a row per list; the higher, the earlier it comes.
        relevance: grades, 0 for irrelevant; below 0 marks padding, which counts for nothing.
        temperature: what grades are divided by before their softmax; small ones ask for the best item only; above
            0.

    Returns:
        −Σ softmax(relevance/temperature)·log softmax(scores) over the list's items, in nats; from 0 up, and 0 for a
        list of padding. It does not fall below the grades' own entropy.

    Raises:
        ValueError: shapes differ, or are not (n, t).

    Source:
        Cao, Qin, Liu, Tsai and Li (2007), with the model of the first place.

    Example:
        >>> listnet_loss(torch.tensor([[0.0, 0.0, 9.0]]), torch.tensor([[3, 0, -1]]))
        tensor([0.6931])
    """
    expect.lists(scores=scores, relevance=relevance)
    there = counted(relevance)
    missing = ~there & there.any(-1, keepdim=True)  # a list of padding is kept whole, and its value left out
    wanted = (relevance.to(scores.dtype) / temperature).masked_fill(missing, -torch.inf).softmax(-1)
    log_found = scores.masked_fill(missing, -torch.inf).log_softmax(-1).masked_fill(~there, 0.0)
    return -(wanted * log_found).sum(-1)


class ListnetLoss(Criterion):
    """`listnet_loss`, masked, weighted and reduced."""

    function = staticmethod(listnet_loss)


CARD = Card(
    module=ListnetLoss,
    unit="example",
    inputs={"scores": Scores("n t"), "relevance": Relevance("n t")},
    formula=r"-\sum_i \mathrm{softmax}(y/T)_i \log \mathrm{softmax}(s)_i",
    elicits=NOTHING,
    claims={
        **GRADES,
        "non_negative": Holds(wrt="scores"),
        "convex": Holds(wrt="scores"),
        "differentiable": Holds(wrt="scores"),
        "smooth": Holds(wrt="scores"),
        "bounded_gradient": Holds(wrt="scores", note="it is softmax(scores) less softmax(grades)"),
        "sample_independent": Holds(wrt="scores", note="lists do not meet; the items of one do"),
        "vmap": Holds(wrt="scores"),
        "fullgraph": Holds(wrt="scores"),
        "twice_differentiable": Holds(wrt="scores"),
    },
    parameters={"temperature": POSITIVE},
    search={"temperature": Interval(0.1, 5.0, log=True)},
    also_known_as=("listwise softmax cross-entropy", "top-one probability loss"),
    references=(
        Reference(
            "Cao, Qin, Liu, Tsai and Li",
            "Learning to rank: from pairwise approach to listwise approach",
            2007,
            "ICML",
        ),
    ),
    equivalents=(
        Equivalent("allRank", "models.losses.listNet", "adds 1e-10 inside of the logarithm"),
        Equivalent(
            "optax",
            "losses.ranking_softmax_loss",
            "grades themselves as weights: not through a softmax, nor summing to 1",
        ),
    ),
    mistakes=(
        "Libraries differ in what becomes of the grades: a softmax here and in the paper, their share in TF-Ranking.",
        "Grades of 0 and 4 are odds of e⁴ to 1: divide by a temperature where that is too sure.",
        "Its floor is the grades' entropy, another for each list: compare lists by the NDCG.",
    ),
    relatives={
        "soft_cross_entropy_loss": "the same of probabilities that are given",
        "listmle_loss": "all places, not only the first",
    },
)
