"""Triplets from labels, the hardest of each: furthest alike, nearest other.

Reach for it when a batch holds several examples of each of several classes (re-identification: 18 people, 4 pictures).
Avoid it under label noise, where the hardest triplet is a wrong label, and at the start of a hard problem, where it can
pull all embeddings to one point: begin with `semi_hard_triplet_loss`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
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
from lossmith.kernels.lengths import length
from lossmith.kernels.likeness import alike_and_others
from lossmith.kernels.pair_distances import plain_distances
from lossmith.kernels.precision import wide


def batch_hard_triplet_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, margin: float = 0.2
) -> Float[Tensor, ""]:
    """Triplet loss of a batch, with the hardest positive and negative of each.

    Args:
        embeddings: one row per example.
        labels: its class; examples of one class are alike.
        margin: how much further away than the furthest of its class the nearest of another should be; from 0 up.

    Returns:
        Mean over the anchors that have both of max(0, margin + furthest alike − nearest other), in Euclidean distances;
        from 0 up, and 0 with a zero gradient where no anchor has both. It needs memory for n² numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Hermans, Beyer and Leibe (2017), equation 5, as a mean.

    Example:
        >>> embeddings = torch.tensor([[0.0], [1.0], [1.5]])
        >>> batch_hard_triplet_loss(embeddings, torch.tensor([0, 0, 1]), margin=0.2)
        tensor(0.3500)
    """
    expect.labelled(embeddings, labels)
    if not len(labels):
        return embeddings.sum()
    alike, apart = alike_and_others(labels)
    # Who is hardest needs all distances but no gradient; only those of the chosen are differentiated.
    found = plain_distances(wide(embeddings.detach()))
    furthest = found.masked_fill(~alike, -torch.inf).argmax(-1)
    nearest = found.masked_fill(~apart, torch.inf).argmin(-1)
    gap = length(embeddings - embeddings[furthest]) - length(embeddings - embeddings[nearest])
    anchors = alike.any(-1) & apart.any(-1)
    return torch.relu(margin + gap).masked_fill(~anchors, 0.0).sum() / anchors.sum().clamp(min=1)


class BatchHardTripletLoss(Criterion):
    """`batch_hard_triplet_loss` of a batch; no mask, no weights."""

    function = staticmethod(batch_hard_triplet_loss)


CARD = Card(
    module=BatchHardTripletLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1{|A|} \sum_{a} \max\big(0, m + \max_{y_p = y_a} \|a - p\| - \min_{y_n \ne y_a} \|a - n\|\big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="where the hinge opens or another example becomes the hardest"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Holds(wrt="embeddings", note="each anchor moves by 2/|A| at most, and two others by 1/|A|"),
        "sample_independent": NotApplicable("one value for the batch: an example's triplet is made of the others"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="except at its kinks"),
    },
    parameters={"margin": NON_NEGATIVE},
    search={"margin": Interval(0.05, 2.0, log=True)},
    also_known_as=("batch hard loss",),
    references=(
        Reference(
            "Hermans, Beyer and Leibe",
            "In defense of the triplet loss for person re-identification",
            2017,
            "arXiv:1703.07737",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.TripletMarginLoss with miners.BatchHardMiner",
            "scales embeddings to length 1, margin 0.05, and averages over the triplets that are not 0, where this "
            "counts all",
        ),
        Equivalent(
            "tensorflow-addons",
            "losses.TripletHardLoss",
            "averages over the whole batch, anchors without a positive included, whose furthest distance is then 0",
        ),
    ),
    mistakes=(
        "A batch drawn at random from many classes has no two alike and gives 0: draw classes, then examples of each.",
        "A value that stays at the margin means that all embeddings are one point: lower the learning rate, warm up "
        "with "
        "semi-hard negatives, or scale embeddings to length 1.",
        "Augmented views of one picture under one label make the furthest alike one of them: label by class, not by "
        "picture.",
    ),
    relatives={
        "semi_hard_triplet_loss": "takes a negative beyond the positive, which is safer at the start and under noise",
        "batch_all_triplet_loss": "counts every triplet, for the start of training",
        "triplet_margin_loss": "takes triplets as they are given",
        "nt_xent_loss": "is smooth, with all others as negatives at once; for two views and no labels",
    },
)
