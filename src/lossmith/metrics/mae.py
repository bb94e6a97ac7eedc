"""Mean absolute error: the average size of a miss, in the target's own unit.

Reach for it when every unit of error costs the same. It asks for the median, not for the mean. On ordered levels it
counts by how many levels a decision is off, and asks for the median level.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEDIAN, Reference
from lossmith.metric import Metric


def mae(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of |target − prediction|."""
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=mae,
    label="MAE",
    tasks=("regression", "count", "forecast", "ordinal"),
    elicits=MEDIAN,
    takes="values",
    rule="value",
    row_errors=lambda target, prediction: np.abs(target - prediction),
    ordinal_rule="median_level",
    unit="target",
    also_known_as=("mean absolute error", "l1"),
    training_loss="absolute_error_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
