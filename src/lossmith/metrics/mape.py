"""Mean absolute percentage error: the average miss as a share of the true value.

Reach for it when a miss is judged relative to the size of what was missed. It rewards low forecasts: it asks for the
median of a distribution that weighs each value by 1/y, which lies below the median. Undefined at a target of 0.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import RATIO_MEDIAN, Reference
from lossmith.metric import Metric


def mape(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of |target − prediction| / |target|; 0.1 is ten per cent."""
    from sklearn.metrics import mean_absolute_percentage_error

    return float(mean_absolute_percentage_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=mape,
    label="MAPE",
    tasks=("regression", "count", "forecast"),
    elicits=RATIO_MEDIAN,
    takes="values",
    rule="value",
    row_errors=lambda target, prediction: np.abs(target - prediction) / np.abs(target),
    unit="none",
    refuses=lambda target: target == 0,
    needs="targets other than 0",
    also_known_as=("mean absolute percentage error",),
    training_loss="absolute_percentage_error_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
