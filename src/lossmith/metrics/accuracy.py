"""Accuracy: the share of rows whose class is right.

Reach for it when every mistake costs the same. Avoid it when one class is rare: always naming the common class then
looks good.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MOST_LIKELY_CLASS
from lossmith.metric import Metric


def accuracy(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Share of class numbers that agree."""
    return float(np.average(target == prediction, weights=sample_weight))


METRIC = Metric(
    function=accuracy,
    label="accuracy",
    tasks=("binary", "multiclass", "ordinal"),
    elicits=MOST_LIKELY_CLASS,
    takes="labels",
    rule="argmax",
    higher_is_better=True,
    unit="share",
    also_known_as=("acc",),
)
