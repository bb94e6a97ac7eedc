"""Absolute error rounded within a tiny width of the target: smooth everywhere.

Reach for it in restoring images or flows, where the absolute error is right but its kink disturbs the optimiser.
Avoid it where errors of the width itself matter: there it is a squared error with a tiny pull.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def charbonnier_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, epsilon: float = 1e-3
) -> Float[Tensor, "..."]:
    """Charbonnier loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        epsilon: width of the rounding, in the target's unit; above 0.

    Returns:
        √(r² + epsilon²) with r = input − target; from epsilon up.

    Raises:
        ValueError: shapes differ.

    Source:
        Charbonnier et al. (1994); Lai et al. (2017) for this form.

    Example:
        >>> charbonnier_loss(torch.tensor([0.0, 3.0]), torch.tensor([0.0, -1.0]), epsilon=3.0)
        tensor([3., 5.])
    """
    expect.same_shape(input=input, target=target)
    error = input - target
    return torch.hypot(error, torch.full_like(error, epsilon))  # r² alone would underflow beside a large target


class CharbonnierLoss(Criterion):
    """`charbonnier_loss`, masked, weighted and reduced."""

    function = staticmethod(charbonnier_loss)


CARD = Card(
    module=CharbonnierLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\sqrt{r^2 + \varepsilon^2}",
    elicits=lambda epsilon: Functional("charbonnier_centre", epsilon),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"epsilon": 1.0}, note="it is epsilon there"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/epsilon"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(at={"epsilon": 1.0}, note="between the median and the mean, the nearer the mean the wider"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"epsilon": POSITIVE},
    search={"epsilon": Interval(0.01, 1.0, log=True)},
    also_known_as=("Charbonnier penalty",),
    references=(
        Reference("Charbonnier et al.", "Two deterministic half-quadratic regularization algorithms", 1994, "ICIP"),
        Reference("Lai et al.", "Deep Laplacian pyramid networks for super-resolution", 2017, "CVPR"),
    ),
    equivalents=(
        Equivalent("kornia", "losses.charbonnier_loss", "√(r² + 1) − 1: epsilon is 1, less 1, and no way to set it"),
    ),
    mistakes=(
        "Taking it for a loss that ends at 0: its least value is epsilon; subtract it before comparing.",
        "Some write epsilon where its square is meant: 1e-6 added under the root is an epsilon of 1e-3.",
    ),
    relatives={
        "huber_loss": "an exact square near the target, and an exact line beyond",
        "log_cosh_loss": "the same shape at width 1",
        "barron_loss": "this one over the scale, less 1, at alpha 1",
        "absolute_error_loss": "what it becomes as epsilon falls to 0",
    },
)
