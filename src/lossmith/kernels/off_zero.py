"""Predictions kept off 0, where a deviance is infinite."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def above_zero(prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Return predictions off 0, where a deviance is infinite.

    Negative ones stay errors. The exponential of a float32 network underflows to 0.
    """
    prediction = np.asarray(prediction, dtype=np.float64)
    return np.where(prediction == 0, np.finfo(np.float32).eps, prediction)
