"""Predicted mask weighed by its signed distance from the true outline.

Reach for it beside Dice or cross-entropy when outlines matter or objects are tiny: an error costs by how far off it is.
Avoid it alone: a mask predicted empty has no outline to be drawn to, and its value has no natural 0.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.distances import both_sides


def boundary_loss(input: Float[Tensor, "n *pixels"], target: Float[Tensor, "n *pixels"]) -> Float[Tensor, "n"]:
    """Boundary loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, (n, h, w) or (n, d, h, w): one image or volume per first index.
        target: 1 inside the mask and 0 outside, same shape; what is above ½ counts as inside.

    Returns:
        Mean over pixels of p·φ, with p = sigmoid(input) and φ the distance, in pixels, to the nearest pixel of the mask
        outside it, and 1 less the distance to the nearest one outside within it; any real number, least where the
        mask is filled. An image that is all mask, or none, costs 0.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Kervadec et al. (2019), equation 5; the map as their code has it.

    Example:
        >>> boundary_loss(torch.zeros(1, 1, 4), torch.tensor([[[1.0, 1.0, 0.0, 0.0]]]))  # ½·(-1 + 0 + 1 + 2)/4
        tensor([0.2500])
    """
    expect.masks(input, target)
    inside = target > 0.5
    to_mask, to_rest = (squares.sqrt() for squares in both_sides(inside, input.dtype))
    signed = torch.where(inside, (1.0 - to_rest).clamp(max=0.0), to_mask)
    return (input.sigmoid() * signed).flatten(1).mean(1)


class BoundaryLoss(Criterion):
    """`boundary_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(boundary_loss)


_MASK = NotApplicable("it decides about a whole mask")

CARD = Card(
    module=BoundaryLoss,
    unit="example",
    inputs={"input": Logits("n h w"), "target": BinaryTarget("n h w")},
    formula=r"\frac1N \sum_i p_i\, \phi(i)",
    elicits=Functional("mask_of_the_least_expected_distance"),
    claims={
        "non_negative": Fails(note="pixels inside count below 0"),
        "zero_at_target": Fails(note="it is below 0 there"),
        "convex": Fails(note="in the probabilities it is a straight line"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _MASK,
        "classification_calibrated": _MASK,
        "monotone": Holds(note="in each pixel; those just inside the outline have no weight"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("boundary loss of Kervadec", "level set boundary loss"),
    references=(
        Reference(
            "Kervadec et al.",
            "Boundary loss for highly unbalanced segmentation",
            2019,
            "MIDL, arXiv:1812.07032",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai", "losses.BoundaryLoss(sigmoid=True)", "takes probabilities unless sigmoid=True; maps by scipy"
        ),
        Equivalent("mmseg", "models.losses.BoundaryLoss", "another loss of the name: weighted cross-entropy of edges"),
    ),
    mistakes=(
        "Training with it alone: add it to Dice, its weight rising from 0.01 as training goes on.",
        "Expecting it to fall to 0: it is below 0 where it is right; watch how it falls.",
        "Flattening the pixels first: distances need the picture's height and width.",
    ),
    relatives={
        "hausdorff_dt_loss": "errors of both sides, by the distance from either outline",
        "dice_loss": "what it is added to",
    },
)
