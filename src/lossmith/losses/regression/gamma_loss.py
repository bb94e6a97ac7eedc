"""For positive amounts whose spread grows with their mean: costs, durations.

Reach for it when being off by a factor should cost the same at every size, and the mean, not the median, is wanted.
Avoid it when zeros occur (use the Tweedie loss) or where small amounts are measured badly: they weigh as much as large.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import LogMean, Positive


def gamma_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Gamma negative log-likelihood of each element, up to a constant.

    Args:
        input: logarithm of the predicted mean; the prediction is its exponential.
        target: amounts above 0, same shape.

    Returns:
        x + y·e^(−x), with x the input and y the target: half the gamma deviance up to a constant of the target, and
        the limit of the Tweedie loss at power 2; least at e^x = y.

    Raises:
        ValueError: shapes differ.

    Source:
        McCullagh and Nelder (1989), chapter 8.

    Example:
        >>> gamma_loss(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 3.0]))
        tensor([2.0000, 2.1036])
    """
    expect.same_shape(input=input, target=target)
    return input + target * torch.exp(-input)


class GammaLoss(Criterion):
    """`gamma_loss`, masked, weighted and reduced."""

    function = staticmethod(gamma_loss)


CARD = Card(
    module=GammaLoss,
    unit="element",
    inputs={"input": LogMean(), "target": Positive()},
    formula=r"x + y\,e^{-x}",
    elicits=MEAN,
    claims={
        "non_negative": Fails(note="the constant of the deviance is left out: it is below 0 for small targets"),
        "zero_at_target": Fails(note="it is 1 + log y there"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Fails(note="the second derivative y·e^-x grows exponentially as the prediction falls"),
        "bounded_gradient": Fails(note="it has slope 1 far above the target, and falls as y·e^-x below it"),
        "gradient_growth": Holds("exponential"),
        "symmetric": NotApplicable("the prediction is a logarithm, the target an amount"),
        "proper": Holds(note="for the mean"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(note="in the predicted mean"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("gamma deviance", "gamma negative log-likelihood"),
    references=(Reference("McCullagh and Nelder", "Generalized linear models", 1989, "Chapman and Hall"),),
    equivalents=(
        Equivalent("scikit-learn", "metrics.mean_gamma_deviance", "a metric of the mean: twice it, 0 at a perfect fit"),
        Equivalent("xgboost", "objective='reg:gamma'", "the same mean, by its gradient"),
        Equivalent("lightgbm", "objective='gamma'", "the same mean, by its gradient"),
    ),
    mistakes=(
        "The network's output is a logarithm: take exp to predict, and nothing before the loss.",
        "Zeros do not fail loudly, they pull the logarithm down without end: use the Tweedie loss.",
    ),
    relatives={
        "tweedie_loss": "allows zeros; this one is its limit at power 2",
        "poisson_loss": "variance in proportion to the mean",
        "squared_log_error_loss": "factors too, but fits the mean of the logarithm",
    },
)
