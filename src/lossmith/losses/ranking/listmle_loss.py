"""Likelihood of the right order, drawn item by item from what is left.

Reach for it when a whole order is known (races, preferences, search results): it is a likelihood, convex, and costs no
more than a sort.
Avoid it with many equal grades, whose order it would learn: take `listnet_loss`; and where the top matters more than
the tail, which counts as much here.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import GRADES, NOTHING, Card, Equivalent, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Relevance, Scores
from lossmith.kernels.lists import counted

_NOTHING = -1e30
"""In place of -inf, whose logarithm of a sum has no gradient."""


def listmle_loss(
    scores: Float[Tensor, "n t"], relevance: Int[Tensor, "n t"] | Float[Tensor, "n t"]
) -> Float[Tensor, "n"]:
    """ListMLE loss of each list.

    Args:
        scores: what the network says of each item, a row per list; the higher, the earlier it comes.
        relevance: grades, 0 for irrelevant; below 0 marks padding, which counts for nothing.

    Returns:
        Σ (log Σ exp(scores of this item and those after it) − its score), over the items in order of relevance; in
        nats, from 0 up, log t! by chance. Equal grades stay in the order given: shuffle such a list beforehand.

    Raises:
        ValueError: shapes differ, or are not (n, t).

    Source:
        Xia, Liu, Wang, Zhang and Li (2008); the model is Plackett and Luce's.

    Example:
        >>> listmle_loss(torch.tensor([[0.0, 0.0, 0.0, 9.0]]), torch.tensor([[1, 3, 2, -1]]))
        tensor([1.7918])
    """
    expect.lists(scores=scores, relevance=relevance)
    order = torch.argsort(relevance, dim=-1, descending=True, stable=True)
    there = counted(relevance).gather(-1, order)
    ranked = scores.gather(-1, order)
    # Padding comes last, and in sums from behind first: far below every score it adds nothing to them.
    after = ranked.masked_fill(~there, _NOTHING).flip(-1).logcumsumexp(-1).flip(-1)
    return (after - ranked).masked_fill(~there, 0.0).sum(-1)


class ListmleLoss(Criterion):
    """`listmle_loss`, masked, weighted and reduced."""

    function = staticmethod(listmle_loss)


CARD = Card(
    module=ListmleLoss,
    unit="example",
    inputs={"scores": Scores("n t"), "relevance": Relevance("n t")},
    formula=r"\sum_i \log \sum_{k \ge i} e^{s_{(k)}} - s_{(i)}",
    elicits=NOTHING,
    claims={
        **GRADES,
        "non_negative": Holds(wrt="scores"),
        "convex": Holds(wrt="scores"),
        "differentiable": Holds(wrt="scores"),
        "smooth": Holds(wrt="scores"),
        "bounded_gradient": Holds(wrt="scores", note="of each score by the number of items"),
        "sample_independent": Holds(wrt="scores", note="lists do not meet; the items of one do"),
        "vmap": Holds(wrt="scores"),
        "fullgraph": Holds(wrt="scores"),
        "twice_differentiable": Holds(wrt="scores"),
    },
    also_known_as=("Plackett-Luce negative log-likelihood",),
    references=(
        Reference(
            "Xia, Liu, Wang, Zhang and Li",
            "Listwise approach to learning to rank: theory and algorithm",
            2008,
            "ICML",
        ),
    ),
    equivalents=(
        Equivalent(
            "allRank", "models.losses.listMLE", "shuffles equal grades at random; adds 1e-10 inside of the logarithm"
        ),
    ),
    mistakes=(
        "Equal grades have no order, and a stable sort gives them that of the file: shuffle, or take ListNet.",
        "Long lists weigh more, about t·log t: divide by log t! to compare.",
        "Exponentials added up from the end without their maximum overflow at scores of 90: here they do not.",
    ),
    relatives={
        "listnet_loss": "the first place alone, with equal grades alike",
        "ranknet_loss": "pairs, with equal grades left out",
    },
)
