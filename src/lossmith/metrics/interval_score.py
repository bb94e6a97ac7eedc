"""Interval score: width of an interval, and a price for targets outside.

Reach for it when an interval is what is used: `interval_score@0.9` is about the central interval that should hold nine
of ten targets. A target outside costs 2/(1 − coverage) times its distance to the interval.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import UNIT_OPEN, Reference, interval
from lossmith.metric import Metric


def interval_score(
    target: NDArray[Any], prediction: NDArray[Any], *, coverage: float, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean of width + 2/(1 − coverage) · distance outside.

    Args:
        target: observations (n,).
        prediction: lower and upper ends (n, 2).
        coverage: share of the targets that should lie inside.
        sample_weight: how much each row counts (n,).

    Raises:
        ValueError: the prediction has other columns.
    """
    if prediction.ndim != 2 or prediction.shape[1] != 2:
        raise ValueError(f"`interval_score` should be given two ends a row. Found shape {prediction.shape}.")
    low, high = prediction.T
    outside = np.maximum(low - target, 0.0) + np.maximum(target - high, 0.0)
    return float(np.average(high - low + 2.0 / (1.0 - coverage) * outside, weights=sample_weight))


METRIC = Metric(
    function=interval_score,
    label="interval score",
    tasks=("regression", "count"),
    elicits=lambda coverage: interval(round(coverage, 6)),
    takes="quantiles",
    levels=lambda coverage: (round((1.0 - coverage) / 2.0, 9), round((1.0 + coverage) / 2.0, 9)),
    rule="quantiles",
    unit="target",
    parameters={"coverage": UNIT_OPEN},
    also_known_as=("Winkler score",),
    training_loss="multi_quantile_loss",
    references=(
        Reference(
            "Gneiting & Raftery",
            "Strictly proper scoring rules, prediction, and estimation",
            2007,
            "doi:10.1198/016214506000001437",
        ),
    ),
)
