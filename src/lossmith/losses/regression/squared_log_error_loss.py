"""Squared error of log(1 + y): factors count, not differences; zeros allowed.

Reach for it when the metric is RMSLE and the network's output is an amount.
Avoid it where the mean of the amounts is wanted: it fits the mean of the logarithm, which lies below, and it flattens
above the target: a prediction ten times too high gets next to no gradient. Squared error on log1p of the target, with
an output that is the logarithm, has the same minimiser and is convex.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import LOG1P_MEAN, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative


def squared_log_error_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Squared error of log(1 + ·) of each element.

    Args:
        input: predictions, from 0 up; at −1 the logarithm ends.
        target: amounts from 0 up, same shape and unit.

    Returns:
        (log(1 + input) − log(1 + target))², from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Metric of the Kaggle competitions since about 2010; the score is that of a log-normal model.

    Example:
        >>> squared_log_error_loss(torch.tensor([1.0, 0.0]), torch.tensor([3.0, 0.0]))
        tensor([0.4805, 0.0000])
    """
    expect.same_shape(input=input, target=target)
    return (torch.log1p(input) - torch.log1p(target)).square()


class SquaredLogErrorLoss(Criterion):
    """`squared_log_error_loss`, masked, weighted and reduced."""

    function = staticmethod(squared_log_error_loss)


CARD = Card(
    module=SquaredLogErrorLoss,
    unit="element",
    inputs={"input": NonNegative(), "target": NonNegative()},
    formula=r"\left(\log(1+x) - \log(1+y)\right)^2",
    elicits=LOG1P_MEAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(note="concave where 1 + x is above e·(1 + y)"),
        "differentiable": Holds(),
        "smooth": Holds(note="of predictions from 0 up, where the slope of the gradient is at most 2 + 2·log(1 + y)"),
        "bounded_gradient": Fails(note="it is -2·log(1 + y) at a prediction of 0, without bound in the target"),
        "gradient_growth": Holds("constant", note="too low it is at most 2·log(1 + y); too high it vanishes"),
        "symmetric": Holds(),
        "proper": Fails(note="strictly consistent for the mean of log(1 + y), which is not the mean of y"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("msle", "mean squared logarithmic error"),
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "JASA 106(494), 746-762"),),
    equivalents=(
        Equivalent("keras", "losses.MeanSquaredLogarithmicError", "sets negatives to 1e-7: no gradient below 0"),
        Equivalent("torchmetrics", "MeanSquaredLogError", "a metric"),
        Equivalent("scikit-learn", "metrics.mean_squared_log_error", "a metric"),
    ),
    mistakes=(
        "A linear output goes below -1 and gives NaN: end the network in softplus, or predict log1p of the target with "
        "the squared error.",
        "expm1 of a fitted mean logarithm is below the mean: correct it, or fit the mean, where totals matter.",
    ),
    relatives={
        "squared_error_loss": "on log1p of the target the same fit, and convex",
        "gamma_loss": "counts factors too, and fits the mean",
        "poisson_loss": "fits the mean, zeros included",
    },
)
