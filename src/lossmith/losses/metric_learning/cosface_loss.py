"""Softmax over cosines to class prototypes, with a margin off the own cosine.

Reach for it when embeddings should tell classes apart that training never saw, as the simplest of its kind: nothing but
a subtraction, and at margin 0 a normalised softmax.
Avoid it with noisy labels, and for plain classification, where cross-entropy does better.
"""

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
from lossmith.kernels.prototypes import cosines, is_own


def cosface_loss(
    embeddings: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    *,
    prototypes: Float[Tensor, "c d"],
    margin: float = 0.35,
    scale: float = 64.0,
) -> Float[Tensor, "n"]:
    """CosFace loss of each example.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: class indices.
        prototypes: one row per class, learned; their length does not matter. A good start is `torch.randn(c, d)`.
        margin: how much larger the cosine with the own class should be; from 0 to 2.
        scale: what cosines are multiplied by, one over a temperature; above 0.

    Returns:
        Cross-entropy, in nats, of scale·cos θ, with cos θ − margin for the example's own class; from 0 up.

    Raises:
        ValueError: there is not one label per row, or prototypes are of another width.
        TypeError: labels are no integers.

    Source:
        Wang et al. (2018), equation 4.

    Example:
        >>> prototypes = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> cosface_loss(torch.tensor([[5.0, 0.0]]), torch.tensor([0]), prototypes=prototypes, margin=1.0, scale=2.0)
        tensor([0.6931])
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, prototypes=prototypes)
    logits = cosines(embeddings, prototypes) - margin * is_own(labels, prototypes).to(embeddings.dtype)
    return torch.nn.functional.cross_entropy(scale * logits, labels, reduction="none")


class CosfaceLoss(Criterion):
    """`cosface_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(cosface_loss)


CARD = Card(
    module=CosfaceLoss,
    unit="example",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"-\log \frac{e^{s (\cos \theta_y - m)}}{e^{s (\cos \theta_y - m)} + \sum_{j \ne y} e^{s \cos \theta_j}}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": Holds(wrt="embeddings"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"prototypes": Prototypes("c d"), "margin": Interval(0.0, 2.0), "scale": POSITIVE},
    search={"margin": Interval(0.0, 0.8), "scale": Interval(4.0, 128.0, log=True)},
    learned=("prototypes",),
    also_known_as=("large margin cosine loss", "AM-softmax", "additive margin softmax", "LMCL"),
    references=(
        Reference(
            "Wang et al.", "CosFace: large margin cosine loss for deep face recognition", 2018, "CVPR, arXiv:1801.09414"
        ),
        Reference(
            "Wang, Cheng, Liu and Liu",
            "Additive margin softmax for face verification",
            2018,
            "IEEE Signal Processing Letters, arXiv:1801.05599",
        ),
    ),
    equivalents=(Equivalent("pytorch-metric-learning", "losses.CosFaceLoss", "prototypes as columns"),),
    mistakes=(
        "The margin comes off before scaling: off the logits it is a margin of margin/scale, next to nothing.",
        "The prototypes serve training only: compare new examples by the cosine of their embeddings.",
        "A large scale with a large margin cannot be met by many classes in few dimensions, and training stalls.",
    ),
    relatives={
        "arcface_loss": "the margin on the angle: the same along the whole arc",
        "sphereface_loss": "the angle multiplied",
        "nt_xent_loss": "other examples in place of prototypes, and no labels",
    },
)
