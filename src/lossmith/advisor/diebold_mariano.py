"""The Diebold–Mariano interval: the mean of differences in the order of time.

Neighbouring differences are correlated, because forecasts overlap and because one trained network made many of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lossmith.advisor.statistics import LEVEL, POWER, Interval
from lossmith.metric import ChosenMetric

Array = NDArray[np.float64]
GROWTH = 1.3
"""The window grows as this times the root of the length (Lazarus et al. 2018)."""
ORIGINS_TOGETHER = 3
"""Test blocks in a window. One would see two thirds of the variance that networks' luck brings, three 8/9 of it."""


def diebold_mariano(differences: Array, span: int = 1) -> Interval:
    """Return the interval of the mean of differences in the order of time.

    Args:
        differences: one per period, at least two.
        span: periods within which differences may well be correlated: the horizon, or the rows that one network
            forecast. The window is at least as wide.

    Source:
        Diebold and Mariano (1995), "Comparing predictive accuracy"; the variance of the mean by Bartlett's kernel
        (Newey and West 1987), its window as in Lazarus, Lewis, Stock and Watson (2018), "HAR inference". The
        small-sample factor is that of Harvey, Leybourne and Newbold (1997), who divide the estimate by its expectation
        for uncorrelated differences, here for Bartlett's weights instead of equal ones. The degrees of freedom are
        those of the same estimate (2·mean²/variance): count − 1 where nothing but the variance is estimated, as in
        their paper, and few for a wide window.

    Example:
        >>> found = diebold_mariano(np.array([1.0, 2.0, 3.0, 2.0, 2.0, 1.0, 3.0, 2.0]))
        >>> round(found.low, 2), round(found.high, 2)
        (1.46, 2.54)
    """
    count = len(differences)
    if count < 2:
        raise ValueError(f"An interval should rest on two differences at least. Found {count}. Try more periods.")
    weights = bartlett(window(count, span))
    factor, freedom = _moments(weights, count)
    mean = float(np.mean(differences))
    error = math.sqrt(max(_long_run_variance(differences - mean, weights), 0.0) / factor / count)
    t = float(stats.t.ppf(0.5 + LEVEL / 2.0, freedom))
    p = float(2.0 * stats.t.sf(abs(mean) / error, freedom)) if error > 0.0 else float(mean == 0.0)
    detectable = (t + float(stats.t.ppf(POWER, freedom))) * error
    return Interval(mean, mean - t * error, mean + t * error, p, detectable, error)


@dataclass(frozen=True)
class AtOrigin:
    """What one forecast scored at one origin."""

    score: float
    period_errors: tuple[float, ...] = ()
    """One per test period; none where the metric is no mean over rows."""


def over_time(
    ours: Sequence[AtOrigin], theirs: Sequence[AtOrigin], metric: ChosenMetric, horizon: int, without: int | None = None
) -> Interval:
    """Return the interval of how much lower the second forecast's error is.

    The differences of all test periods follow one another. Those of one origin come from one network each side, lucky
    or not all along, so the window is three times as wide as what it forecast. A metric that is no mean over rows has
    only one difference for each origin.

    Args:
        ours: of one candidate, in the order of origins.
        theirs: of another, as many or fewer.
        metric: what counts.
        horizon: steps ahead.
        without: an origin to leave out.
    """
    pairs = [pair for place, pair in enumerate(zip(ours, theirs, strict=False)) if place != without]
    whole = [metric.error(a.score) - metric.error(b.score) for a, b in pairs]
    if not all(a.period_errors and b.period_errors for a, b in pairs):
        return diebold_mariano(np.array(whole))
    parts = [_differences(a, b, metric, difference) for (a, b), difference in zip(pairs, whole, strict=True)]
    span = max(horizon, ORIGINS_TOGETHER * max(len(part) for part in parts))
    # Each origin counts for as many periods as it forecast, as in the mean over origins where those are as many.
    return diebold_mariano(np.concatenate(parts), span)


def _differences(a: AtOrigin, b: AtOrigin, metric: ChosenMetric, whole: float) -> Array:
    """Return the differences of one origin by period.

    Their mean is the difference of the scores. For a root of a mean they are those of the squares, over the sum of the
    roots.
    """
    differences: Array = np.subtract(a.period_errors, b.period_errors)
    if not metric.metric.root:
        return differences
    size = a.score + b.score
    return differences / size if size > 0.0 else np.full(len(differences), whole)


def window(count: int, span: int) -> int:
    """Return how many neighbours, itself included, each difference is held against."""
    return min(count, max(span, math.ceil(GROWTH * math.sqrt(count))))


def bartlett(width: int) -> Array:
    """Return Bartlett's weights at lags 0, 1, ...: they fall evenly to 0 at `width`."""
    return 1.0 - np.arange(width) / width


def _long_run_variance(centred: Array, weights: Array) -> float:
    """Return the weighted sum of the autocovariances."""
    count = len(centred)
    covariances = np.array([centred[lag:] @ centred[: count - lag] for lag in range(len(weights))]) / count
    return float(weights[0] * covariances[0] + 2.0 * weights[1:] @ covariances[1:])


def _moments(weights: Array, count: int) -> tuple[float, float]:
    """Return the estimate's expectation over the true variance, and its freedom.

    Both are for uncorrelated differences of one variance. The estimate is then a quadratic form in them, with the
    matrix CKC/count, where K holds the weights and C takes off the mean.
    """
    lags = np.arange(len(weights))
    twice = np.where(lags == 0, 1.0, 2.0)
    before = np.cumsum(weights)[np.minimum(np.arange(count), len(weights) - 1)]  # a row's weights up to its diagonal
    row_sums = before + before[::-1] - weights[0]
    squares = float(twice * (count - lags) @ weights**2)
    trace = count * weights[0] - row_sums.sum() / count
    of_square = squares - 2.0 / count * float(row_sums @ row_sums) + (row_sums.sum() / count) ** 2
    return float(trace) / count, float(trace**2 / of_square)
