"""What is known of a series before each row: lags, means and a naive forecast.

A row is forecast `horizon` steps ahead, so nothing later than that many steps before it is looked at. Whatever is
learned of the series as a whole (their cycles, which naive forecast is the better, the size of its misses) is learned
before the first origin, on rows that no forecast is ever tested on.

Features are departures from the row's naive forecast, in the size of that forecast's recent misses, so that series of
any level and size look alike and a trend leads nowhere new. The network predicts such a departure as well
(`lossmith.training.links`), and its loss sees forecast and target in the target's own unit: what the loss elicits, and
which rows weigh most, is as without.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.training.calendar import calendar
from lossmith.training.clock import Clock
from lossmith.training.columns import as_kind
from lossmith.training.links import Anchor
from lossmith.training.problem import Problem
from lossmith.training.seasons import find_seasons

Array = NDArray[np.float64]
RECENT = 6
"""Neighbouring lags to look at, from the horizon on."""
MEANS = (4, 12)
LAPS = 4
"""Times back that the same point of a cycle is averaged over."""
MEMORY = 24
"""Steps over which the naive forecast's misses are averaged, or two cycles where that is more."""
SMALLEST = 0.05
"""Smallest size of a row's misses, as a share of those of all its past: a series may stand still for a while."""


@dataclass(frozen=True)
class Recipe:
    """What to look up in the past, learned before the first origin."""

    horizon: int
    seasons: tuple[int, ...] = ()
    naive: int = 1
    """The naive forecast is the value so many steps before: the horizon, or as many whole cycles as cover it."""
    usual: float = 1.0
    """The middle one of the naive forecast's misses."""
    misses: Mapping[str, float] | None = None
    """For MASE: the mean miss of each series' naive forecast one step or one cycle ahead, with "" for any other."""

    @property
    def lags(self) -> tuple[int, ...]:
        """Lags of the naive forecasts: the horizon, and as many whole cycles as cover it."""
        cycles = (cycle * -(-self.horizon // cycle) for cycle in self.seasons)
        return tuple(dict.fromkeys((self.horizon, *cycles)))

    def words(self, lag: int) -> str:
        """Return a naive forecast in words."""
        return f"value {lag} steps before" if lag != self.horizon or lag in self.seasons else "last value"


class Timeline:
    """Series end to end on their even grids, with NaN where a step holds nothing."""

    def __init__(self, clock: Clock, values: Array) -> None:
        lengths = np.bincount(clock.series, minlength=len(clock.names))
        np.maximum.at(lengths, clock.series, clock.place + 1)
        ends = np.cumsum(lengths)
        self.starts = ends - lengths
        self.first = np.repeat(self.starts, lengths)
        self.values = np.full(int(ends[-1]), np.nan)
        self.rows = self.starts[clock.series] + clock.place
        self.values[self.rows] = values

    def lag(self, steps: int, values: Array | None = None) -> Array:
        """Return at every place the value so many steps before."""
        values = self.values if values is None else values
        places = np.arange(len(values)) - steps
        return np.where(places >= self.first, values[np.maximum(places, 0)], np.nan)

    def last(self, steps: int) -> Array:
        """Return at every place the last value known so many steps before."""
        places = np.where(np.isfinite(self.values), np.arange(len(self.values)), -1)
        latest = np.maximum.accumulate(places)
        known = np.where(latest >= self.first, self.values[np.maximum(latest, 0)], np.nan)
        return self.lag(steps, known)

    def mean(self, steps: int, width: int, values: Array | None = None) -> Array:
        """Return the mean of `width` steps, the last of them `steps` before."""
        values = self.values if values is None else values
        known = np.isfinite(values)
        middle = float(np.mean(values[known])) if known.any() else 0.0  # sums of what is left stay small
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, values - middle, 0.0))])
        counts = np.concatenate([[0], np.cumsum(known)])
        end = np.maximum(np.arange(len(values)) + 1 - steps, self.first)
        begin = np.maximum(end - width, self.first)
        found = counts[end] - counts[begin]
        return np.where(found > 0, middle + (sums[end] - sums[begin]) / np.maximum(found, 1), np.nan)


@dataclass(frozen=True)
class Past:
    """What is known before each row of a table."""

    clock: Clock
    recipe: Recipe
    features: pd.DataFrame
    anchor: Anchor
    """The naive forecast and the size of its misses; NaN where nothing is known."""
    naive: Mapping[str, Array]
    """The last value known, and the values of whole cycles before, by what they are in words."""
    miss: Array
    """What one unit of the target stands for: 1, or under MASE the miss of the row's series."""

    def in_misses(self) -> "Past":
        """Return the same with forecasts in the unit of `miss`."""
        anchor = Anchor(self.anchor.value / self.miss, self.anchor.unit / self.miss)
        return replace(self, anchor=anchor, naive={name: values / self.miss for name, values in self.naive.items()})

    def taken(self, rows: Any) -> "Past":
        """Return the same of some of the rows."""
        return Past(
            self.clock.taken(rows), self.recipe, self.features.iloc[rows], self.anchor[rows],
            {name: values[rows] for name, values in self.naive.items()}, self.miss[rows],
        )  # fmt: skip


def learn(clock: Clock, y: Array, horizon: int, until: int, scaled: bool) -> Recipe:
    """Learn from the periods before `until` what to look up.

    Args:
        clock: when each row is.
        y: the target, NaN where it is not known.
        horizon: steps ahead.
        until: the first period that counts as future.
        scaled: whether the target is measured in misses of the naive forecast.
    """
    early = np.where(clock.period < until, y, np.nan)
    line = Timeline(clock, early)
    parts = [_trimmed(part) for part in np.split(line.values, line.starts[1:])]
    seasons = find_seasons(parts, clock.grid.cycles)
    lags = Recipe(horizon, seasons).lags
    forecasts = np.array([_naive(line, horizon, lag) for lag in lags])
    misses = np.abs(forecasts - line.values)
    fair = np.isfinite(misses).all(axis=0)
    naive = lags[int(np.argmin(misses[:, fair].mean(axis=1)))] if fair.any() else horizon
    known = misses[lags.index(naive)]
    known = known[np.isfinite(known) & (known > 0)]
    usual = float(np.median(known)) if len(known) else 1.0
    return Recipe(horizon, seasons, naive, usual, _misses(line, clock, seasons) if scaled else None)


def look_back(recipe: Recipe, clock: Clock, y: Array) -> Past:
    """Return what is known before each row, by its place in time alone.

    Args:
        recipe: what to look up.
        clock: when each row is.
        y: the target, NaN where it is not known.
    """
    line, horizon = Timeline(clock, y), recipe.horizon
    naive = _naive(line, horizon, recipe.naive)
    width = max(MEMORY, 2 * max(recipe.seasons, default=1))
    misses = np.abs(line.values - naive)
    recent, ever = line.mean(horizon, width, misses), line.mean(horizon, len(misses), misses)
    unit = np.maximum(recent, SMALLEST * ever)
    unit = np.where(unit > 0.0, unit, recipe.usual)  # also where nothing is known
    found = {name: ((values - naive) / unit)[line.rows] for name, values in _looked_up(line, recipe).items()}
    found |= {"level": naive[line.rows], "usual miss": unit[line.rows]}
    miss = np.ones(len(y))
    if recipe.misses is not None:
        others = recipe.misses[""]
        miss = np.array([recipe.misses.get(name, others) for name in clock.names])[clock.series]
    naives = {recipe.words(lag): _naive(line, horizon, lag)[line.rows] for lag in recipe.lags}
    anchor = Anchor(naive[line.rows], unit[line.rows])
    return Past(clock, recipe, pd.DataFrame(found), anchor, naives, miss)


def _looked_up(line: Timeline, recipe: Recipe) -> dict[str, Array]:
    """Return lags, seasonal lags and means, none of them later than the horizon."""
    horizon = recipe.horizon
    lags = set(range(horizon, horizon + RECENT))
    found: dict[str, Array] = {}
    for season in recipe.seasons:
        covering = season * -(-horizon // season)
        lags |= {lag for lag in (covering - 1, covering, covering + 1, covering + season) if lag >= horizon}
        laps = np.array([line.lag(covering + lap * season) for lap in range(LAPS)])
        known = np.isfinite(laps)
        sums = np.where(known, laps, 0.0).sum(axis=0)
        found[f"mean of lags {covering}, {covering + season}, ..."] = np.where(
            known.any(axis=0), sums / np.maximum(known.sum(axis=0), 1), np.nan
        )
    means = {f"mean of {width} steps": line.mean(horizon, width) for width in sorted({*MEANS, *recipe.seasons})}
    # The naive forecast's own lag would always be 0.
    return {f"lag {lag}": line.lag(lag) for lag in sorted(lags - {recipe.naive})} | found | means


def _naive(line: Timeline, horizon: int, lag: int) -> Array:
    """Return the value `lag` steps before, or the last one known where there is none."""
    last = line.last(horizon)
    if lag == horizon:
        return last
    seasonal = line.lag(lag)
    return np.where(np.isfinite(seasonal), seasonal, last)


def _misses(line: Timeline, clock: Clock, seasons: tuple[int, ...]) -> dict[str, float]:
    """Return the scale of MASE for each series (Hyndman and Koehler 2006)."""
    changes = np.abs(line.values - line.lag(seasons[0] if seasons else 1))
    means = [_mean(part) for part in np.split(changes, line.starts[1:])]
    known = [mean for mean in means if mean > 0.0]
    others = float(np.median(known)) if known else 1.0
    return {name: mean if mean > 0.0 else others for name, mean in zip(clock.names, means, strict=True)} | (
        {} if "" in clock.names else {"": others}
    )


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


def _trimmed(values: Array) -> Array:
    """Return a series from its first to its last known value."""
    known = np.flatnonzero(np.isfinite(values))
    return values[known[0] : known[-1] + 1] if len(known) else values[:0]


def table(frame: pd.DataFrame, problem: Problem, past: Past) -> pd.DataFrame:
    """Return the columns to learn from: those given, series, calendar and past.

    The time itself is left out: no later value of it was seen in training. A made column is called after the column
    it comes from, as in "sales: lag 12".
    """
    given = frame.drop(columns=[name for name in (problem.time, problem.target, *problem.series) if name in frame])
    series = {name: as_kind(frame[name], "category").fillna("(missing)") for name in problem.series}
    made = {
        **{f"{problem.time}: {name}": values for name, values in calendar(past.clock).items()},
        **{f"{problem.target}: {name}": values for name, values in past.features.items()},
    }
    free = {name if name not in frame else f"{name} (made)": values.to_numpy() for name, values in made.items()}
    return pd.concat([given, pd.DataFrame(series, index=frame.index), pd.DataFrame(free, index=frame.index)], axis=1)


def is_made(name: str, problem: Problem) -> bool:
    """Whether a column was made from the past or the calendar."""
    return problem.time is not None and name.startswith((f"{problem.time}: ", f"{problem.target}: "))
