"""Gamma deviance: for positive amounts whose spread grows with their size.

Reach for it when the mean of durations, costs or sizes must be right and being off by a factor counts the same whatever
the size. Unlike RMSLE it asks for the mean, so totals come out right.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEAN, Reference
from lossmith.kernels.off_zero import above_zero
from lossmith.metric import Metric


def gamma_deviance(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean of 2 (log(prediction / target) + target / prediction − 1).

    A prediction of 0 counts as 1.2e-7.
    """
    from sklearn.metrics import mean_gamma_deviance

    return float(mean_gamma_deviance(target, above_zero(prediction), sample_weight=sample_weight))


def _row_errors(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Return the deviance of each row."""
    prediction = above_zero(prediction)
    return np.asarray(2.0 * (np.log(prediction / target) + target / prediction - 1.0))


METRIC = Metric(
    function=gamma_deviance,
    label="gamma deviance",
    tasks=("regression", "count", "forecast"),
    elicits=MEAN,
    takes="values",
    rule="positive",
    row_errors=_row_errors,
    strictly_positive=True,
    refuses=lambda target: target <= 0,
    needs="targets above 0",
    also_known_as=("mean gamma deviance", "gamma"),
    training_loss="gamma_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
