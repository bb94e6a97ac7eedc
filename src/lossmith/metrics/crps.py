"""CRPS: how far a predicted distribution lies from what happened, in its unit.

Reach for it when the prediction is a distribution and all of it matters. For a distribution without spread it is the
absolute error. It is taken over 20 even levels: 2/20 times the sum of the pinball losses of the quantiles at 2.5 %,
7.5 % ... 97.5 %. For a perfectly predicted normal distribution that is 0.2 % above the integral which defines the CRPS.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import DISTRIBUTION, Reference
from lossmith.metric import Metric

LEVELS = tuple((2 * k + 1) / 40 for k in range(20))
"""Midpoints of 20 even steps, so that each stands for its share of the integral over the levels."""


def crps(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Twice the mean pinball loss over rows and levels.

    Args:
        target: observations (n,).
        prediction: quantiles (n, 20) at `LEVELS`.
        sample_weight: how much each row counts (n,).

    Raises:
        ValueError: the prediction has other columns.
    """
    if prediction.ndim != 2 or prediction.shape[1] != len(LEVELS):
        raise ValueError(f"`crps` should be given {len(LEVELS)} quantiles a row. Found shape {prediction.shape}.")
    # scikit-learn's mean_pinball_loss would be called once for each level, which takes 50 times as long
    short, level = target[:, None] - prediction, np.asarray(LEVELS)
    return float(2.0 * np.average(np.maximum(level * short, (level - 1.0) * short).mean(axis=1), weights=sample_weight))


METRIC = Metric(
    function=crps,
    label="CRPS",
    tasks=("regression", "count"),
    elicits=DISTRIBUTION,
    takes="quantiles",
    levels=LEVELS,
    rule="quantiles",
    unit="target",
    also_known_as=("continuous ranked probability score",),
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
