"""Absolute error of a forecast over what repeating the past would have missed by.

Reach for it when series of different size are forecast by one network, and the metric is MASE.
Avoid it where a series' history is all but constant: its row then weighs more than all others; raise the floor.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def mean_absolute_scaled_error_loss(
    input: Float[Tensor, "n t"],
    target: Float[Tensor, "n t"],
    history: Float[Tensor, "n h"],
    *,
    season: int = 1,
    floor: float = 1e-6,
) -> Float[Tensor, "n"]:
    """Mean absolute scaled error of each series.

    Args:
        input: forecast, one series per row, evenly spaced in time.
        target: what came, same shape and unit.
        history: what came before, in the same unit; longer than a season.
        season: steps in a cycle: 1 compares with the last value, 12 on months with the year before.
        floor: least scale, in the unit of the series, for a history that repeats itself; above 0.

    Returns:
        mean |input − target| / max(mean |history_s − history_{s−season}|, floor), from 0 up and without a unit; 1 is as
        far off as the repeated past was on average.

    Raises:
        ValueError: forecast and target differ in shape, or the history has another number of rows or is too short.

    Source:
        Hyndman and Koehler (2006).

    Example:
        >>> import torch
        >>> history = torch.tensor([[0.0, 2.0, 4.0]])  # steps of 2
        >>> mean_absolute_scaled_error_loss(torch.tensor([[6.0, 7.0]]), torch.tensor([[6.0, 8.0]]), history)
        tensor([0.2500])
    """
    expect.series(1, input=input, target=target)
    expect.series(season + 1, history=history)
    expect.row_for_row(input=input, history=history)
    scale = (history[:, season:] - history[:, :-season]).abs().mean(-1)
    return (input - target).abs().mean(-1) / scale.clamp(min=floor)


class MeanAbsoluteScaledErrorLoss(Criterion):
    """`mean_absolute_scaled_error_loss`, masked, weighted and reduced.

    A mask leaves out series.
    """

    function = staticmethod(mean_absolute_scaled_error_loss)


CARD = Card(
    module=MeanAbsoluteScaledErrorLoss,
    unit="example",
    inputs={"input": Real("n t"), "target": Real("n t"), "history": Real("n h")},
    formula=r"\frac{\frac1T \sum_t |\hat y_t - y_t|}{\frac{1}{H-m} \sum_{s > m} |y_s - y_{s-m}|}",
    elicits=Functional("median_of_each_step"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where a forecast and its target are equal"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(note="by 1 over the scale, and by 1/floor"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(note="it finds the median of each step, not the mean"),
        "classification_calibrated": NotApplicable("its target is a whole series"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"season": Interval(1, float("inf"), high_open=True), "floor": POSITIVE},
    also_known_as=("MASE", "seasonal MASE"),
    references=(
        Reference(
            "Hyndman and Koehler", "Another look at measures of forecast accuracy", 2006, "Int. J. Forecasting 22"
        ),
    ),
    equivalents=(
        Equivalent("neuralforecast", "losses.pytorch.MASE", "takes seasonality; the scale from `y_insample`"),
        Equivalent("pytorch-forecasting", "metrics.MASE", "the scale from `encoder_target`, at season 1"),
    ),
    mistakes=(
        "Taking the scale from the horizon in place of the history: the target then weighs itself.",
        "A season that is not that of the data: the scale is too large, and the loss looks good.",
        "Averaging over series with flat histories: one of them outweighs the rest; raise the floor or leave it out.",
    ),
    relatives={
        "absolute_error_loss": "every series in its own unit",
        "absolute_percentage_error_loss": "by the target's own size, which may be near 0",
    },
)
