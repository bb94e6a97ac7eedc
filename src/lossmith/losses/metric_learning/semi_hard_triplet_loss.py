"""Triplets from labels, with the nearest other that lies beyond the alike one.

Reach for it when the hardest negatives are wrong labels, or pull all embeddings to one point early in training.
Avoid it once training stalls with a value near 0: the negatives nearer than the positive are those it never takes while
another lies beyond; change to `batch_hard_triplet_loss`.
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
from lossmith.kernels.likeness import alike_and_others
from lossmith.kernels.pair_distances import distances


def semi_hard_triplet_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, margin: float = 0.2
) -> Float[Tensor, ""]:
    """Triplet loss of a batch, with a semi-hard negative for each alike pair.

    Args:
        embeddings: one row per example, usually scaled to length 1.
        labels: its class; examples of one class are alike.
        margin: how much further away than the positive the negative should be; from 0 up.

    Returns:
        Mean over ordered pairs of one class of max(0, margin + d(anchor, positive) − d(anchor, negative)), in Euclidean
        distances. The negative is the nearest one that lies further away than the positive; where none does, the
        furthest. From 0 up; 0 with a zero gradient where no triplet can be formed. It needs memory for n² numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Schroff et al. (2015), section 3.2, who square the distances.

    Example:
        >>> embeddings = torch.tensor([[0.0], [1.0], [-1.1], [0.5]])
        >>> semi_hard_triplet_loss(embeddings, torch.tensor([0, 0, 1, 1]), margin=0.2)
        tensor(0.3500)
    """
    expect.labelled(embeddings, labels)
    if not len(labels):
        return embeddings.sum()
    distance = distances(embeddings)
    alike, apart = alike_and_others(labels)
    others = apart.sum(-1, keepdim=True)
    negatives = distance.masked_fill(~apart, torch.inf).sort(-1).values
    # In the sorted row, the place after all that are no further than the positive; the last one where none is beyond.
    beyond = torch.searchsorted(negatives.detach(), distance.detach(), right=True)
    chosen = negatives.gather(-1, torch.minimum(beyond, others - 1).clamp(min=0))
    # Without any negative the one chosen is at infinity, which the hinge turns into 0.
    hinge = torch.relu(margin + distance - chosen).masked_fill(~alike, 0.0)
    return hinge.sum() / (alike & (others > 0)).sum().clamp(min=1)


class SemiHardTripletLoss(Criterion):
    """`semi_hard_triplet_loss` of a batch; no mask, no weights."""

    function = staticmethod(semi_hard_triplet_loss)


CARD = Card(
    module=SemiHardTripletLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1{|P|} \sum_{(a, p) \in P} \max\big(0, m + \|a - p\| - \min_{\|a - n\| > \|a - p\|} \|a - n\|\big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(
            wrt="embeddings", note="the value itself jumps as a negative passes the positive and another is taken"
        ),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Holds(wrt="embeddings", note="each pair moves its anchor by 2/|P| at most"),
        "sample_independent": NotApplicable("one value for the batch: an example's triplets are made of the others"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="except at its kinks"),
    },
    parameters={"margin": NON_NEGATIVE},
    search={"margin": Interval(0.05, 2.0, log=True)},
    also_known_as=("FaceNet loss", "semi-hard mining"),
    references=(
        Reference(
            "Schroff, Kalenichenko and Philbin",
            "FaceNet: a unified embedding for face recognition and clustering",
            2015,
            "CVPR, arXiv:1503.03832",
        ),
    ),
    equivalents=(
        Equivalent("tensorflow-addons", "losses.TripletSemiHardLoss", "margin 1; expects embeddings of length 1"),
        Equivalent(
            "pytorch-metric-learning",
            "losses.TripletMarginLoss with miners.TripletMarginMiner(type_of_triplets='semihard')",
            "takes every negative between the positive and the margin, and no triplet at all where there is none",
        ),
    ),
    mistakes=(
        "FaceNet's margin of 0.2 is for squared distances of unit vectors: for distances as here, search it anew.",
        "A batch drawn at random from many classes has no two alike and gives 0: draw classes, then examples of each.",
    ),
    relatives={
        "batch_hard_triplet_loss": "takes the hardest, once training has found its way",
        "batch_all_triplet_loss": "counts every triplet, the nearer negatives too",
        "triplet_margin_loss": "takes triplets as they are given",
    },
)
