"""Softmax over angles to class prototypes, with the own angle multiplied.

Reach for it when a result from its paper is to be met again: the first margin on angles.
Avoid it for new work: the margin vanishes with the angle, and from margin 3 on training needs its plain softmax mixed
in at first. `arcface_loss` and `cosface_loss` do without.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding, Prototypes
from lossmith.kernels.lengths import length
from lossmith.kernels.prototypes import cosines, is_own, own_angle


def sphereface_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, prototypes: Float[Tensor, "c d"], margin: float = 4.0
) -> Float[Tensor, "n"]:
    """SphereFace loss of each example.

    Args:
        embeddings: one row per example; their length is what scales the cosines.
        labels: class indices.
        prototypes: one row per class, learned; their length does not matter. A good start is `torch.randn(c, d)`.
        margin: what the angle with the own class is multiplied by, a whole number as a rule; from 1 (none) up.

    Returns:
        Cross-entropy, in nats, of ‖x‖·cos θ, with ‖x‖·ψ(θ) for the example's own class; from 0 up. ψ is cos(margin·θ)
        carried on so that it falls all the way: (−1)ᵏ·cos(margin·θ) − 2k, k the half turns in margin·θ.

    Raises:
        ValueError: there is not one label per row, or prototypes are of another width.
        TypeError: labels are no integers.

    Source:
        Liu et al. (2017).

    Example:
        >>> prototypes = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> sphereface_loss(torch.tensor([[0.0, 1.0]]), torch.tensor([0]), prototypes=prototypes, margin=2.0)
        tensor([2.1269])
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, prototypes=prototypes)
    cosine, sine = own_angle(embeddings, prototypes, labels)
    nowhere = (sine == 0.0) & (cosine == 0.0)  # a row of zeros, whose angle has no slope
    turned = margin * torch.atan2(sine, torch.where(nowhere, 1.0, cosine))
    halves = (turned / math.pi).floor().detach()
    own = (1.0 - 2.0 * (halves % 2.0)) * turned.cos() - 2.0 * halves
    logits = torch.where(is_own(labels, prototypes), own.unsqueeze(-1), cosines(embeddings, prototypes))
    scaled = length(embeddings).unsqueeze(-1) * logits
    return torch.nn.functional.cross_entropy(scaled, labels, reduction="none")


class SpherefaceLoss(Criterion):
    """`sphereface_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(sphereface_loss)


CARD = Card(
    module=SpherefaceLoss,
    unit="example",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"-\log \frac{e^{\|x\| \psi(\theta_y)}}{e^{\|x\| \psi(\theta_y)} + \sum_{j \ne y} e^{\|x\| \cos \theta_j}}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="at a row of zeros"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Holds(wrt="embeddings", note="each logit has a slope of 2·margin at most"),
        "sample_independent": Holds(wrt="embeddings"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"prototypes": Prototypes("c d"), "margin": Interval(1.0, math.inf, high_open=True)},
    search={"margin": Interval(1.0, 4.0)},
    learned=("prototypes",),
    also_known_as=("A-softmax", "angular softmax"),
    references=(
        Reference(
            "Liu, Wen, Yu, Li, Raj and Song",
            "SphereFace: deep hypersphere embedding for face recognition",
            2017,
            "CVPR, arXiv:1704.08063",
        ),
    ),
    equivalents=(
        Equivalent("pytorch-metric-learning", "losses.SphereFaceLoss", "whole margins only; prototypes as columns"),
    ),
    mistakes=(
        "cos(margin·θ) alone rises again beyond π/margin, and pushes examples away from their class there.",
        "Prototypes of free length undo the margin: they are scaled to length 1 here; the bias is left out as well.",
        "At margin 4 from the start training stalls: the paper's code mixes the plain cosine in, less and less of it.",
    ),
    relatives={
        "arcface_loss": "an angle added: a margin for small angles too",
        "cosface_loss": "a margin on the cosine",
    },
)
