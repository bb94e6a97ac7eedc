"""Mean absolute scaled error: how far off, in misses of the naive forecast.

Reach for it to compare forecasts over series of different size: below 1 is better than repeating what was last seen (in
the same season, where there is one) was on the past of the series. It asks for the median, series by series.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEDIAN, Reference
from lossmith.metric import Metric


def mase(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of |target − prediction|, both in misses of their series' naive forecast.

    The size of such a miss is the mean absolute one over the past, before anything is forecast
    (`lossmith.training.past`).
    """
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=mase,
    label="MASE",
    tasks=("forecast",),
    elicits=MEDIAN,
    takes="values",
    rule="value",
    row_errors=lambda target, prediction: np.abs(target - prediction),
    in_naive_misses=True,
    also_known_as=("mean absolute scaled error",),
    training_loss="absolute_error_loss",
    references=(
        Reference(
            "Hyndman & Koehler",
            "Another look at measures of forecast accuracy",
            2006,
            "doi:10.1016/j.ijforecast.2006.03.001",
        ),
    ),
)
