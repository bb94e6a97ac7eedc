"""Root mean squared logarithmic error: a typical miss as a factor, milder near 0.

Reach for it when being off by a factor matters, whatever the size, and zeros occur. It asks for the mean of
log(1 + y), which is below the log of the mean: totals of such predictions come out too low.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import LOG1P_MEAN, Reference
from lossmith.metric import Metric


def rmsle(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Square root of the mean of (log(1 + target) − log(1 + prediction))²."""
    from sklearn.metrics import root_mean_squared_log_error

    return float(root_mean_squared_log_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=rmsle,
    label="RMSLE",
    tasks=("regression", "count", "forecast"),
    elicits=LOG1P_MEAN,
    takes="values",
    rule="positive",
    row_errors=lambda target, prediction: (np.log1p(target) - np.log1p(prediction)) ** 2,
    root=True,
    refuses=lambda target: target < 0,
    needs="targets from 0 up",
    also_known_as=("root mean squared log error", "root mean squared logarithmic error"),
    training_loss="squared_error_loss@log1p",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
