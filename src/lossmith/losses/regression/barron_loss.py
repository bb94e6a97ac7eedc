"""One dial from squared error by way of Charbonnier and Cauchy to Welsch.

Reach for it when how much outliers should count is to be tuned as one number, alpha.
Avoid it below alpha = 1 from a poor start: it is then not convex, and far targets pull weakly. Where alpha is to be
learned use `adaptive_barron_loss`: learning it here would make everything an outlier.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.barron import expm1, general

FLAT = -1e15
"""From this alpha down, the limit −∞ is the same number in float64."""


def barron_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, alpha: float = 1.0, scale: float = 1.0
) -> Float[Tensor, "..."]:
    """General robust loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        alpha: how much far targets count, from −∞ (not at all) to 2 (by their square).
        scale: error, in the target's unit, up to which the loss is about ½(r/scale)² whatever alpha; above 0.

    Returns:
        (b/α)·((z/b + 1)^(α/2) − 1) with z = (r/scale)² and b = 2 − α, and its limits: ½z at 2, log(1 + ½z) at 0,
        1 − exp(−½z) at −∞. At 1 it is √(z + 1) − 1. From 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Barron (2019).

    Example:
        >>> barron_loss(torch.tensor([3.0, 3.0]), torch.tensor([0.0, 3.0]), alpha=0.0)
        tensor([1.7047, 0.0000])
    """
    expect.same_shape(input=input, target=target)
    z = ((input - target) / scale).square()
    if alpha == 2.0:
        return 0.5 * z
    if alpha <= FLAT:
        return -expm1(-0.5 * z)
    at = torch.full((), alpha, dtype=z.dtype, device=z.device)
    return general(z, at, torch.full_like(at, math.log(2.0 - alpha)))


class BarronLoss(Criterion):
    """`barron_loss`, masked, weighted and reduced."""

    function = staticmethod(barron_loss)


CARD = Card(
    module=BarronLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\frac{|\alpha-2|}{\alpha}\left(\left(\frac{(r/c)^2}{|\alpha-2|}+1\right)^{\alpha/2}-1\right)",
    elicits=lambda alpha, scale: MEAN if alpha == 2.0 else Functional("robust_centre", alpha),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(at={"alpha": 0.0}, note="it is from alpha = 1 up"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/scale², whatever alpha"),
        "bounded_gradient": Fails(at={"alpha": 2.0}, note="it is up to alpha = 1, by 1/scale"),
        "gradient_growth": Fails(
            at={"alpha": 2.0}, note="as |r|^(alpha - 1): linear at 2, constant at 1, vanishing below"
        ),
        "symmetric": Holds(),
        "proper": Fails(at={"alpha": 0.0}, note="it is at alpha = 2, for the mean"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": Interval(-math.inf, 2.0), "scale": POSITIVE},
    search={"alpha": Interval(-4.0, 2.0), "scale": Interval(0.2, 5.0, log=True)},
    also_known_as=("general robust loss", "general and adaptive robust loss"),
    references=(
        Reference("Barron", "A general and adaptive robust loss function", 2019, "CVPR; arXiv:1701.03077"),
        Reference("Charbonnier et al.", "Two deterministic half-quadratic regularization algorithms", 1994, "ICIP"),
    ),
    equivalents=(
        Equivalent("robust_loss_pytorch", "lossfun", "takes alpha above 2 too; approximate beside alpha = 0 and 2"),
    ),
    mistakes=(
        "A smaller scale makes the gradient larger, at alpha = 2 by 1/scale²: tune the learning rate with it.",
        "The textbook formula gives NaN at alpha = 0 and 2: take the limits, or this file.",
    ),
    relatives={
        "squared_error_loss": "alpha = 2, times 2·scale²",
        "cauchy_loss": "alpha = 0",
        "welsch_loss": "alpha = −∞",
        "huber_loss": "between squared and absolute too, in two pieces; alpha = 1 is its smooth relative",
        "adaptive_barron_loss": "learns alpha and the scale",
    },
)
