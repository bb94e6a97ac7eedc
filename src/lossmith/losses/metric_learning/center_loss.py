"""Squared distance of an embedding from the learned centre of its class.

Reach for it beside cross-entropy, at a weight of about 0.003, when classes that are already told apart should also be
compact (faces, verification).
Avoid it alone: with nothing to push classes apart, all embeddings and centres go to one point.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    Card,
    Fails,
    Holds,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding, Prototypes


def center_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, centers: Float[Tensor, "c d"]
) -> Float[Tensor, "n"]:
    """Centre loss of each example.

    Args:
        embeddings: one row per example.
        labels: class indices.
        centers: one row per class, learned; a usual start is `torch.zeros(c, d)`.

    Returns:
        ½‖embedding − centre of its class‖², from 0 up.

    Raises:
        ValueError: there is not one label per row, or centres are of another width.
        TypeError: labels are no integers.

    Source:
        Wen, Zhang, Li and Qiao (2016), equation 2.

    Example:
        >>> import torch
        >>> centers = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
        >>> center_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), centers=centers)
        tensor([12.5000])
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, centers=centers)
    return 0.5 * (embeddings - centers.to(embeddings.dtype)[labels]).square().sum(-1)


class CenterLoss(Criterion):
    """`center_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(center_loss)


CARD = Card(
    module=CenterLoss,
    unit="example",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\tfrac12 \|x - c_y\|^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Holds(wrt="embeddings", note="and in the centres"),
        "differentiable": Holds(wrt="embeddings"),
        "smooth": Holds(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="it is the distance"),
        "sample_independent": Holds(wrt="embeddings"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings"),
    },
    parameters={"centers": Prototypes("c d")},
    learned=("centers",),
    also_known_as=("centre loss",),
    references=(
        Reference(
            "Wen, Zhang, Li and Qiao",
            "A discriminative feature learning approach for deep face recognition",
            2016,
            "ECCV",
        ),
    ),
    mistakes=(
        "Used alone it is 0 where everything is one point: add it to a cross-entropy with a small weight.",
        "The paper moves a centre by the mean of its examples' differences, whatever the loss's weight: give the "
        "centres "
        "a group of their own, with plain SGD, and divide its rate by that weight.",
        "It grows with the square of the embeddings' scale, and so does the weight that suits it.",
    ),
    relatives={
        "contrastive_loss": "pairs in place of centres, with a push",
        "proxy_nca_loss": "centres that compete",
    },
)
