"""For totals that are often exactly zero and otherwise skewed: claims, rainfall.

Reach for it when one model should predict the mean of such a target, zeros and large amounts alike.
Avoid it when the target is never zero (use a gamma loss) or counts events (use the Poisson loss).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import LogMean, NonNegative


def tweedie_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, power: float = 1.5
) -> Float[Tensor, "..."]:
    """Tweedie negative log-likelihood of each element, up to a constant.

    Args:
        input: logarithm of the predicted mean; the prediction is its exponential.
        target: amounts from 0 up, same shape.
        power: the variance grows as the mean to this power; between 1 (Poisson) and 2 (gamma), both excluded.

    Returns:
        −y·e^((1−p)x)/(1−p) + e^((2−p)x)/(2−p), with x the input, y the target and p the power: half the Tweedie
        deviance up to a constant of the target; from 0 up, least at e^x = y.

    Raises:
        ValueError: shapes differ.

    Source:
        Jørgensen (1987).

    Example:
        >>> tweedie_loss(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 3.0]))
        tensor([2.0000, 6.9366])
    """
    expect.same_shape(input=input, target=target)
    # For 1 < p < 2 both terms are positive, so nothing cancels; on the log scale no power of a small mean is taken.
    below = target * torch.exp((1.0 - power) * input) / (power - 1.0)
    above = torch.exp((2.0 - power) * input) / (2.0 - power)
    return below + above


class TweedieLoss(Criterion):
    """`tweedie_loss`, masked, weighted and reduced."""

    function = staticmethod(tweedie_loss)


CARD = Card(
    module=TweedieLoss,
    unit="element",
    inputs={"input": LogMean(), "target": NonNegative()},
    formula=r"-y\,\frac{e^{(1-p)x}}{1-p} + \frac{e^{(2-p)x}}{2-p}",
    elicits=MEAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"power": 1.5}, note="the constant of the deviance is left out"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Fails(at={"power": 1.5}, note="the second derivative grows exponentially on both sides"),
        "bounded_gradient": Fails(at={"power": 1.5}),
        "gradient_growth": Holds("exponential", note="e^((2-p)x) above the target, e^((1-p)x) below"),
        "symmetric": NotApplicable("the prediction is a logarithm, the target an amount"),
        "proper": Holds(note="for the mean, whatever the power"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(note="in the predicted mean"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"power": Interval(1.0, 2.0, low_open=True, high_open=True)},
    search={"power": Interval(1.05, 1.95)},
    also_known_as=("tweedie deviance", "compound poisson-gamma loss"),
    references=(
        Reference("Jørgensen", "Exponential dispersion models", 1987, "JRSS B 49(2), 127-162"),
        Reference("Tweedie", "An index which distinguishes between some important exponential families", 1984),
    ),
    equivalents=(
        Equivalent(
            "scikit-learn", "metrics.mean_tweedie_deviance", "a metric of the mean: twice it, 0 at a perfect fit"
        ),
        Equivalent("xgboost", "objective='reg:tweedie'", "the same mean, by its gradient; power as here"),
        Equivalent("lightgbm", "objective='tweedie'", "the same mean, by its gradient; power as here"),
    ),
    mistakes=(
        "The network's output is a logarithm: take exp to predict, and nothing before the loss.",
        "Values at two powers are in different units: choose the power by a likelihood or a score of your own.",
    ),
    relatives={
        "poisson_loss": "the limit at power 1",
        "gamma_loss": "the limit at power 2, no zeros",
        "squared_error_loss": "the same family at power 0",
    },
)
