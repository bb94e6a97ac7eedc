"""Compares which features occur together in two pictures, wherever they occur.

Reach for it when a picture should take on another's texture, with `content_loss` to keep its things in place.
Avoid it where places matter: two pictures with the same patches in another order have the same style.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def style_loss(features: Float[Tensor, "n c h w"], style: Float[Tensor, "n c h2 w2"]) -> Float[Tensor, "n"]:
    """Style loss of each picture, at one layer of a fixed network.

    Args:
        features: the layer's output for the pictures made.
        style: the same layer's output for the pictures whose style they should have; of any height and width.

    Returns:
        ‖G(features) − G(style)‖², summed over pairs of channels, from 0 up. G is the Gram matrix: of two channels the
        sum over places of their product, divided by c·h·w.

    Raises:
        ValueError: batch sizes or channels differ, or the shapes are not (n, c, h, w).

    Source:
        Johnson et al. (2016), equations 3 and 4; Gatys et al. (2016) have a quarter of it.

    Example:
        >>> import torch
        >>> style_loss(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 3, 3))
        tensor([1.])
    """
    expect.feature_maps(features=features, style=style, same_places=False)
    return (_gram(features) - _gram(style)).square().flatten(1).sum(-1)


def _gram(features: Tensor) -> Tensor:
    rows = features.flatten(2)
    # Divided before the product, whose sums of squares would leave bfloat16 few digits and float16 no room.
    size = float(rows.shape[1] * rows.shape[2]) ** 0.5
    rows = rows / size
    gram: Tensor = rows @ rows.transpose(-1, -2)
    return gram


class StyleLoss(Criterion):
    """`style_loss`, masked, weighted and reduced."""

    function = staticmethod(style_loss)


_FEATURES = NotApplicable("it compares features, of which no distribution is predicted")

CARD = Card(
    module=StyleLoss,
    unit="example",
    inputs={"features": Real("n c h w"), "style": Real("n c h w")},
    formula=r"\|G(F) - G(S)\|_F^2, \quad G(F)_{ij} = \frac1{chw} \sum_{p} F_{ip} F_{jp}",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="features"),
        "zero_at_target": Holds(wrt="features", note="and at every picture with the same Gram matrix"),
        "convex": Fails(wrt="features"),
        "differentiable": Holds(wrt="features"),
        "smooth": Fails(wrt="features", note="the curvature grows with the square of the features"),
        "bounded_gradient": Fails(wrt="features"),
        "gradient_growth": Holds("cubic", wrt="features"),
        "symmetric": Holds(wrt="features"),
        "proper": _FEATURES,
        "classification_calibrated": _FEATURES,
        "monotone": Fails(wrt="features", note="features further off can have the same products"),
        "sample_independent": Holds(wrt="features"),
        "vmap": Holds(wrt="features"),
        "fullgraph": Holds(wrt="features"),
        "twice_differentiable": Holds(wrt="features"),
    },
    also_known_as=("Gram matrix loss", "style reconstruction loss"),
    references=(
        Reference("Gatys, Ecker and Bethge", "Image style transfer using convolutional neural networks", 2016, "CVPR"),
        Reference(
            "Johnson, Alahi and Fei-Fei",
            "Perceptual losses for real-time style transfer and super-resolution",
            2016,
            "ECCV, arXiv:1603.08155",
        ),
    ),
    equivalents=(
        Equivalent(
            "piq", "StyleLoss", "takes pictures, runs VGG; Gram matrices without a divisor, and their mean square"
        ),
        Equivalent(
            "keras",
            "the neural style example",
            "Gram matrices without a divisor; the sum over 4·3²·(the picture's pixels)²",
        ),
    ),
    mistakes=(
        "The Gram matrix's divisor differs from code to code by up to (c·h·w)²: a style weight carries over only with "
        "it.",
        "The PyTorch tutorial divides by the batch size as well and mixes the pictures of a batch in one matrix: a "
        "batch of 1 "
        "only.",
        "A linear layer's features of shape (n, d) have no places to sum over: give the maps of a convolution.",
    ),
    relatives={"content_loss": "compares features place by place"},
)
