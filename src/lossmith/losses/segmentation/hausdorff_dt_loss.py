"""Squared errors of a mask, weighed by their distance from both outlines.

Reach for it when the Hausdorff distance is judged: one stray piece far off costs more than a ragged edge.
Avoid it alone and from scratch: add it to Dice once the mask is roughly right.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.distances import both_sides


def hausdorff_dt_loss(
    input: Float[Tensor, "n *pixels"], target: Float[Tensor, "n *pixels"], *, alpha: float = 2.0
) -> Float[Tensor, "n"]:
    """Hausdorff distance-transform loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, (n, h, w) or (n, d, h, w): one image or volume per first index.
        target: 1 inside the mask and 0 outside, same shape.
        alpha: power of the distances, above 0: the larger, the more the furthest error counts.

    Returns:
        Mean over pixels of (p − y)²·(d_p^alpha + d_y^alpha), with p = sigmoid(input), y the target and d the distance
        of a pixel, in pixels, to the nearest one on the other side of the mask: predicted (p above ½) and true. From 0
        up. A mask without an outline, all or nothing, has d = 0. No gradient flows through the distances.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Karimi and Salcudean (2019), equation 8.

    Example:
        >>> import torch
        >>> hausdorff_dt_loss(torch.tensor([[[9.0, -9.0, 9.0]]]), torch.tensor([[[1.0, 0.0, 0.0]]]))  # (1 + 4)/3
        tensor([1.6663])
    """
    expect.masks(input, target)
    far = _weight(input > 0, alpha, input.dtype) + _weight(target > 0.5, alpha, input.dtype)
    return ((input.sigmoid() - target).square() * far).flatten(1).mean(1)


def _weight(mask: Tensor, alpha: float, dtype: torch.dtype) -> Tensor:
    to_mask, to_rest = both_sides(mask, dtype)
    return torch.pow(to_mask + to_rest, alpha / 2.0)


class HausdorffDtLoss(Criterion):
    """`hausdorff_dt_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(hausdorff_dt_loss)


_MASK = NotApplicable("it decides about a whole mask")

CARD = Card(
    module=HausdorffDtLoss,
    unit="example",
    inputs={"input": Logits("n h w"), "target": BinaryTarget("n h w")},
    formula=r"\frac1N \sum_i (p_i - y_i)^2 \left(d_p(i)^{\alpha} + d_y(i)^{\alpha}\right)",
    elicits=Functional("mask_of_the_least_expected_squared_distance"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Fails(note="it jumps where a pixel's logit changes sign: the predicted outline moves"),
        "smooth": Fails(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _MASK,
        "classification_calibrated": _MASK,
        "monotone": Fails(note="one more wrong pixel can bring the outlines together"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the jumps"),
    },
    parameters={"alpha": POSITIVE},
    search={"alpha": Interval(1.0, 3.0)},
    also_known_as=("Hausdorff distance loss by distance transform",),
    references=(
        Reference(
            "Karimi and Salcudean",
            "Reducing the Hausdorff distance in medical image segmentation with convolutional neural networks",
            2019,
            "IEEE Transactions on Medical Imaging 39(2), arXiv:1904.10030",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.HausdorffDTLoss(sigmoid=True)",
            "takes probabilities unless sigmoid=True; distances on the CPU",
        ),
        Equivalent("kornia", "losses.HausdorffERLoss", "another way to the same aim, by erosion"),
    ),
    mistakes=(
        "Training from scratch with it: start with Dice, then add it so that both count alike.",
        "Comparing values between picture sizes: they grow with the square of the distances, in pixels.",
        "Flattening the pixels first: distances need the picture's height and width.",
    ),
    relatives={
        "boundary_loss": "a straight line in the probabilities, by the true outline alone",
        "dice_loss": "what it is added to",
    },
)
