"""Squared error with its own price for too low and too high: fits an expectile.

Reach for it when running short and running over cost differently and large errors should weigh more than in a quantile.
Avoid it where the result must be explained: "9 in 10 lie below" is a quantile; an expectile has no such reading.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, UNIT_OPEN, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def expectile_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, level: float = 0.5
) -> Float[Tensor, "..."]:
    """Expectile loss of each element.

    Args:
        input: predictions of the expectile.
        target: observations, same shape and unit.
        level: price of predicting too low, against 1 − level for too high; between 0 and 1.

    Returns:
        level·r² where r = target − input is positive, else (1 − level)·r²; from 0 up. At 0.5 it is half the squared
        error.

    Raises:
        ValueError: shapes differ.

    Source:
        Newey and Powell (1987).

    Example:
        >>> expectile_loss(torch.tensor([0.0, 3.0]), torch.tensor([1.0, 1.0]), level=0.9)
        tensor([0.9000, 0.4000])
    """
    expect.same_shape(input=input, target=target)
    short = target - input
    square = short.square()
    return torch.where(short > 0, level * square, (1.0 - level) * square)


class ExpectileLoss(Criterion):
    """`expectile_loss`, masked, weighted and reduced."""

    function = staticmethod(expectile_loss)


CARD = Card(
    module=ExpectileLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"|\tau - [y < x]|\,(y - x)^2",
    elicits=lambda level: MEAN if level == 0.5 else Functional("expectile", level),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 2"),
        "bounded_gradient": Fails(at={"level": 0.5}, note="it is the squared error's, times a price"),
        "gradient_growth": Holds("linear"),
        "symmetric": Fails(at={"level": 0.9}, note="it is, at level 0.5 only"),
        "proper": Fails(at={"level": 0.9}, note="consistent for the expectile, which is neither mean nor quantile"),
        "classification_calibrated": Fails(at={"level": 0.9}, note="on targets of -1 and 1 it cuts at 1 - level"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at the target, where the second derivative jumps"),
    },
    parameters={"level": UNIT_OPEN},
    search={"level": Interval(0.01, 0.99)},
    also_known_as=("asymmetric squared error", "asymmetric least squares", "quad-quad loss", "IQL value loss"),
    references=(
        Reference("Newey and Powell", "Asymmetric least squares estimation and testing", 1987, "Econometrica 55(4)"),
    ),
    equivalents=(
        Equivalent("torchrl", "objectives.IQLLoss", "inside implicit Q-learning, as its value loss (`expectile=`)"),
    ),
    mistakes=(
        "A level of 0.9 is not the 0.9-quantile: for a stated share below the prediction use the pinball loss.",
        "The level prices a prediction that is too low: to fear predicting too much, take it below 0.5.",
    ),
    relatives={
        "squared_error_loss": "twice this one at level 0.5",
        "pinball_loss": "the same prices on absolute errors: fits a quantile, bounded gradient",
        "linex_loss": "smooth, and exponential on the dear side",
    },
)
