"""Focal loss against a score between 0 and 1: how good a box is.

Reach for it to train one score that is both class and quality (the IoU with the truth), as it will rank the boxes.
Avoid it when targets are only 0 and 1: then it is focal loss without its weights.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits, Probability


def quality_focal_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, beta: float = 2.0
) -> Float[Tensor, "..."]:
    """Quality focal loss of each element.

    Args:
        input: logits of the score, one per box and class.
        target: quality from 0 to 1 as floating point, same shape: 0 where there is no object of the class, else the
            IoU of the box with the truth.
        beta: how strongly what is nearly right is played down; above 1.

    Returns:
        −|y − p|^beta·(y·log p + (1 − y)·log(1 − p)) with p = sigmoid(input) and y the target; from 0 up. It is 0 where
        p = y.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Li et al. (2020), equation 5.

    Example:
        >>> quality_focal_loss(torch.tensor([0.0, 0.0]), torch.tensor([0.5, 1.0]))
        tensor([0.0000, 0.1733])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction="none")
    return (input.sigmoid() - target).abs().pow(beta) * entropy


class QualityFocalLoss(Criterion):
    """`quality_focal_loss`, masked, weighted and reduced."""

    function = staticmethod(quality_focal_loss)


CARD = Card(
    module=QualityFocalLoss,
    unit="element",
    inputs={"input": Logits(), "target": Probability()},
    formula=r"-|y - p|^{\beta}\left(y \log p + (1 - y)\log(1 - p)\right)",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="between 0 and 1 it is; at 0 and 1 approached, never reached"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Fails(at={"beta": 1.1}, note="from beta 2 on it is"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="of targets that vary the minimiser is less sure than their mean"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="for beta below 2 not where p is the target"),
    },
    parameters={"beta": Interval(1.0, float("inf"), low_open=True, high_open=True)},
    search={"beta": Interval(1.5, 4.0)},
    also_known_as=("QFL", "generalised focal loss of quality"),
    references=(
        Reference(
            "Li et al.",
            "Generalized focal loss: learning qualified and distributed bounding boxes for dense object detection",
            2020,
            "NeurIPS, arXiv:2006.04388",
        ),
    ),
    equivalents=(
        Equivalent(
            "mmdet",
            "models.losses.QualityFocalLoss",
            "takes class index and score; noes at a target of 0; summed over classes",
        ),
        Equivalent("pytorch-toolbelt", "losses.quality_focal_loss.QualityFocalLoss", "logits and targets; the mean"),
    ),
    mistakes=(
        "Dividing by the number of all boxes: divide the sum by that of positives.",
        "Letting the gradient flow into the IoU that is the target: detach it.",
        "A beta of 1 or less, at which it has a corner, or worse, where it is right: keep it above 1.",
    ),
    relatives={
        "sigmoid_focal_loss": "targets of 0 and 1, with a weight for either",
        "varifocal_loss": "plays down the noes only",
        "distribution_focal_loss": "its companion for the sides of the box",
    },
)
