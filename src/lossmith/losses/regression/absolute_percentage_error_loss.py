"""Absolute error as a share of the target: 10 off costs more on 20 than on 2000.

Reach for it when the metric is MAPE and targets stay well above zero.
Avoid it when targets come near zero, where it explodes, or when totals matter: it favours predictions that are too low.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import RATIO_MEDIAN, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Positive, Real


def absolute_percentage_error_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Absolute error of each element, divided by the target's size.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit; above 0.

    Returns:
        |input − target| / |target|, a share and not a percentage; from 0 up. A target of exactly 0 is divided by the
        smallest normal number instead: the loss is 0 at input 0 and otherwise huge or inf, never NaN.

    Raises:
        ValueError: shapes differ.

    Source:
        Gneiting (2011), for what it elicits.

    Example:
        >>> absolute_percentage_error_loss(torch.tensor([90.0, 12.0]), torch.tensor([100.0, 10.0]))
        tensor([0.1000, 0.2000])
    """
    expect.same_shape(input=input, target=target)
    size = target.abs().clamp(min=torch.finfo(target.dtype).tiny)
    return (input - target).abs() / size


class AbsolutePercentageErrorLoss(Criterion):
    """`absolute_percentage_error_loss`, masked, weighted and reduced."""

    function = staticmethod(absolute_percentage_error_loss)


CARD = Card(
    module=AbsolutePercentageErrorLoss,
    unit="element",
    inputs={"input": Real(), "target": Positive()},
    formula=r"\frac{|x - y|}{|y|}",
    elicits=RATIO_MEDIAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where prediction and target are equal"),
        "smooth": Fails(note="the gradient jumps at the target"),
        "bounded_gradient": Fails(note="it is 1/|y|: targets near 0 take over"),
        "gradient_growth": Holds("constant"),
        "symmetric": Fails(note="only the target divides"),
        "proper": Fails(note="the minimiser is the median of the distribution weighted by 1/y, below the median"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink, where the second derivative is 0"),
    },
    also_known_as=("mape", "mean absolute percentage error"),
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "JASA 106(494), 746-762"),),
    equivalents=(
        Equivalent("keras", "losses.MeanAbsolutePercentageError", "times 100; targets below 1e-7 count as 1e-7"),
        Equivalent("torchmetrics", "MeanAbsolutePercentageError", "a metric; targets below 1.17e-6 count as that"),
        Equivalent("scikit-learn", "metrics.mean_absolute_percentage_error", "a metric; a share too"),
    ),
    mistakes=(
        "Targets of 0 make it infinite and tiny ones dominate: leave them out, or take the absolute error on log1p.",
        "It favours predictions that are too low, whose cost ends at 1: do not sum them to a total.",
    ),
    relatives={
        "symmetric_percentage_error_loss": "divides by prediction and target together: at most 2, not convex",
        "absolute_error_loss": "on the logarithm nearly this one, without its favour for low predictions",
        "gamma_loss": "relative too, fits the mean, and is smooth",
    },
)
