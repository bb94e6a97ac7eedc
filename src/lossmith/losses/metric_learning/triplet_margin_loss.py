"""A hinge on two distances: the alike one nearer than the other, by a margin.

Reach for it when you know of examples which is more alike, or can draw triplets from labels.
Avoid it with triplets drawn at random once training has begun: nearly all cost nothing. Mine them in the batch
(`batch_hard_triplet_loss`, `semi_hard_triplet_loss`).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NON_NEGATIVE, NOTHING, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding
from lossmith.kernels.lengths import length


def triplet_margin_loss(
    anchor: Float[Tensor, "n d"], positive: Float[Tensor, "n d"], negative: Float[Tensor, "n d"], *, margin: float = 1.0
) -> Float[Tensor, "n"]:
    """Triplet margin loss of each triplet.

    Args:
        anchor: embeddings, one row per triplet.
        positive: embeddings of something alike.
        negative: embeddings of something that is not.
        margin: how much further away than the positive the negative should be; from 0 up.

    Returns:
        max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin), from 0 up. At a distance of 0 its subgradient is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Weinberger and Saul (2009) and Schroff et al. (2015), who square both distances; unsquared in Hermans et al.
        (2017) and in torch.

    Example:
        >>> anchor, positive, negative = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
        >>> triplet_margin_loss(anchor, positive, negative, margin=0.5)
        tensor([3.5000])
    """
    expect.same_shape(anchor=anchor, positive=positive, negative=negative)
    # torch adds 1e-6 to every difference, so that equal rows have a gradient; this length needs no such help.
    near = length(anchor - positive)
    far = length(anchor - negative)
    return torch.relu(near - far + margin)


class TripletMarginLoss(Criterion):
    """`triplet_margin_loss`, masked, weighted and reduced."""

    function = staticmethod(triplet_margin_loss)


CARD = Card(
    module=TripletMarginLoss,
    unit="example",
    inputs={"anchor": Embedding("n d"), "positive": Embedding("n d"), "negative": Embedding("n d")},
    formula=r"\max(0, \|a - p\| - \|a - n\| + m)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="anchor"),
        "convex": Fails(wrt="anchor", note="the negative's distance enters with a minus sign; convex in the positive"),
        "differentiable": Fails(wrt="anchor", note="where the hinge opens, and at distances of 0"),
        "smooth": Fails(wrt="anchor"),
        "bounded_gradient": Holds(wrt="anchor", note="by 2; by 1 in positive and negative"),
        "sample_independent": Holds(wrt="anchor", note="mining, which is not, has files of its own"),
        "vmap": Holds(wrt="anchor"),
        "fullgraph": Holds(wrt="anchor"),
        "twice_differentiable": Holds(wrt="anchor", note="except at its kinks"),
    },
    parameters={"margin": NON_NEGATIVE},
    search={"margin": Interval(0.05, 2.0, log=True)},
    also_known_as=("triplet loss",),
    references=(
        Reference(
            "Weinberger and Saul",
            "Distance metric learning for large margin nearest neighbor classification",
            2009,
            "JMLR",
        ),
        Reference(
            "Schroff, Kalenichenko and Philbin",
            "FaceNet: a unified embedding for face recognition and clustering",
            2015,
            "CVPR, arXiv:1503.03832",
        ),
    ),
    equivalents=(
        Equivalent("torch", "nn.TripletMarginLoss", "adds 1e-6 to every difference before the norm"),
        Equivalent("optax", "losses.triplet_margin_loss", "adds 1e-6 under the root"),
        Equivalent(
            "pytorch-metric-learning",
            "losses.TripletMarginLoss",
            "takes embeddings and labels, forms all triplets, scales embeddings to length 1, margin 0.05, and "
            "averages over "
            "the triplets that are not 0",
        ),
    ),
    mistakes=(
        "A loss that stays at the margin means that all embeddings have become one point: lower the learning rate, or "
        "mine "
        "semi-hard negatives first.",
        "A margin taken from a paper with squared distances or with unit vectors does not carry over: state both.",
        "The mean over triplets of which most are 0 shrinks as training goes well: watch the share that is above 0.",
    ),
    relatives={
        "batch_hard_triplet_loss": "finds the hardest triplet of each anchor in the batch",
        "semi_hard_triplet_loss": "takes the nearest negative beyond the positive",
        "contrastive_loss": "judges pairs, against a fixed distance",
        "nt_xent_loss": "is smooth, with all other examples as negatives at once",
    },
)
