"""Squared error in which the old counts less, by one factor per unit of age.

Reach for it when the world drifts: yesterday says more about tomorrow than last year does.
Avoid it when old seasons are all there is of a rare event, and where validation shows nothing gained: it also shrinks
the sample.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative, Real


def time_decay_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], age: Float[Tensor, "..."], *, gamma: float = 0.99
) -> Float[Tensor, "..."]:
    """Squared error of each element, discounted by its age.

    Args:
        input: predictions.
        target: observations, same shape and unit.
        age: how long ago each was observed, from 0 up, same shape; in days, steps or what `gamma` is meant for.
        gamma: what is left of a weight after one unit of age; above 0, up to 1. A half-life h is 0.5^(1/h).

    Returns:
        gamma^age·(input − target)², in squared units of the target; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Discounted least squares of Brown (1963).

    Example:
        >>> ages = torch.tensor([0.0, 1.0, 2.0])
        >>> time_decay_loss(torch.full((3,), 2.0), torch.zeros(3), ages, gamma=0.5)
        tensor([4., 2., 1.])
    """
    expect.same_shape(input=input, target=target, age=age)
    return torch.pow(gamma, age) * (input - target).square()


class TimeDecayLoss(Criterion):
    """`time_decay_loss`, masked, weighted and reduced.

    The mean divides by the number of elements, not by the sum of what is left of them: older batches pull less. To
    divide by that sum, pass `sample_weight=gamma**age` to `SquaredErrorLoss` instead.
    """

    function = staticmethod(time_decay_loss)


CARD = Card(
    module=TimeDecayLoss,
    unit="element",
    inputs={"input": Real(), "target": Real(), "age": NonNegative()},
    formula=r"\gamma^{a}\,(\hat y - y)^2",
    elicits=MEAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": Holds(),
        "proper": Holds(note="at each age"),
        "classification_calibrated": Holds(note="on targets of -1 and 1, at each age"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": Interval(0.0, 1.0, low_open=True)},
    search={"gamma": Interval(0.8, 0.999)},
    also_known_as=("exponentially weighted squared error", "discounted least squares"),
    references=(
        Reference("Brown", "Smoothing, forecasting and prediction of discrete time series", 1963, "Prentice-Hall"),
    ),
    equivalents=(
        Equivalent(
            "keras", "losses.MeanSquaredError", "sample_weight=gamma**age gives the same sum; the mean is over rows"
        ),
    ),
    mistakes=(
        "Counting age from the start of the series: it counts back from the newest value, which has age 0.",
        "Discounting the steps of the forecast instead of the age of the data: that weighs horizons, another aim.",
        "Weighting the validation by age as well: test what will be asked of the model, which is the newest period.",
        "Choosing gamma per row when rows are hourly: 0.99 an hour leaves 9 % after ten days; think in half-lives.",
    ),
    relatives={"squared_error_loss": "every age alike; with sample_weight the same up to a factor"},
)
