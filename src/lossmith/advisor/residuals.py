"""How far a simple model stays from the target: the scale of a large residual."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict

from lossmith.advisor.facts import Column
from lossmith.training import folds, preprocessing

MOST_ROWS = 2000
FEWEST_ROWS = 20


def scales(frame: pd.DataFrame, columns: Sequence[Column], y: NDArray[np.float64]) -> dict[str, Any]:
    """Return the mean absolute deviation of the target, and the MAD of residuals.

    The residuals are what a ridge regression leaves of the target. The regression predicts out of fold, and learns from
    the target clipped to its middle 98 %, so that the very outliers whose pull is to be limited do not steer it.
    """
    deviation = float(np.mean(np.abs(y - np.median(y))))
    facts: dict[str, Any] = {"mean_abs_deviation": deviation, "residual_mad": None}
    kinds = {column.name: column.kind for column in columns if column.used}
    if len(y) < FEWEST_ROWS or not kinds:
        return facts
    rows = folds.sample(y, 0, MOST_ROWS, seed=0)
    x = preprocessing.transform(preprocessing.build(kinds).fit(frame.iloc[rows]), frame.iloc[rows])
    clipped = np.clip(y[rows], *np.quantile(y, [0.01, 0.99]))
    residuals = y[rows] - cross_val_predict(Ridge(alpha=1.0), x, clipped, cv=5)
    mad = float(np.median(np.abs(residuals - np.median(residuals))))
    return {**facts, "residual_mad": mad if np.isfinite(mad) and mad > 0.0 else None}
