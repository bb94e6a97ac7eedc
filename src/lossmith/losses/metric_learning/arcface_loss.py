"""Softmax over angles to class prototypes, with a margin added to the own angle.

Reach for it when embeddings should tell classes apart that training never saw (faces, products): the margin is the same
along the whole arc.
Avoid it with few examples of each class or noisy labels, where it pulls at outliers as hard as at anything; and for
plain classification, where cross-entropy does better.
"""

import math

import torch
from jaxtyping import Float, Int
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
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding, Prototypes
from lossmith.kernels.prototypes import cosines, is_own, own_angle


def arcface_loss(
    embeddings: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    *,
    prototypes: Float[Tensor, "c d"],
    margin: float = 0.5,
    scale: float = 64.0,
) -> Float[Tensor, "n"]:
    """ArcFace loss of each example.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: class indices.
        prototypes: one row per class, learned; their length does not matter. A good start is `torch.randn(c, d)`.
        margin: angle, in radians, by which an example should be nearer to its class; from 0 to below π.
        scale: what cosines are multiplied by, one over a temperature; above 0.

    Returns:
        Cross-entropy, in nats, of scale·cos θ, with cos(θ + margin) for the example's own class; from 0 up. Where θ +
        margin would go beyond π, it falls on by cos θ, without a jump: cos θ − (1 − cos margin).

    Raises:
        ValueError: there is not one label per row, or prototypes are of another width.
        TypeError: labels are no integers.

    Source:
        Deng et al. (2019), equation 3.

    Example:
        >>> prototypes = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> arcface_loss(torch.tensor([[5.0, 0.0]]), torch.tensor([0]), prototypes=prototypes, margin=1.5708, scale=1.0)
        tensor([0.6931])
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, prototypes=prototypes)
    cosine, sine = own_angle(embeddings, prototypes, labels)
    further = cosine * math.cos(margin) - sine * math.sin(margin)
    beyond = cosine + math.cos(margin) < 0.0
    own = torch.where(beyond, cosine - (1.0 - math.cos(margin)), further)
    logits = torch.where(is_own(labels, prototypes), own.unsqueeze(-1), cosines(embeddings, prototypes))
    return torch.nn.functional.cross_entropy(scale * logits, labels, reduction="none")


class ArcfaceLoss(Criterion):
    """`arcface_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(arcface_loss)


CARD = Card(
    module=ArcfaceLoss,
    unit="example",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"-\log \frac{e^{s \cos(\theta_y + m)}}{e^{s \cos(\theta_y + m)} + \sum_{j \ne y} e^{s \cos \theta_j}}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(
            wrt="embeddings", note="at a row of zeros, whose direction is undefined, and at the prototype itself"
        ),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": Holds(wrt="embeddings"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros and from the prototype"),
    },
    parameters={
        "prototypes": Prototypes("c d"),
        "margin": Interval(0.0, math.pi, high_open=True),
        "scale": POSITIVE,
    },
    search={"margin": Interval(0.05, 1.0), "scale": Interval(4.0, 128.0, log=True)},
    learned=("prototypes",),
    also_known_as=("additive angular margin loss", "AAM-softmax"),
    references=(
        Reference(
            "Deng, Guo, Xue and Zafeiriou",
            "ArcFace: additive angular margin loss for deep face recognition",
            2019,
            "CVPR, arXiv:1801.07698",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.ArcFaceLoss",
            "the margin in degrees, 28.6; beyond π it subtracts margin·sin(margin), where the value jumps",
        ),
    ),
    mistakes=(
        "The margin is in radians here and in the paper, in degrees in pytorch-metric-learning: 0.5 of a degree is "
        "none.",
        "Through acos of a clamped cosine the gradient is infinite or cut off near 0 and π: here it is neither.",
        "The prototypes serve training only: compare new examples by the cosine of their embeddings.",
        "Scale 64 with few classes starts at a huge loss: begin lower, about √2·log(c − 1).",
    ),
    relatives={
        "cosface_loss": "the margin on the cosine: simpler, wider for small angles",
        "sphereface_loss": "the angle multiplied: no margin at all for small angles",
        "proxy_anchor_loss": "all of a batch for each prototype at once",
    },
)
