"""Symmetric percentage error: the miss as a share of truth and prediction.

Avoid it if you can choose: it is ill-posed as a target. What it asks for is no mean, quantile or other simple property
of the target's distribution, a target of 0 costs the full 2 for any prediction but 0, and too low a prediction costs
more than one that is as much too high. On the log scale it is 2·tanh(|log y − log x|/2): for small misses the absolute
error of the logarithm, for large ones no more than 2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import LEAST_EXPECTED, MEDIAN, Reference
from lossmith.metric import Metric


def smape(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of 2·|y − x| / (|y| + |x|), and 0 where both are 0; from 0 to 2.

    There are several definitions; this is the M3 competition's, as a share instead of per cent. scikit-learn has none.
    """
    return float(np.average(_row_errors(target, prediction), weights=sample_weight))


def _row_errors(target: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Return each row's miss as a share of truth and prediction."""
    y, x = np.asarray(target, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    size = np.abs(y) + np.abs(x)
    return np.asarray(2.0 * np.abs(y - x) / np.where(size > 0, size, 1.0))


METRIC = Metric(
    function=smape,
    label="sMAPE",
    tasks=("regression", "count", "forecast"),
    elicits=LEAST_EXPECTED,
    nearest=MEDIAN,
    nearest_why="for small misses sMAPE is the absolute error of the logarithm, which asks for the median",
    takes="values",
    rule="positive",
    row_errors=_row_errors,
    refuses=lambda target: target < 0,
    needs="targets from 0 up",
    also_known_as=("symmetric mape", "symmetric mean absolute percentage error"),
    references=(
        Reference(
            "Makridakis & Hibon",
            "The M3-Competition: results, conclusions and implications",
            2000,
            "doi:10.1016/S0169-2070(00)00057-1",
        ),
    ),
)
