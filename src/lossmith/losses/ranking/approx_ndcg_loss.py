"""One less the NDCG, with ranks softened so that they have a slope.

Reach for it when the NDCG decides and a loss that is nearly the metric is wanted, for instance to finish a network that
`listnet_loss` has trained.
Avoid it from a cold start: far from the right order its slope is next to nothing; and in lists of thousands, since
pairs grow with the square.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import GRADES, NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Relevance, Scores
from lossmith.kernels.lists import counted, discount, gains


def approx_ndcg_loss(
    scores: Float[Tensor, "n t"], relevance: Int[Tensor, "n t"] | Float[Tensor, "n t"], *, alpha: float = 10.0
) -> Float[Tensor, "n"]:
    """Approximate NDCG loss of each list.

    Args:
        scores: what the network says of each item, a row per list; the higher, the earlier it comes.
        relevance: grades, 0 for irrelevant; below 0 marks padding, which counts for nothing.
        alpha: what differences of scores are multiplied by; large ones come near the true ranks, with slopes that
            vanish; above 0.

    Returns:
        1 − Σ gain/log₂(1 + rank) over the ideal, with gain = 2^relevance − 1 and rank = 1 + Σ σ(alpha·(other score −
        score)); from 0 to 1, and 0 with a zero gradient where nothing is relevant. It needs memory for n·t² numbers.

    Raises:
        ValueError: shapes differ, or are not (n, t).

    Source:
        Qin, Liu and Li (2010).

    Example:
        >>> approx_ndcg_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([[1, 0]]))
        tensor([0.2435])
    """
    expect.lists(scores=scores, relevance=relevance)
    there = counted(relevance)
    pairs = there[:, None] & ~torch.eye(scores.shape[-1], dtype=torch.bool, device=scores.device)
    ahead = torch.sigmoid(alpha * (scores[:, None] - scores[:, :, None])).masked_fill(~pairs, 0.0)
    found = (gains(relevance, scores.dtype) * discount(1.0 + ahead.sum(-1))).sum(-1)
    return (1.0 - found).masked_fill(~(relevance > 0).any(-1), 0.0)


class ApproxNdcgLoss(Criterion):
    """`approx_ndcg_loss`, masked, weighted and reduced."""

    function = staticmethod(approx_ndcg_loss)


CARD = Card(
    module=ApproxNdcgLoss,
    unit="example",
    inputs={"scores": Scores("n t"), "relevance": Relevance("n t")},
    formula=r"1 - \frac1Z \sum_i \frac{2^{y_i} - 1}{\log_2(1 + \hat r_i)}, \quad \hat r_i = 1 + \sum_{j \ne i} "
    r"\sigma(\alpha (s_j - s_i))",
    elicits=NOTHING,
    claims={
        **GRADES,
        "non_negative": Holds(wrt="scores"),
        "convex": Fails(wrt="scores", note="it lies between 0 and 1"),
        "differentiable": Holds(wrt="scores"),
        "smooth": Holds(wrt="scores"),
        "bounded_gradient": Holds(wrt="scores", note="by alpha times the number of items"),
        "sample_independent": Holds(wrt="scores", note="lists do not meet; the items of one do"),
        "vmap": Holds(wrt="scores"),
        "fullgraph": Holds(wrt="scores"),
        "twice_differentiable": Holds(wrt="scores"),
    },
    parameters={"alpha": POSITIVE},
    search={"alpha": Interval(0.1, 50.0, log=True)},
    also_known_as=("ApproxNDCG",),
    references=(
        Reference(
            "Qin, Liu and Li",
            "A general approximation framework for direct optimization of information retrieval measures",
            2010,
            "Information Retrieval 13, 375-397",
        ),
    ),
    equivalents=(Equivalent("allRank", "models.losses.approxNDCGLoss", "the negative NDCG, mean over lists; alpha 1"),),
    mistakes=(
        "Some have the negative NDCG, from -1 to 0: the same gradient, one apart.",
        "A list without a relevant item has no NDCG: it is 0 here; others divide by 1e-10 or count it as 1.",
        "Scores that start out far apart are settled at alpha 10: start small, or standardise them.",
    ),
    relatives={
        "lambdarank_loss": "pairs weighted by the NDCG, with slopes that do not vanish",
        "listnet_loss": "convex, and quicker",
    },
)
