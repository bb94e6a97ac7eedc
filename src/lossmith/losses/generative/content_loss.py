"""Squared error between the features of two pictures, not between their pixels.

Reach for it when a picture should show the same things in the same places, whatever its colours and fine texture.
Avoid it on pixels themselves, where it is the squared error, and with features of a network trained on other scenes.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def content_loss(features: Float[Tensor, "n c h w"], content: Float[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """Content loss of each picture, at one layer of a fixed network.

    Args:
        features: the layer's output for the pictures made.
        content: the same layer's output for the pictures whose content they should have.

    Returns:
        Mean of (features − content)² over channels and places, from 0 up.

    Raises:
        ValueError: shapes differ, or are not (n, c, h, w).

    Source:
        Johnson et al. (2016), equation 2. Gatys et al. (2016) have half the sum: this times c·h·w/2.

    Example:
        >>> content_loss(torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 3.0]]]]))
        tensor([5.])
    """
    expect.feature_maps(features=features, content=content)
    return torch.nn.functional.mse_loss(features, content, reduction="none").flatten(1).mean(-1)


class ContentLoss(Criterion):
    """`content_loss`, masked, weighted and reduced."""

    function = staticmethod(content_loss)


_FEATURES = NotApplicable("it compares features, of which no distribution is predicted")

CARD = Card(
    module=ContentLoss,
    unit="example",
    inputs={"features": Real("n c h w"), "content": Real("n c h w")},
    formula=r"\frac1{chw} \|F - P\|^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="features"),
        "zero_at_target": Holds(wrt="features"),
        "convex": Holds(wrt="features", note="not so in the picture, through the network"),
        "differentiable": Holds(wrt="features"),
        "smooth": Holds(wrt="features"),
        "bounded_gradient": Fails(wrt="features"),
        "gradient_growth": Holds("linear", wrt="features"),
        "symmetric": Holds(wrt="features"),
        "proper": _FEATURES,
        "classification_calibrated": _FEATURES,
        "monotone": Holds(wrt="features"),
        "sample_independent": Holds(wrt="features"),
        "vmap": Holds(wrt="features"),
        "fullgraph": Holds(wrt="features"),
        "twice_differentiable": Holds(wrt="features"),
    },
    also_known_as=("feature reconstruction loss", "VGG loss"),
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
        Equivalent("torch", "nn.MSELoss", "on the features: the mean over the batch as well"),
        Equivalent("piq", "ContentLoss", "takes pictures, runs VGG, and weighs several layers"),
    ),
    mistakes=(
        "The network must see pictures as in its training: scaled and standardised by its own means.",
        "The network's parameters should not be trained, and dropout and batch statistics be fixed: call `eval()`.",
        "The gradient must pass through the network to the picture: detach the content's features, not those of the "
        "made.",
    ),
    relatives={
        "style_loss": "compares which features occur together, wherever they are",
        "squared_error_loss": "the same for numbers of any kind, one value each",
    },
)
