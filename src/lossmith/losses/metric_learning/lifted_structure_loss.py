"""Each alike pair against all that is unlike either of its two, softly.

Reach for it when a batch holds several examples of each of several classes and triplets waste most of it: every pair is
lifted to its whole neighbourhood.
Avoid it where distances run high, since it squares them: scale embeddings to length 1, or take
`multi_similarity_loss`.
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
from lossmith.kernels.likeness import alike_and_others, log_sum_exp
from lossmith.kernels.pair_distances import distances


def lifted_structure_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, margin: float = 1.0
) -> Float[Tensor, ""]:
    """Lifted structured loss of a batch.

    Args:
        embeddings: one row per example.
        labels: its class; examples of one class are alike.
        margin: distance that examples of other classes should have; from 0 up.

    Returns:
        Mean over pairs (i, j) of one class of ½·max(0, J)², with J = ‖i − j‖ + log(Σ exp(margin − ‖i − k‖) + Σ
        exp(margin − ‖j − k‖)) over all k of other classes; from 0 up, and 0 with a zero gradient where there is no pair
        or no other class. It needs memory for n² numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Oh Song, Xiang, Jegelka and Savarese (2016).

    Example:
        >>> embeddings = torch.tensor([[0.0], [2.0], [3.0]])
        >>> lifted_structure_loss(embeddings, torch.tensor([0, 0, 1]), margin=1.0)
        tensor(2.2619)
    """
    expect.labelled(embeddings, labels)
    alike, apart = alike_and_others(labels)
    distance = distances(embeddings)
    near = log_sum_exp(margin - distance, apart)
    lifted = distance + torch.logaddexp(near[:, None], near[None])
    pairs = alike & apart.any(-1)
    return 0.5 * torch.relu(lifted.masked_fill(~pairs, 0.0)).square().sum() / pairs.sum().clamp(min=1)


class LiftedStructureLoss(Criterion):
    """`lifted_structure_loss`, of a batch; no mask, no weights."""

    function = staticmethod(lifted_structure_loss)


CARD = Card(
    module=LiftedStructureLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1{2|P|} \sum_{(i,j) \in P} \max\Big(0, d_{ij} + \log \sum_{k \in N} \big(e^{m - d_{ik}} + e^{m - "
    r"d_{jk}}\big)\Big)^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="where two examples coincide"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="it grows with the distance of alike ones"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="except at its kinks"),
    },
    parameters={"margin": NON_NEGATIVE},
    search={"margin": Interval(0.1, 4.0, log=True)},
    also_known_as=("lifted structured feature embedding",),
    references=(
        Reference(
            "Oh Song, Xiang, Jegelka and Savarese",
            "Deep metric learning via lifted structured feature embedding",
            2016,
            "CVPR, arXiv:1511.06452",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.LiftedStructureLoss",
            "scales embeddings to length 1; averages over pairs, each counted both ways, which is the same",
        ),
    ),
    mistakes=(
        "The paper's margin of 1 is for distances that are not scaled to length 1: state which.",
        "A batch drawn at random from many classes has no two alike and gives 0: draw classes, then examples of each.",
        "Its log-sum-exp runs over the negatives of both members: over those of one it is another, generalised form.",
    ),
    relatives={
        "multi_similarity_loss": "on angles, softly on both sides",
        "batch_hard_triplet_loss": "the hardest of each side alone",
        "n_pairs_loss": "one negative from each other class",
    },
)
