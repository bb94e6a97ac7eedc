"""Poisson deviance: how surprising the counts are, given their predicted means.

Reach for it when the mean of a count must be right and its spread grows with it. It asks for the mean, as squared
error does, but does not let the large counts drown the small ones.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from lossmith.card import MEAN, Reference
from lossmith.kernels.off_zero import above_zero
from lossmith.metric import Metric


def poisson_deviance(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean of 2 (target log(target / prediction) − target + prediction).

    A prediction of 0 counts as 1.2e-7.
    """
    from sklearn.metrics import mean_poisson_deviance

    return float(mean_poisson_deviance(target, above_zero(prediction), sample_weight=sample_weight))


def _row_errors(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Return the deviance of each row."""
    prediction = above_zero(prediction)
    return np.asarray(2.0 * (xlogy(target, target / prediction) - target + prediction))


METRIC = Metric(
    function=poisson_deviance,
    label="Poisson deviance",
    tasks=("regression", "count", "forecast"),
    elicits=MEAN,
    takes="values",
    rule="positive",
    row_errors=_row_errors,
    strictly_positive=True,
    refuses=lambda target: target < 0,
    needs="targets from 0 up",
    also_known_as=("mean poisson deviance",),
    training_loss="poisson_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
