"""Every triplet that labels allow in a batch, each counting the same.

Reach for it at the start of training, when most triplets still cost something and the hardest ones mislead.
Avoid it later on: the many that cost nothing wash out the few that do. Change to `batch_hard_triplet_loss`.
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


def batch_all_triplet_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, margin: float = 0.2
) -> Float[Tensor, ""]:
    """Triplet loss of a batch, over all of its triplets.

    Args:
        embeddings: one row per example.
        labels: its class; examples of one class are alike.
        margin: how much further away than the positive the negative should be; from 0 up.

    Returns:
        Mean of max(0, margin + d(anchor, positive) − d(anchor, negative)) over all triplets of two examples of one
        class and one of another, in Euclidean distances; from 0 up, and 0 with a zero gradient where there is none. It
        needs memory for n³ numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Hermans, Beyer and Leibe (2017), equation 6, as a mean.

    Example:
        >>> embeddings = torch.tensor([[0.0], [1.0], [1.5]])
        >>> batch_all_triplet_loss(embeddings, torch.tensor([0, 0, 1]), margin=0.2)
        tensor(0.3500)
    """
    expect.labelled(embeddings, labels)
    distance = distances(embeddings)
    alike, apart = alike_and_others(labels)
    # Anchors along the first dimension, positives along the second, negatives along the third.
    valid = alike[:, :, None] & apart[:, None, :]
    hinge = torch.relu(margin + distance[:, :, None] - distance[:, None, :])
    return hinge.masked_fill(~valid, 0.0).sum() / valid.sum().clamp(min=1)


class BatchAllTripletLoss(Criterion):
    """`batch_all_triplet_loss` of a batch; no mask, no weights."""

    function = staticmethod(batch_all_triplet_loss)


CARD = Card(
    module=BatchAllTripletLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1{|T|} \sum_{(a, p, n) \in T} \max(0, m + \|a - p\| - \|a - n\|)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="where a hinge opens, and at distances of 0"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Holds(wrt="embeddings", note="each triplet moves its anchor by 2/|T| at most"),
        "sample_independent": NotApplicable("one value for the batch: an example's triplets are made of the others"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="except at its kinks"),
    },
    parameters={"margin": NON_NEGATIVE},
    search={"margin": Interval(0.05, 2.0, log=True)},
    also_known_as=("batch all loss",),
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
            "losses.TripletMarginLoss",
            "scales embeddings to length 1, margin 0.05, and averages over the triplets that are not 0 (Hermans' third "
            "form), where this averages over all",
        ),
    ),
    mistakes=(
        "The mean falls as more triplets cost nothing, and the step with it: mine when the share above 0 is small.",
        "Averaged over the triplets above 0 alone, the value need not fall as training goes well, and it jumps.",
        "A batch drawn at random from many classes has no two alike and gives 0: draw classes, then examples of each.",
    ),
    relatives={
        "batch_hard_triplet_loss": "the hardest triplet of each anchor alone",
        "semi_hard_triplet_loss": "one negative for each pair: the nearest beyond the positive",
        "triplet_margin_loss": "takes triplets as they are given",
    },
)
