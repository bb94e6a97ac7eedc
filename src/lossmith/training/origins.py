"""Rolling origins: learn from all before one, forecast the block after it.

The window grows from origin to origin, and the blocks follow one another to the end. Between the last row learned from
and the first one forecast lie `horizon` − 1 steps, so that no target is learned that was not known when that forecast
was made.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
TESTED = 0.4
"""Share of the periods, the last ones, that is forecast."""
FEWEST_PERIODS = 4
"""Periods in a block, below which fewer origins are better."""
FEWEST_LEARNED = 15
"""Rows to learn from at the first origin, below which nothing is trained."""


@dataclass(frozen=True)
class Origin:
    """One origin: the rows to learn from, to choose by and to forecast."""

    start: int
    """The first period that is forecast."""
    end: int
    """The one after the last."""
    learn: Whole
    choose: Whole
    test: Whole


def first_tested(periods: int) -> int:
    """Return the first period that any number of origins may forecast."""
    return periods - int(TESTED * periods)


def most_origins(period: Whole, horizon: int, wanted: int, share: float) -> int:
    """Return how many origins there is room for, 0 where the series are too short.

    Args:
        period: when each usable row is.
        horizon: steps ahead.
        wanted: no more than that.
        share: part of the rows before an origin to choose by.
    """
    periods = int(period.max()) + 1 if len(period) else 0
    room = min(wanted, int(TESTED * periods) // FEWEST_PERIODS)
    for count in range(room, 0, -1):
        found = cut(period, horizon, count, share)
        if all(len(o.test) and len(o.choose) >= 2 for o in found) and len(found[0].learn) >= FEWEST_LEARNED:
            return count
    return 0


def cut(period: Whole, horizon: int, count: int, share: float) -> list[Origin]:
    """Return so many origins in the order of time, as are the rows of each."""
    periods = int(period.max()) + 1
    block = int(TESTED * periods) // count
    order = np.argsort(period, kind="stable")
    starts = [periods - block * (count - index) for index in range(count)]
    return [_origin(order, period, horizon, start, start + block, share) for start in starts]


def split(period: Whole, horizon: int, share: float) -> tuple[Whole, Whole]:
    """Split rows into those to learn from and the last `share` of them, to choose by."""
    order = np.argsort(period, kind="stable")
    return _inner(order, period, horizon, share)


def _origin(order: Whole, period: Whole, horizon: int, start: int, end: int, share: float) -> Origin:
    when = period[order]
    learn, choose = _inner(order[when <= start - horizon], period, horizon, share)
    return Origin(start, end, learn, choose, order[(when >= start) & (when < end)])


def _inner(order: Whole, period: Whole, horizon: int, share: float) -> tuple[Whole, Whole]:
    when = period[order]
    if not len(when):
        return order, order
    first = when[min(len(when) - 1, int((1.0 - share) * len(when)))]
    return order[when <= first - horizon], order[when >= first]


def thinned(rows: Whole, most: int, seed: int) -> Whole:
    """Return at most so many of the rows, drawn evenly over time, in their order."""
    if len(rows) <= most:
        return rows
    drawn = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    return np.asarray(rows[np.sort(drawn)])
