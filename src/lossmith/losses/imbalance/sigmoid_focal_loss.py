"""Binary cross-entropy that attends to the elements it still gets wrong.

Reach for it when negatives outnumber positives by far and most are easy: anchors of a detector, rare tags.
Avoid it under label noise (a mislabelled element stays hard forever) and where the sigmoid is read as a probability.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    NON_NEGATIVE,
    RANKING,
    UNIT_OPEN,
    WEIGHTED_PROBABILITIES,
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


def sigmoid_focal_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, gamma: float = 2.0, alpha: float | None = None
) -> Float[Tensor, "..."]:
    """Focal loss of each element, over a sigmoid.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.
        gamma: how strongly easy elements are played down; 0 is (weighted) binary cross-entropy.
        alpha: weight of a yes, 1 − alpha that of a no; None weights neither. torchvision and kornia take 0.25
            unasked, as in the paper; MONAI, optax and Keras take None.

    Returns:
        −(1 − p)^gamma·log p, with p = σ(input) for a yes and 1 − σ(input) for a no; from 0 up. A soft target y mixes
        the two, y to 1 − y.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Lin et al. (2017).

    Example:
        >>> sigmoid_focal_loss(torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.0]))
        tensor([0.0018, 0.1733])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    yes, no = (1.0, 1.0) if alpha is None else (alpha, 1.0 - alpha)
    log_p, log_q = torch.nn.functional.logsigmoid(input), torch.nn.functional.logsigmoid(-input)
    # (1 - p)^gamma as exp(gamma log(1 - p)): torchvision's power of 1 - p has NaN gradients at p = 1 for gamma < 1.
    # Linear in the target, so that a soft one means an uncertain label as in cross-entropy; torchvision and optax
    # raise the mixed probability to gamma instead, which agrees at 0 and 1 only.
    return -(yes * target * torch.exp(gamma * log_q) * log_p + no * (1.0 - target) * torch.exp(gamma * log_p) * log_q)


class SigmoidFocalLoss(Criterion):
    """`sigmoid_focal_loss`, masked, weighted and reduced."""

    function = staticmethod(sigmoid_focal_loss)


def _elicits(gamma: float, alpha: float | None) -> Functional:
    """Say what the minimiser is: weights move the threshold, gamma keeps the order."""
    even = alpha is None or alpha == 0.5
    if gamma == 0:
        return CLASS_PROBABILITIES if even else WEIGHTED_PROBABILITIES
    return MOST_LIKELY_CLASS if even else RANKING


CARD = Card(
    module=SigmoidFocalLoss,
    unit="element",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"-\alpha\, y\,(1-p)^{\gamma}\log p - (1-\alpha)(1-y)\,p^{\gamma}\log(1-p)",
    elicits=_elicits,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"gamma": 2.0}, note="approached as the margin grows, never reached"),
        "convex": Fails(at={"gamma": 2.0}, note="in the logits; it is at gamma 0"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="a surely wrong prediction is pulled as by cross-entropy"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"gamma": 2.0}, note="the minimiser's sigmoid is less sure than the truth"),
        "classification_calibrated": Fails(at={"alpha": 0.25}, note="it is where alpha is None or 0.5"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": NON_NEGATIVE, "alpha": UNIT_OPEN},
    search={"gamma": Interval(0.0, 5.0), "alpha": Interval(0.05, 0.95)},
    also_known_as=("binary focal loss", "retinanet loss"),
    references=(
        Reference("Lin et al.", "Focal loss for dense object detection", 2017, "arXiv:1708.02002"),
        Reference(
            "Charoenphakdee et al.",
            "On focal loss for class-posterior probability estimation: a theoretical perspective",
            2021,
            "arXiv:2011.09172",
        ),
    ),
    equivalents=(
        Equivalent("torchvision", "ops.sigmoid_focal_loss", "alpha 0.25 unless given; NaN gradients at gamma below 1"),
        Equivalent(
            "keras", "losses.BinaryFocalCrossentropy", "target first; probabilities; alpha off unless asked for"
        ),
        Equivalent("optax", "losses.sigmoid_focal_loss", "another mix for soft targets"),
        Equivalent("monai", "losses.FocalLoss"),
        Equivalent("kornia", "losses.binary_focal_loss_with_logits", "alpha 0.25 unless given"),
    ),
    mistakes=(
        "Believing that alpha = 0.25 lifts the yes: it weighs a yes by 0.25 and a no by 0.75, for gamma has played "
        "down the many noes already; for a rare yes without gamma take alpha above 0.5.",
        "Comparing numbers between libraries: alpha is 0.25 in some and off in others.",
        "Dividing by all elements where the paper divides by the yeses, with its learning rate: the mean over many "
        "noes is nearly 0; use reduction='sum' and divide by the number of yeses.",
        "Starting at even odds: set the last bias to the log-odds of a yes, as the paper does, or noes rule at first.",
    ),
    relatives={
        "focal_loss": "classes that exclude each other",
        "asymmetric_loss": "a gamma for each side, and a margin",
        "weighted_binary_cross_entropy_loss": "a weight only: convex",
        "ghm_classification_loss": "counts how many are how hard, instead of a formula",
    },
)
