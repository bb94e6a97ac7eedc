"""Median absolute error: half of the misses are smaller.

Reach for it when a few rows are plainly wrong and must not count at all. It never looks at the larger half of the
misses, so a model may be arbitrarily bad there. It asks for the middle of the shortest interval that holds half of the
distribution, which no loss row by row elicits; for a symmetric distribution that is the median.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEDIAN, SHORTEST_HALF, Reference
from lossmith.metric import Metric


def medae(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Median of |target − prediction|."""
    from sklearn.metrics import median_absolute_error

    if sample_weight is not None:  # in digits that add up exactly, or half of the weight is missed by a hair
        sample_weight = np.round(sample_weight / np.min(sample_weight), 9)
    return float(median_absolute_error(target, prediction, sample_weight=sample_weight))


METRIC = Metric(
    function=medae,
    label="MedAE",
    tasks=("regression", "count", "forecast"),
    elicits=SHORTEST_HALF,
    nearest=MEDIAN,
    nearest_why="the same where the distribution is symmetric around its peak",
    takes="values",
    rule="value",
    unit="target",
    also_known_as=("median absolute error", "mdae"),
    references=(
        Reference("Rousseeuw", "Least median of squares regression", 1984, "doi:10.1080/01621459.1984.10477105"),
    ),
)
