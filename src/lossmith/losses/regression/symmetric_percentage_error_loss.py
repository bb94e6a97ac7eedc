"""Absolute error as a share of prediction and target together: never more than 2.

Reach for it when the score is sMAPE and predictions are kept above 0 (a softplus or exp at the end).
Avoid it where predictions may cross 0: on the wrong side of it the loss is 2 and the gradient exactly 0, so that
nothing pulls them back. Too high costs less than too low by as much, and targets near 0 dominate.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import LEAST_EXPECTED, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Positive, Real


def symmetric_percentage_error_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Absolute error of each element over the mean size of prediction and target.

    Args:
        input: predictions; only above 0 do they get a gradient.
        target: what should have been predicted, same shape and unit; above 0.

    Returns:
        2|input − target| / (|input| + |target|), a share and not a percentage; from 0 to 2, and 0 where both are 0. The
        gradient in the input is at most 4/target, at predictions near 0; from there it falls to 0 as they grow.

    Raises:
        ValueError: shapes differ.

    Source:
        Makridakis and Hibon (2000), the definition of the M3 competition.

    Example:
        >>> symmetric_percentage_error_loss(torch.tensor([90.0, 30.0, -5.0]), torch.tensor([110.0, 10.0, 5.0]))
        tensor([0.2000, 1.0000, 2.0000])
    """
    expect.same_shape(input=input, target=target)
    # Only 0/0 is touched. A larger floor would bound the gradient for tiny targets, and be another loss.
    size = (input.abs() + target.abs()).clamp(min=torch.finfo(target.dtype).tiny)
    return 2.0 * (input - target).abs() / size


class SymmetricPercentageErrorLoss(Criterion):
    """`symmetric_percentage_error_loss`, masked, weighted and reduced."""

    function = staticmethod(symmetric_percentage_error_loss)


CARD = Card(
    module=SymmetricPercentageErrorLoss,
    unit="element",
    inputs={"input": Real(), "target": Positive()},
    formula=r"\frac{2\,|x - y|}{|x| + |y|}",
    elicits=LEAST_EXPECTED,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(note="it flattens towards 2 far above the target, and is flat below 0"),
        "differentiable": Fails(note="a kink where prediction and target are equal, another at 0"),
        "smooth": Fails(note="the gradient jumps at the target"),
        "bounded_gradient": Fails(note="it is 4/y at predictions near 0: targets near 0 take over"),
        "gradient_growth": Holds("vanishing", note="as 4y/(x + y)² above the target; 0 below 0"),
        "symmetric": Holds(note="in its arguments; not in too high and too low"),
        "proper": Fails(note="what it asks for is neither mean nor quantile"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("smape", "symmetric mape", "symmetric mean absolute percentage error"),
    references=(
        Reference(
            "Makridakis and Hibon", "The M3-Competition: results, conclusions and implications", 2000, "IJF 16(4)"
        ),
        Reference("Goodwin and Lawton", "On the asymmetry of the symmetric MAPE", 1999, "IJF 15(4), 405-408"),
    ),
    equivalents=(
        Equivalent("torchmetrics", "SymmetricMeanAbsolutePercentageError", "a metric; the same scale of 0 to 2"),
        Equivalent("pytorch-forecasting", "SMAPE", "the same scale of 0 to 2"),
        Equivalent("neuralforecast", "losses.pytorch.SMAPE"),
    ),
    mistakes=(
        "Definitions differ by factors of 2 and 100 and in the bars of the denominator: say which one is meant.",
        "A linear output starts on both sides of 0 and gets no gradient on the wrong one: end the network in softplus.",
    ),
    relatives={
        "absolute_percentage_error_loss": "divides by the target alone: unbounded, and convex",
        "absolute_error_loss": "on logarithms of prediction and target it is nearly this one for small misses, and "
        "convex there",
    },
)
