"""Distance, for pairs: alike ones are pulled together, others pushed to a margin.

Reach for it when all you know of two examples is whether they belong together (signatures, faces, duplicates).
Avoid it where classes are wide: it pulls every alike pair to one point. A triplet asks only which of two is nearer.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Embedding
from lossmith.kernels.lengths import length


def contrastive_loss(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], same: Float[Tensor, "n"], *, margin: float = 1.0
) -> Float[Tensor, "n"]:
    """Contrastive loss of each pair.

    Args:
        first: embeddings, one row per pair.
        second: embeddings of the other member of each pair.
        same: 1 where the two belong together, 0 where they do not.
        margin: distance beyond which a pair that does not belong together costs nothing; above 0.

    Returns:
        ½d² where same is 1, ½·max(0, margin − d)² where it is 0, with d the Euclidean distance; from 0 up. Where two
        rows are equal there is no direction to push in, and the subgradient is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Hadsell, Chopra and LeCun (2006), with their Y as 1 − same.

    Example:
        >>> first, second = torch.zeros(2, 2), torch.tensor([[0.6, 0.8], [0.0, 0.5]])
        >>> contrastive_loss(first, second, torch.tensor([1.0, 0.0]), margin=2.0)
        tensor([0.5000, 1.1250])
    """
    expect.same_shape(first=first, second=second)
    expect.one_per_row(first, same=same)
    apart = first - second
    # Not the square of the norm: the square itself has a second derivative where the two are equal.
    pull = apart.square().sum(-1)
    push = torch.relu(margin - length(apart)).square()
    return 0.5 * (same * pull + (1.0 - same) * push)


class ContrastiveLoss(Criterion):
    """`contrastive_loss`, masked, weighted and reduced."""

    function = staticmethod(contrastive_loss)


CARD = Card(
    module=ContrastiveLoss,
    unit="pair",
    inputs={"first": Embedding("n d"), "second": Embedding("n d"), "same": BinaryTarget("n")},
    formula=r"\tfrac12 s\,d^2 + \tfrac12 (1 - s) \max(0, m - d)^2, \quad d = \|a - b\|",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="first"),
        "convex": Fails(wrt="first", note="the push falls as the two part; the pull alone is convex"),
        "differentiable": Fails(wrt="first", note="where a pair that should part has distance 0"),
        "smooth": Fails(wrt="first", note="there the gradient jumps from one direction to the other"),
        "bounded_gradient": Fails(wrt="first", note="the pull grows with the distance; the push is at most the margin"),
        "symmetric": NotApplicable("it is, in the two embeddings, but neither is a target"),
        "sample_independent": Holds(wrt="first"),
        "vmap": Holds(wrt="first"),
        "fullgraph": Holds(wrt="first"),
        "twice_differentiable": Holds(
            wrt="first", note="except at the margin, where the second derivative jumps, and at a distance of 0"
        ),
    },
    parameters={"margin": POSITIVE},
    search={"margin": Interval(0.1, 10.0, log=True)},
    also_known_as=("siamese loss", "pairwise contrastive loss"),
    references=(
        Reference(
            "Hadsell, Chopra and LeCun", "Dimensionality reduction by learning an invariant mapping", 2006, "CVPR"
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.ContrastiveLoss",
            "takes embeddings and labels; the distance itself and not half its square, between unit vectors; alike and "
            "unlike pairs are averaged apart, each over those that are not 0",
        ),
        Equivalent("torch", "nn.HingeEmbeddingLoss", "takes a distance and -1 or 1; linear, where this is squared"),
        Equivalent("tensorflow-addons", "losses.ContrastiveLoss", "takes a distance; without the factor ½"),
    ),
    mistakes=(
        "Hadsell's Y is 0 for a pair that belongs together and most code's label is 1: here `same` is 1, so check "
        "yours.",
        "The margin is a distance: with embeddings of length 1 no distance exceeds 2, and a margin above 2 is never "
        "met.",
        "Of all pairs of a batch nearly all are unlike: draw both kinds evenly, or weigh them with `sample_weight`.",
        "A distance of my own as sqrt(sum of squares) has a NaN gradient where both are equal: pass the embeddings.",
    ),
    relatives={
        "triplet_margin_loss": "compares two distances, so that alike pairs need not collapse to a point",
        "nt_xent_loss": "takes all other examples of the batch as those to part from, by angle",
    },
)
