"""Cross-entropy against the quality of a box; only the noes are played down.

Reach for it to train scores that rank boxes by IoU, with few good ones among very many empty ones.
Avoid it when the score is read as a probability: yeses count by their quality, noes by `alpha` and less.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

from lossmith import expect
from lossmith.card import (
    NON_NEGATIVE,
    POSITIVE,
    RANKING,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import Logits, Probability


def varifocal_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, alpha: float = 0.75, gamma: float = 2.0
) -> Float[Tensor, "..."]:
    """Varifocal loss of each element.

    Args:
        input: logits of the score, one per box and class.
        target: quality from 0 to 1 as floating point, same shape: exactly 0 where there is no object of the class,
            else the IoU of the box with the truth.
        alpha: weight of a no, above 0.
        gamma: how strongly easy noes are played down, from 0 up.

    Returns:
        −q·(q·log p + (1 − q)·log(1 − p)) where the target q is above 0, else −alpha·p^gamma·log(1 − p), with
        p = sigmoid(input); from 0 up.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Zhang et al. (2021), equation 2.

    Example:
        >>> varifocal_loss(torch.tensor([0.0, 0.0]), torch.tensor([0.5, 0.0]))
        tensor([0.3466, 0.1300])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    log_p, log_q = logsigmoid(input), logsigmoid(-input)
    yes = -target * (target * log_p + (1.0 - target) * log_q)
    return torch.where(target > 0, yes, -alpha * torch.exp(gamma * log_p) * log_q)


class VarifocalLoss(Criterion):
    """`varifocal_loss`, masked, weighted and reduced."""

    function = staticmethod(varifocal_loss)


CARD = Card(
    module=VarifocalLoss,
    unit="element",
    inputs={"input": Logits(), "target": Probability()},
    formula=r"\begin{cases} -q\,(q \log p + (1 - q)\log(1 - p)) & q > 0 \\ -\alpha p^{\gamma} \log(1 - p) & q = 0"
    r" \end{cases}",
    elicits=RANKING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="a quality below 1 always costs its entropy"),
        "convex": Fails(at={"gamma": 2.0}, note="the noes level off before they rise"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="yeses weigh more than noes"),
        "classification_calibrated": Fails(note="yeses weigh more than noes: the cut is not at one half"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": POSITIVE, "gamma": NON_NEGATIVE},
    search={"alpha": Interval(0.25, 1.0), "gamma": Interval(0.5, 3.0)},
    also_known_as=("VFL",),
    references=(
        Reference(
            "Zhang, Wang, Dayoub and Sünderhauf",
            "VarifocalNet: an IoU-aware dense object detector",
            2021,
            "CVPR, arXiv:2008.13367",
        ),
    ),
    equivalents=(
        Equivalent(
            "mmdet",
            "models.losses.VarifocalLoss",
            "the mean over elements unless avg_factor says what to divide by; iou_weighted=False drops the first q",
        ),
    ),
    mistakes=(
        "Targets that are small instead of 0 where there is no object: those count as yeses; set them to exactly 0.",
        "Letting the gradient flow into the IoU that is the target: detach it.",
        "Dividing by the number of all boxes: divide the sum by that of positives.",
    ),
    relatives={
        "quality_focal_loss": "plays down both sides by the distance from the target",
        "sigmoid_focal_loss": "targets of 0 and 1",
        "asymmetric_loss": "plays the noes down for tags",
    },
)
