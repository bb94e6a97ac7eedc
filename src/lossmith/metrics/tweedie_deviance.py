"""Tweedie deviance: for skewed amounts that are mostly exactly 0, such as claims.

Reach for it when the mean of such an amount must be right. `tweedie_deviance@1.5` is the usual middle between the
Poisson deviance (power 1) and the gamma deviance (power 2): the higher the power, the less the large amounts count.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEAN, Interval, Reference
from lossmith.kernels.off_zero import above_zero
from lossmith.metric import Metric


def tweedie_deviance(
    target: NDArray[Any], prediction: NDArray[Any], *, power: float, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean Tweedie deviance of this power; a prediction of 0 counts as 1.2e-7."""
    from sklearn.metrics import mean_tweedie_deviance

    return float(mean_tweedie_deviance(target, above_zero(prediction), power=power, sample_weight=sample_weight))


def _row_errors(target: NDArray[Any], prediction: NDArray[Any], *, power: float) -> NDArray[np.float64]:
    """Return the deviance of each row."""
    prediction = above_zero(prediction)
    one, two = 1.0 - power, 2.0 - power
    return np.asarray(2.0 * (target**two / (one * two) - target * prediction**one / one + prediction**two / two))


METRIC = Metric(
    function=tweedie_deviance,
    label="Tweedie deviance",
    tasks=("regression", "count", "forecast"),
    elicits=lambda power: MEAN,
    takes="values",
    rule="positive",
    row_errors=_row_errors,
    strictly_positive=True,
    parameters={"power": Interval(1.0, 2.0, low_open=True, high_open=True)},
    refuses=lambda target: target < 0,
    needs="targets from 0 up",
    also_known_as=("mean tweedie deviance", "tweedie"),
    training_loss="tweedie_loss",
    references=(
        Reference("Jørgensen", "Exponential dispersion models", 1987, "doi:10.1111/j.2517-6161.1987.tb01685.x"),
    ),
)
