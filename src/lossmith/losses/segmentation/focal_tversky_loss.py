"""Tversky loss to a power below 1: images that are nearly right still pull.

Reach for it when small lesions are missed though the loss is low: the last errors keep their weight.
Avoid it with noisy outlines: it strains after the last pixels.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.losses.segmentation.tversky_loss import tversky_loss


def focal_tversky_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    gamma: float = 4.0 / 3.0,
    smooth: float = 1.0,
) -> Float[Tensor, "n"]:
    """Focal Tversky loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels.
        target: 1 inside the mask and 0 outside, same shape.
        alpha: price of a false positive, above 0.
        beta: price of a false negative, above 0. Papers and libraries differ in which letter is which.
        gamma: the power is 1/gamma; above 0. The authors take 4/3; below 1 it turns to the images that are worst.
        smooth: pixels added to numerator and denominator of the Tversky index, above 0.

    Returns:
        (1 − (TP + smooth)/(TP + alpha·FP + beta·FN + smooth))^(1/gamma), with TP, FP and FN counted softly as in
        `tversky_loss`; from 0 to 1.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Abraham and Khan (2019), equation 4.

    Example:
        >>> masks = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
        >>> focal_tversky_loss(torch.tensor([[9.0, 9.0], [9.0, -9.0]]), masks)
        tensor([0.2171, 0.3633])
    """
    expect.masks(input, target)
    plain = tversky_loss(input, target, alpha=alpha, beta=beta, smooth=smooth)
    # A power below 1 has an infinite slope at 0; an image that is right to the last digit does not pull.
    wrong = plain > 0
    return torch.where(wrong, torch.where(wrong, plain, 1.0).pow(1.0 / gamma), 0.0)


class FocalTverskyLoss(Criterion):
    """`focal_tversky_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(focal_tversky_loss)


CARD = Card(
    module=FocalTverskyLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"\left(1 - \frac{TP + s}{TP + \alpha FP + \beta FN + s}\right)^{1/\gamma}",
    elicits=Functional("mask_of_the_best_expected_power_of_the_tversky_index"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the best mask is all or nothing, whatever the probabilities"),
        "classification_calibrated": NotApplicable("it decides about a whole mask, and prices shift the cut"),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": POSITIVE, "beta": POSITIVE, "gamma": POSITIVE, "smooth": POSITIVE},
    search={"alpha": Interval(0.1, 1.0), "beta": Interval(0.1, 1.0), "gamma": Interval(0.75, 3.0)},
    references=(
        Reference(
            "Abraham and Khan",
            "A novel focal Tversky loss function with improved attention U-Net for lesion segmentation",
            2019,
            "ISBI, arXiv:1810.07842",
        ),
    ),
    equivalents=(
        Equivalent(
            "segmentation-models-pytorch",
            "losses.TverskyLoss('binary', gamma=...)",
            "the power is gamma itself, the reciprocal of ours; one overlap over the whole batch",
        ),
    ),
    mistakes=(
        "Copying gamma from code that raises to gamma instead of 1/gamma: take its reciprocal.",
        "Turning the prices round: raise beta, not alpha, to miss less.",
        "Averaging over images before the power: each image has its own.",
    ),
    relatives={
        "tversky_loss": "gamma 1",
        "focal_loss": "plays down what is easy, pixel by pixel; this one, at gamma above 1, the other way round",
        "dice_loss": "prices of a half, and no power",
    },
)
