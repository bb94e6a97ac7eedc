"""Squared error between what a network of yours sees in two pictures.

Reach for it when pictures are made or restored, and a network trained on such pictures is at hand: hand it the network
cut off at the layers that count, and it does the rest.
Avoid it with a network trained on something else, and alone: what the features do not see is left to chance, so that it
is usually added to a pixel loss.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def perceptual_loss(
    model: Callable[[Tensor], Tensor | Sequence[Tensor]], input: Float[Tensor, "n *d"], target: Float[Tensor, "n *d"]
) -> Float[Tensor, "n"]:
    """Perceptual loss of each picture, through a fixed network.

    Args:
        model: a batch of pictures in, the features of one layer out, or a list of several layers'; the first dimension
            of each counts pictures. Its weights should need no gradient and its mode be `eval()`.
        input: the pictures made.
        target: the pictures they should look like; no gradient reaches them.

    Returns:
        Sum over layers of the mean of (model(input) − model(target))² over the layer's values; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Johnson, Alahi and Fei-Fei (2016), equation 2, summed over layers.

    Example:
        >>> blurred = lambda x: [x.mean(-1, keepdim=True), x]
        >>> perceptual_loss(blurred, torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 0.0]]))
        tensor([9.])
    """
    expect.same_shape(input=input, target=target)
    seen = _layers(model(input))
    with torch.no_grad():
        wanted = _layers(model(target))
    square = torch.nn.functional.mse_loss
    pairs = zip(seen, wanted, strict=True)
    return torch.stack([square(a, b, reduction="none").flatten(1).mean(-1) for a, b in pairs]).sum(0)


def _layers(features: Tensor | Sequence[Tensor]) -> Sequence[Tensor]:
    return [features] if isinstance(features, Tensor) else features


class PerceptualLoss(Criterion):
    """`perceptual_loss`, masked, weighted and reduced."""

    function = staticmethod(perceptual_loss)


_OF_MODEL = NotApplicable("it depends on the network that looks")
_PICTURES = NotApplicable("it compares pictures, of which no distribution is predicted")

CARD = Card(
    module=PerceptualLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "target": Real("n d")},
    formula=r"\sum_l \frac1{d_l} \|\phi_l(\hat x) - \phi_l(x)\|^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": _OF_MODEL,
        "differentiable": _OF_MODEL,
        "smooth": _OF_MODEL,
        "bounded_gradient": _OF_MODEL,
        "gradient_growth": _OF_MODEL,
        "symmetric": Holds(note="its value: no gradient reaches the target"),
        "proper": _PICTURES,
        "classification_calibrated": _PICTURES,
        "monotone": _OF_MODEL,
        "sample_independent": Holds(note="of a network without batch statistics"),
        "vmap": Holds(),
        "fullgraph": _OF_MODEL,
        "twice_differentiable": _OF_MODEL,
    },
    also_known_as=("VGG perceptual loss", "feature matching loss"),
    references=(
        Reference(
            "Johnson, Alahi and Fei-Fei",
            "Perceptual losses for real-time style transfer and super-resolution",
            2016,
            "ECCV, arXiv:1603.08155",
        ),
    ),
    equivalents=(
        Equivalent("piq", "ContentLoss", "runs VGG by itself, weighs layers, and averages over the batch"),
        Equivalent("monai", "losses.PerceptualLoss", "fetches a network and averages over its features' places"),
    ),
    mistakes=(
        "The network must see pictures as in its training: scaled and standardised by its own means.",
        "A network in training mode changes its batch statistics with every look: call `eval()` on it.",
        "Weights that need a gradient are trained along, to see no difference: `requires_grad_(False)` on the network.",
    ),
    relatives={
        "content_loss": "the same for one layer's features that you have already",
        "style_loss": "compares which features occur together, wherever they are",
    },
)
