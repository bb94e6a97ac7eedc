"""Focal loss plus focal Tversky, asymmetric: background fades, foreground stays.

Reach for it when the mask is a small part of the picture, and both single pixels and the overlap matter.
Avoid it as a first choice: `combo_loss` has no power to choose. Avoid it when the probabilities are used.
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
from lossmith.losses.segmentation.focal_tversky_loss import focal_tversky_loss
from lossmith.losses.segmentation.tversky_loss import tversky_loss


def unified_focal_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    *,
    weight: float = 0.5,
    delta: float = 0.6,
    gamma: float = 0.5,
    smooth: float = 1.0,
) -> Float[Tensor, "n"]:
    """Asymmetric unified focal loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels.
        target: 1 inside the mask and 0 outside, same shape.
        weight: share of the focal part against the Tversky part; above 0, up to 1.
        delta: price of a missed pixel against 1 − delta of one too many; between 0 and 1.
        gamma: how strongly easy background is played down, and a nearly right mask played up; from 0, below 1.
        smooth: pixels added to numerator and denominator of the Tversky indices, above 0.

    Returns:
        weight·mean of −(delta·y·log p + (1 − delta)(1 − y)·p^gamma·log(1 − p)) over the pixels, with
        p = sigmoid(input), plus (1 − weight)·½·((1 − T) + (1 − T′)^(1 − gamma)); from 0 up. T′ is the Tversky index of
        the mask, T that of the background; in both, delta is the price of what the class misses.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Yeung et al. (2022), the asymmetric variant; the mean of the two classes is their code's.

    Example:
        >>> unified_focal_loss(torch.tensor([[2.0, -2.0]]), torch.tensor([[1.0, 0.0]]))
        tensor([0.0994])
    """
    prices = {"alpha": 1.0 - delta, "beta": delta, "smooth": smooth}
    mask = focal_tversky_loss(input, target, gamma=1.0 / (1.0 - gamma), **prices)
    background = tversky_loss(-input, 1.0 - target, **prices)
    x, y = input.flatten(1), target.flatten(1)
    softplus, logsigmoid = torch.nn.functional.softplus, torch.nn.functional.logsigmoid
    # The power by its logarithm: p^gamma has an infinite slope at 0.
    easy = torch.exp(gamma * logsigmoid(x)) * softplus(x)
    pixels = delta * y * softplus(-x) + (1.0 - delta) * (1.0 - y) * easy
    return weight * pixels.mean(1) + (1.0 - weight) * 0.5 * (background + mask)


class UnifiedFocalLoss(Criterion):
    """`unified_focal_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(unified_focal_loss)


CARD = Card(
    module=UnifiedFocalLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"-\frac{\lambda}{N}\sum_i [\delta y_i \log p_i + (1-\delta)(1-y_i)\,p_i^\gamma \log(1-p_i)]"
    r" + \frac{1-\lambda}{2}\left[(1 - T_0) + (1 - T_1)^{1-\gamma}\right]",
    elicits=Functional("mask_between_played_down_probabilities_and_the_best_overlap"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(at={"weight": 0.1}, note="the Tversky part is not"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="the focal part's"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the powers and the Tversky part move the probabilities"),
        "classification_calibrated": NotApplicable("it decides about a whole mask, and prices shift the cut"),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "weight": Interval(0.0, 1.0, low_open=True),
        "delta": UNIT_OPEN,
        "gamma": Interval(0.0, 1.0, high_open=True),
        "smooth": POSITIVE,
    },
    search={"weight": Interval(0.1, 0.9), "delta": Interval(0.4, 0.8), "gamma": Interval(0.0, 0.75)},
    also_known_as=("asymmetric unified focal loss",),
    references=(
        Reference(
            "Yeung, Sala, Schönlieb and Rundo",
            "Unified focal loss: generalising Dice and cross entropy-based losses to handle class imbalanced medical "
            "image segmentation",
            2022,
            "Computerized Medical Imaging and Graphics 95, arXiv:2102.04525",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.AsymmetricUnifiedFocalLoss",
            "two channels, background first; its focal part is half of ours; delta=0.7, smoothing 1e-7, which is also "
            "a clamp; overlaps per image",
        ),
    ),
    mistakes=(
        "Taking gamma for the focal loss's: one gamma, below 1, serves both parts; 2 is refused.",
        "Copying the weight from the authors' code: there it is the Tversky part's share, in their paper the other's.",
        "Passing probabilities: a sigmoid of a sigmoid lies between 0.5 and 0.73, so pass logits.",
    ),
    relatives={
        "combo_loss": "cross-entropy plus Dice: no powers",
        "focal_tversky_loss": "the overlap alone, of the mask only",
        "sigmoid_focal_loss": "the pixels alone, both classes played down",
    },
)
