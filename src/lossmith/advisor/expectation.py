"""What to expect of a rival: its measured difference, drawn to what is usual.

The candidate with the best mean over folds is partly the luckiest. Theory and earlier data sets say what a difference
usually is before anything is measured; weighing the two by how sure each is gives the difference to expect of a fresh
training. How much differences scatter is also learned here: where the candidates of this very data set lie further
apart than chance explains, a large difference is less of a surprise (empirical Bayes, Morris 1983). Recommending
whoever is expected to be best costs the least on average. It claims nothing: claims are the tests' business.
"""

import math
from collections.abc import Sequence

from lossmith.advisor.statistics import Interval
from lossmith.advisor.usual import Usual


def scatter(intervals: Sequence[tuple[Interval, Usual]], scale: float) -> float:
    """Return how far differences lie from the usual beyond chance, per unit of error.

    Args:
        intervals: each measured difference, and what it usually is.
        scale: the error that differences are a share of.

    Example:
        >>> far = Interval(mean=0.5, low=0.4, high=0.6, p=0.001, detectable=0.1, error=0.05)
        >>> round(scatter([(far, Usual(0.0, 0.02))], scale=1.0), 3)
        0.497
    """
    if not intervals or not scale > 0.0:
        return 0.0
    beyond = [max(0.0, (i.mean / scale - usual.mean) ** 2 - (i.error / scale) ** 2) for i, usual in intervals]
    return math.sqrt(math.fsum(beyond) / len(beyond))


def expected(interval: Interval, scale: float, usual: Usual) -> float:
    """Return the difference to expect, in the metric's unit; above 0 is better.

    Args:
        interval: the measured difference from the reference.
        scale: the error that differences are a share of.
        usual: what such a difference is before anything is measured.

    Source:
        The mean of the posterior for a normal prior and a normal likelihood.

    Example:
        >>> measured = Interval(mean=0.1, low=0.0, high=0.2, p=0.05, detectable=0.1, error=0.05)
        >>> round(expected(measured, scale=1.0, usual=Usual(0.0, 0.05)), 3)
        0.05
    """
    spread, guess = usual.deviation * scale, usual.mean * scale
    if not spread > 0.0:
        return interval.mean
    trust = spread**2 / (spread**2 + interval.error**2)
    return trust * interval.mean + (1.0 - trust) * guess
