"""Cross-entropy plus Dice: every pixel has a slope, and the overlap decides.

Reach for it as the safe default for masks: Dice alone has no slope where it is surely wrong, cross-entropy alone drowns
a small object in background.
Avoid it when one of the two is what is judged, and training with it is steady: two numbers less to choose.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import (
    POSITIVE,
    UNIT_OPEN,
    Card,
    Equivalent,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.losses.segmentation.dice_loss import dice_loss


def combo_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    *,
    alpha: float = 0.5,
    beta: float = 0.5,
    smooth: float = 1.0,
) -> Float[Tensor, "n"]:
    """Combo loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels.
        target: 1 inside the mask and 0 outside, same shape.
        alpha: share of the cross-entropy against the Dice loss; above 0, up to 1.
        beta: price of a missed pixel against 1 − beta of one too many, in the cross-entropy; between 0 and 1. At 0.5
            both are priced alike, at half of what binary cross-entropy says.
        smooth: pixels added in the Dice loss, above 0.

    Returns:
        alpha·mean of −(beta·y·log p + (1 − beta)(1 − y)·log(1 − p)) over the pixels, plus (1 − alpha)·Dice loss, with
        p = sigmoid(input); from 0 up.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Taghanaki et al. (2019), who subtract the Dice coefficient where this adds the loss: 1 − alpha more.

    Example:
        >>> combo_loss(torch.tensor([[2.0, -2.0]]), torch.tensor([[1.0, 0.0]]))
        tensor([0.0715])
    """
    overlap = dice_loss(input, target, smooth=smooth)
    x, y = input.flatten(1), target.flatten(1)
    softplus = torch.nn.functional.softplus
    entropy = beta * y * softplus(-x) + (1.0 - beta) * (1.0 - y) * softplus(x)
    return alpha * entropy.mean(1) + (1.0 - alpha) * overlap


class ComboLoss(Criterion):
    """`combo_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(combo_loss)


CARD = Card(
    module=ComboLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"-\frac{\alpha}{N}\sum_i [\beta y_i \log p_i + (1-\beta)(1-y_i)\log(1-p_i)] + (1-\alpha)\,L_{Dice}",
    elicits=Functional("mask_between_probabilities_and_the_best_overlap"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(at={"alpha": 0.1}, note="the cross-entropy is, the Dice loss is not"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="the cross-entropy's"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="Dice pulls the probabilities towards 0 and 1"),
        "classification_calibrated": NotApplicable("it decides about a whole mask"),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": Interval(0.0, 1.0, low_open=True), "beta": UNIT_OPEN, "smooth": POSITIVE},
    search={"alpha": Interval(0.1, 0.9), "beta": Interval(0.2, 0.8), "smooth": Interval(0.01, 100.0, log=True)},
    also_known_as=("Dice cross-entropy loss", "BCE-Dice loss"),
    references=(
        Reference(
            "Taghanaki, Zheng, Zhou, Georgescu, Sharma, Xu, Comaniciu and Hamarneh",
            "Combo loss: handling input and output imbalance in multi-organ segmentation",
            2019,
            "Computerized Medical Imaging and Graphics 75, arXiv:1805.02798",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.DiceCELoss(sigmoid=True)",
            "the plain sum lambda_ce·BCE + lambda_dice·Dice, both 1: three times ours at alpha=2/3 and beta=0.5; "
            "smooth_nr=smooth_dr=1e-5",
        ),
    ),
    mistakes=(
        "Adding Dice summed over the batch to cross-entropy averaged over pixels: their ratio then changes with the "
        "batch; keep both per image.",
        "Passing probabilities: a sigmoid of a sigmoid lies between 0.5 and 0.73, so pass logits.",
        "Reading alpha as in Tversky: here it is the share of the cross-entropy.",
    ),
    relatives={
        "dice_loss": "the overlap alone",
        "binary_cross_entropy_loss": "the pixels alone, with probabilities that can be used",
        "tversky_loss": "prices in the overlap rather than in the cross-entropy",
    },
)
