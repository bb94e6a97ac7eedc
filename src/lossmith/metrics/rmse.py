"""Root mean squared error: a typical miss, where one big one counts for many.

Reach for it when the average must be right, as in totals and budgets. It asks for the mean, so a few extreme targets
steer it. Avoid it when those are errors in the data.
"""

from typing import Any

from numpy.typing import NDArray

from lossmith.card import MEAN, Reference
from lossmith.metric import Metric


def rmse(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Square root of the mean of (target − prediction)²."""
    from sklearn.metrics import root_mean_squared_error

    return float(root_mean_squared_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=rmse,
    label="RMSE",
    tasks=("regression", "count", "forecast"),
    elicits=MEAN,
    takes="values",
    rule="value",
    row_errors=lambda target, prediction: (target - prediction) ** 2,
    root=True,
    unit="target",
    also_known_as=("root mean squared error",),
    training_loss="squared_error_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
