"""Intervals for cross-validated differences, and many comparisons at once.

Scores of neighbouring folds are correlated, because their training sets overlap; the plain t interval is too narrow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lossmith.metric import ChosenMetric

LEVEL = 0.95
POWER = 0.8
ROPE_RELATIVE, ROPE_SHARE = 0.01, 0.005
"""Practically equal: within 1 % of the reference's score, or half a point of a share such as accuracy."""


@dataclass(frozen=True)
class Interval:
    """Mean of paired differences, its corrected interval and two-sided p value."""

    mean: float
    low: float
    high: float
    p: float
    detectable: float
    """The smallest true difference that would have been found in 8 runs of 10."""
    error: float
    """Standard error of the mean."""


def corrected(differences: Sequence[float], folds: int, level: float = LEVEL) -> Interval:
    """Return the corrected resampled t interval.

    Args:
        differences: one per fold, and per repeat of the folds; at least two.
        folds: folds in one repeat, which fixes n_test/n_train as 1/(folds − 1). Rows are counted before any cap on
            training rows: samples of the training parts overlap less than the parts themselves.
        level: of the interval.

    Source:
        Nadeau and Bengio (2003), "Inference for the generalization error"; for repeated folds Bouckaert and Frank
        (2004). The variance is s²·(1/J + n_test/n_train), with J−1 degrees of freedom.

    Example:
        >>> round(corrected([1.0, 2.0, 3.0, 2.0, 2.0], folds=5).low, 3)
        0.683
    """
    count = len(differences)
    if count < 2:
        raise ValueError(f"An interval should rest on two differences at least. Found {count}. Try more folds.")
    mean, deviation = float(np.mean(differences)), float(np.std(differences, ddof=1))
    error = deviation * math.sqrt(1.0 / count + 1.0 / (folds - 1.0))
    freedom = count - 1
    t = float(stats.t.ppf(0.5 + level / 2.0, freedom))
    p = float(2.0 * stats.t.sf(abs(mean) / error, freedom)) if error > 0.0 else float(mean == 0.0)
    detectable = (t + float(stats.t.ppf(POWER, freedom))) * error
    return Interval(mean, mean - t * error, mean + t * error, p, detectable, error)


def rope(errors: NDArray[np.float64], metric: ChosenMetric) -> float:
    """Return the difference that counts as practically none, in the metric's unit.

    Args:
        errors: of the candidate others are compared with, one per fold.
        metric: a share such as accuracy has a fixed one, any other a share of the error.
    """
    return ROPE_SHARE if metric.metric.higher_is_better else ROPE_RELATIVE * abs(float(np.mean(errors)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values, in the order given.

    Source:
        Holm (1979), "A simple sequentially rejective multiple test procedure".

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
