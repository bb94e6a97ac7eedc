"""Absolute error with its own price for too low and too high: fits a quantile.

Reach for it when running short and running over cost differently (stock, staffing), or for prediction intervals.
Avoid reading two fitted quantiles as an interval unchecked: separate fits may cross, and extreme levels need much data.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import UNIT_OPEN, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def pinball_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, quantile: float = 0.5
) -> Float[Tensor, "..."]:
    """Pinball loss of each element.

    Args:
        input: predictions of the quantile.
        target: observations, same shape and unit.
        quantile: share of the observations that should lie below the prediction; between 0 and 1.

    Returns:
        quantile·r where r = target − input is positive, else (quantile − 1)·r; from 0 up. At quantile 0.5 it is half
        the absolute error. Where input and target are equal the gradient is ½ − quantile, the middle of the
        subgradients −quantile and 1 − quantile.

    Raises:
        ValueError: shapes differ.

    Source:
        Koenker and Bassett (1978).

    Example:
        >>> pinball_loss(torch.tensor([0.0, 2.0]), torch.tensor([1.0, 1.0]), quantile=0.9)
        tensor([0.9000, 0.1000])
    """
    expect.same_shape(input=input, target=target)
    short = target - input
    # `maximum` shares the gradient evenly at a tie: the subgradient promised above. A `where` would pick one side.
    return torch.maximum(quantile * short, (quantile - 1.0) * short)


class PinballLoss(Criterion):
    """`pinball_loss`, masked, weighted and reduced."""

    function = staticmethod(pinball_loss)


CARD = Card(
    module=PinballLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\max(q\,(y - x),\ (q - 1)\,(y - x))",
    elicits=lambda quantile: Functional("quantile", quantile),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Fails(at={"quantile": 0.5}, note="a kink where prediction and target are equal"),
        "smooth": Fails(at={"quantile": 0.5}, note="the gradient jumps by 1 at the target"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Fails(at={"quantile": 0.9}, note="it is, at quantile 0.5 only"),
        "proper": Holds(note="for the quantile"),
        "classification_calibrated": Fails(at={"quantile": 0.9}, note="on targets of -1 and 1 it cuts at 1 - quantile"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink, where the second derivative is 0"),
    },
    parameters={"quantile": UNIT_OPEN},
    search={"quantile": Interval(0.01, 0.99)},
    also_known_as=(
        "quantile loss",
        "check loss",
        "tick loss",
        "newsvendor loss",
        "asymmetric absolute error",
        "lin-lin loss",
    ),
    references=(Reference("Koenker and Bassett", "Regression quantiles", 1978, "Econometrica 46(1), 33-50"),),
    equivalents=(
        Equivalent("scikit-learn", "metrics.mean_pinball_loss", "a metric"),
        Equivalent("pytorch-forecasting", "QuantileLoss", "twice it, several levels at once"),
        Equivalent("neuralforecast", "losses.pytorch.QuantileLoss"),
    ),
    mistakes=(
        "The level prices a prediction that is too low: for a high quantile it is near 1, not near 0.",
        "Prices c for short and d for over mean the level c/(c + d).",
        "Some libraries double it, so that the median gives the absolute error: compare factors first.",
    ),
    relatives={
        "multi_quantile_loss": "several levels at once, one output each",
        "expectile_loss": "the same prices on squared errors: smooth, without the reading as a share",
        "absolute_error_loss": "twice this one at 0.5",
        "linex_loss": "exponential on the dear side",
    },
)
