"""Pairs of a list, weighted by what swapping the two would do to its NDCG.

Reach for it when the NDCG decides and the top of the list counts most: the strongest baseline there is.
Avoid it in lists of thousands, since pairs grow with the square, and for its value, which jumps as items change places:
watch the metric.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import GRADES, NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Relevance, Scores
from lossmith.kernels.lists import counted, discount, gains


def lambdarank_loss(
    scores: Float[Tensor, "n t"], relevance: Int[Tensor, "n t"] | Float[Tensor, "n t"], *, sigma: float = 1.0
) -> Float[Tensor, "n"]:
    """LambdaRank loss of each list.

    Args:
        scores: what the network says of each item, a row per list; the higher, the earlier it comes.
        relevance: grades, 0 for irrelevant; below 0 marks padding, which counts for nothing.
        sigma: what differences of scores are multiplied by; above 0.

    Returns:
        Sum over the list's pairs of different relevance of |ΔNDCG|·log(1 + exp(−sigma·(score of the more − score of the
        less relevant))), where |ΔNDCG| is what swapping the two changes in the present order; from 0 up. Ties are
        ranked in the order given. It needs memory for n·t² numbers.

    Raises:
        ValueError: shapes differ, or are not (n, t).

    Source:
        Burges, Ragno and Le (2006), whose gradient this has; Burges (2010); written as a loss: Wang et al.
        (2018).

    Example:
        >>> lambdarank_loss(torch.tensor([[0.0, 2.0]]), torch.tensor([[1, 0]]))
        tensor([0.7850])
    """
    expect.lists(scores=scores, relevance=relevance)
    there = counted(relevance)
    gain = gains(relevance, scores.dtype)
    order = torch.argsort(scores.masked_fill(~there, -torch.inf), dim=-1, descending=True, stable=True)
    counts = discount(1.0 + order.argsort(-1).to(scores.dtype))
    swap = (gain[:, :, None] - gain[:, None]) * (counts[:, :, None] - counts[:, None])
    before = (relevance[:, :, None] > relevance[:, None]) & there[:, None]
    apart = (scores[:, :, None] - scores[:, None]).masked_fill(~before, 0.0)
    each = swap.abs() * torch.nn.functional.softplus(-sigma * apart)
    return each.masked_fill(~before, 0.0).sum((1, 2))


class LambdarankLoss(Criterion):
    """`lambdarank_loss`, masked, weighted and reduced."""

    function = staticmethod(lambdarank_loss)


CARD = Card(
    module=LambdarankLoss,
    unit="example",
    inputs={"scores": Scores("n t"), "relevance": Relevance("n t")},
    formula=r"\sum_{y_i > y_j} |\Delta \mathrm{NDCG}_{ij}| \log\big(1 + e^{-\sigma (s_i - s_j)}\big)",
    elicits=NOTHING,
    claims={
        **GRADES,
        "non_negative": Holds(wrt="scores"),
        "convex": Fails(wrt="scores", note="the weights change with the order"),
        "differentiable": Fails(wrt="scores", note="it jumps where two items change places"),
        "smooth": Fails(wrt="scores"),
        "bounded_gradient": Holds(wrt="scores", note="by sigma times the NDCG at stake"),
        "sample_independent": Holds(wrt="scores", note="lists do not meet; the items of one do"),
        "vmap": Holds(wrt="scores"),
        "fullgraph": Holds(wrt="scores"),
        "twice_differentiable": Holds(wrt="scores", note="within one order"),
    },
    parameters={"sigma": POSITIVE},
    search={"sigma": Interval(0.1, 10.0, log=True)},
    references=(
        Reference("Burges, Ragno and Le", "Learning to rank with nonsmooth cost functions", 2006, "NeurIPS"),
        Reference("Burges", "From RankNet to LambdaRank to LambdaMART: an overview", 2010, "MSR-TR-2010-82"),
        Reference(
            "Wang, Li, Golbandi, Bendersky and Najork",
            "The LambdaLoss framework for ranking metric optimization",
            2018,
            "CIKM",
        ),
    ),
    equivalents=(
        Equivalent(
            "allRank",
            "models.losses.lambdaLoss(weighing_scheme='lambdaRank_scheme', reduction_log='natural')",
            "the sum over lists; probabilities below 1e-10 get no gradient",
        ),
    ),
    mistakes=(
        "The value is no measure of progress: weights change with the order. Watch the NDCG of a held-out part.",
        "Grades go into 2^grade - 1: grades of 0 to 100 overflow or make one item all that counts; map them to 0 to 4.",
        "Weights of the order before the step, from a table computed once, are those of another list: they are made "
        "anew.",
    ),
    relatives={
        "ranknet_loss": "all pairs alike",
        "approx_ndcg_loss": "a smooth NDCG itself",
    },
)
