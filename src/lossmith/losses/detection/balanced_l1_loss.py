"""Smooth L1 that pulls harder on boxes that are nearly right.

Reach for it to refine boxes, where smooth L1 leaves the gradient to the few that are far off.
Avoid it when boxes differ much in size and offsets are not normalised: the bend is at 1, whatever the unit.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def balanced_l1_loss(
    input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"], *, alpha: float = 0.5, gamma: float = 1.5
) -> Float[Tensor, "n"]:
    """Balanced L1 loss of each box's offsets, summed.

    Args:
        input: predicted offsets of the four numbers of a box, normalised as the head gives them.
        target: true offsets, same shape.
        alpha: how slowly the pull grows near 0: the smaller, the harder boxes that are nearly right pull; above 0.
        gamma: the pull from an error of 1 on; above 0.

    Returns:
        Sum over offsets of alpha/b·(b|r| + 1)·log(b|r| + 1) − alpha·|r| where |r| < 1, else
        gamma·|r| + gamma/b − alpha, with r = input − target and b = e^(gamma/alpha) − 1; from 0 up. Its slope is
        alpha·log(b|r| + 1), at most gamma.

    Raises:
        ValueError: shapes differ, or are not rows.

    Source:
        Pang et al. (2019), equations 6 to 8.

    Example:
        >>> balanced_l1_loss(torch.tensor([[0.5, 2.0, 0.0, 0.0]]), torch.zeros(1, 4))
        tensor([2.9792])
    """
    expect.masks(input, target)
    off = (input - target).abs()
    b = math.expm1(gamma / alpha)
    near = off.clamp(max=1.0)  # the branch that is not taken must not overflow
    bent = alpha * ((near + 1.0 / b) * torch.log1p(b * near) - near)
    return torch.where(off < 1.0, bent, gamma * off + (gamma / b - alpha)).sum(-1)


class BalancedL1Loss(Criterion):
    """`balanced_l1_loss`, masked, weighted and reduced."""

    function = staticmethod(balanced_l1_loss)


CARD = Card(
    module=BalancedL1Loss,
    unit="example",
    inputs={"input": Real("n 4"), "target": Real("n 4")},
    formula=r"\sum_k \begin{cases} \frac{\alpha}{b}(b|r_k| + 1)\log(b|r_k| + 1) - \alpha|r_k| & |r_k| < 1 \\"
    r" \gamma|r_k| + \gamma/b - \alpha & \text{otherwise} \end{cases}",
    elicits=Functional("balanced_l1_centre"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most alpha·b"),
        "bounded_gradient": Holds(note="each entry by gamma"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(note="the minimiser lies between mean and median"),
        "classification_calibrated": NotApplicable("it predicts a box, not a class"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at 0 and where |r| is 1"),
    },
    parameters={"alpha": POSITIVE, "gamma": POSITIVE},
    search={"alpha": Interval(0.2, 1.0), "gamma": Interval(1.0, 2.0)},
    also_known_as=("libra L1 loss",),
    references=(
        Reference(
            "Pang, Chen, Shi, Feng, Ouyang and Lin",
            "Libra R-CNN: towards balanced learning for object detection",
            2019,
            "CVPR, arXiv:1904.02701",
        ),
    ),
    equivalents=(
        Equivalent("mmdet", "models.losses.BalancedL1Loss", "one value per offset; beta moves the bend from 1"),
    ),
    mistakes=(
        "Offsets in pixels: nearly all errors lie beyond the bend then; normalise them as the head does.",
        "An alpha far below gamma: e^(gamma/alpha) overflows; keep their ratio below 20.",
        "Averaging over all anchors: background has no box, so mask it out.",
    ),
    relatives={
        "smooth_l1_loss": "quadratic up to the bend: nearly right pulls less",
        "wing_loss": "steep right at 0",
        "giou_loss": "by overlap instead of offsets",
    },
)
