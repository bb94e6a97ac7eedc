"""R²: the share of the target's variance that the predictions explain.

Reach for it when a score without a unit is wanted. It ranks models as the mean squared error does and asks for the
mean; 1 is perfect, 0 no better than the mean of the scored rows, and below 0 is worse than that.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEAN, Reference
from lossmith.metric import Metric


def r2(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """1 − Σ(target − prediction)² / Σ(target − mean)².

    Raises:
        ValueError: the targets do not differ.
    """
    from sklearn.metrics import r2_score

    if len(np.unique(target)) < 2:
        raise ValueError("R² needs targets that differ. Found one value only. Try fewer folds, or `rmse`.")
    return float(r2_score(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=r2,
    label="R²",
    tasks=("regression", "count", "forecast"),
    elicits=MEAN,
    takes="values",
    rule="value",
    higher_is_better=True,
    unit="none",
    also_known_as=("r squared", "coefficient of determination", "r2 score"),
    training_loss="squared_error_loss",
    references=(Reference("Gneiting", "Making and evaluating point forecasts", 2011, "doi:10.1198/jasa.2011.r10138"),),
)
