"""The time column as whole steps: when each row is, and where in its own series.

Dates and numbers on an even grid are counted in the grid's steps (months, days, half-hours), so that a gap stays a gap.
Otherwise rows are counted, each series by itself: weekends without trade are no gaps.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.training import columns
from lossmith.training.problem import IN_ORDER, Problem

Whole = NDArray[np.int64]
DENSE = 0.9
"""Share of an even grid's steps that must hold a row; where more are missing, rows are counted instead."""
JITTER = 0.1
"""Steps by which a time may lie off the grid."""
DAY = 86400.0
UNITS = (("week", 7 * DAY), ("day", DAY), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0))
_QUARTER = re.compile(r"(\d{4})[-/ ]?Q([1-4])")
_WEEK = re.compile(r"(\d{4})[-/ ]?W(\d{2})")


@dataclass(frozen=True)
class Grid:
    """What one step is. New rows of the same series are counted by the same grid."""

    kind: str
    """`month`, `second` (dates), `number`, or `row`."""
    size: float = 1.0

    @property
    def word(self) -> str:
        """One step in words: "month", "30 minutes", "row"."""
        if self.kind == "row":
            return "row"
        if self.kind == "number":
            return f"step of {self.size:g}"
        if self.kind == "month":
            return {1: "month", 3: "quarter", 12: "year"}.get(int(self.size), f"{self.size:g} months")
        name, unit = next((pair for pair in UNITS if self.size % pair[1] == 0), UNITS[-1])
        return name if self.size == unit else f"{self.size / unit:g} {name}s"

    @property
    def cycles(self) -> tuple[int, ...]:
        """Steps in a day, a week and a year, where the calendar is likely to show."""
        if self.kind == "month":
            return (round(12 / self.size),) if self.size < 12 and 12 % self.size == 0 else ()
        if self.kind != "second":
            return ()
        steps = [cycle / self.size for cycle in (DAY, 7 * DAY)]
        whole = [round(count) for count in steps if count >= 2 and abs(count - round(count)) < 1e-6]
        return (*whole, round(365.25 * DAY / self.size)) if self.size >= DAY else tuple(whole)


@dataclass(frozen=True)
class Clock:
    """When each row of a table is."""

    series: Whole
    """Which series a row belongs to: a place in `names`."""
    names: tuple[str, ...]
    place: Whole
    """Steps since its series began."""
    period: Whole
    """Steps since the first row of all, by which origins cut."""
    stamps: "pd.Series[Any]"
    """The times as read: dates in UTC, numbers, or places."""
    grid: Grid
    gaps: int
    """Steps missing inside the series."""

    def taken(self, rows: Any) -> "Clock":
        """Return the clock of some of the rows."""
        return Clock(
            self.series[rows], self.names, self.place[rows], self.period[rows], self.stamps.iloc[rows], self.grid,
            self.gaps,
        )  # fmt: skip


def read_clock(frame: pd.DataFrame, problem: Problem, grid: Grid | None = None) -> Clock:
    """Read when each row is from the time and series columns.

    Args:
        frame: rows from any source, in any order.
        problem: names the columns; `time` may be "row" where the rows are in order already.
        grid: as found in training, for new rows; by default it is found.

    Raises:
        ValueError: a time is missing, is no date or number, or stands twice in a series.

    Example:
        >>> clock = read_clock(pd.DataFrame({"month": ["2024-01", "2024-02", "2024-04"]}), Problem("y", time="month"))
        >>> clock.period.tolist(), clock.grid.word
        ([0, 1, 2], 'row')
    """
    series, names = _series(frame, problem)
    if problem.time == IN_ORDER and IN_ORDER not in frame.columns:
        place: Whole = np.asarray(pd.Series(series).groupby(series).cumcount(), dtype=np.int64)
        return Clock(series, names, place, place, pd.Series(place), Grid("row"), 0)
    stamps = _stamps(frame[str(problem.time)])
    _refuse_twice(stamps, series, names, problem)
    ticks, kind = _ticks(stamps)
    found = grid or _grid(ticks, kind, series)
    counted = _counted(_months(stamps) if found.kind == "month" else ticks, found)
    if counted is None and found.kind != "row":
        raise ValueError(f"Times should follow one another by a {found.word}, as in training. Found others.")
    if counted is None:
        place, period = _ranks(ticks, series)
        return Clock(series, names, place, period, stamps, Grid("row"), 0)
    first = pd.Series(counted).groupby(series).transform("min").to_numpy()
    place = counted - first
    gaps = int(pd.Series(place).groupby(series).max().add(1).sum()) - len(place)
    return Clock(series, names, place, counted - counted.min(), stamps, found, gaps)


def _series(frame: pd.DataFrame, problem: Problem) -> tuple[Whole, tuple[str, ...]]:
    """Number the series, and name them by what their columns hold."""
    if not problem.series:
        return np.zeros(len(frame), dtype=np.int64), ("",)
    words = [columns.as_kind(frame[name], "category").fillna("(missing)") for name in problem.series]
    codes, found = pd.factorize(pd.MultiIndex.from_arrays(words) if len(words) > 1 else words[0], sort=True)
    names = [" · ".join(name) if isinstance(name, tuple) else str(name) for name in found]
    return codes.astype(np.int64), tuple(names)


def _stamps(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a time column as dates in UTC or as numbers."""
    plain = columns.tidy(column)
    missing = np.flatnonzero(plain.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"Time {column.name!r} should be known in every row. Found {len(missing)} missing, first in row "
            f"{missing[0]}. Try leaving those rows out."
        )
    if pd.api.types.is_bool_dtype(plain.dtype):
        raise ValueError(f"Time {column.name!r} should hold dates or numbers. Found yes and no. Try another column.")
    if pd.api.types.is_numeric_dtype(plain.dtype):
        read = plain.astype(np.float64).where(lambda values: np.isfinite(values))
    else:
        read = columns.to_dates(_spelt_out(plain) if columns.is_text(plain) else plain)
    wrong = np.flatnonzero(read.isna().to_numpy())
    if len(wrong):
        raise ValueError(
            f"Time {column.name!r} should hold dates or numbers. Found {str(plain.iloc[wrong[0]])!r} in row "
            f"{wrong[0]}. Try dates such as 2024-01-31, or `--time row` where the rows are in order."
        )
    return read.reset_index(drop=True)


def _spelt_out(words: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return quarters (2024 Q1) and weeks (2024 W05) as the dates they begin on."""

    def spelt(word: str) -> str:
        if quarter := _QUARTER.fullmatch(word):
            return f"{quarter[1]}-{3 * int(quarter[2]) - 2:02d}-01"
        if week := _WEEK.fullmatch(word):
            return str(pd.to_datetime(f"{week[1]}-W{week[2]}-1", format="%G-W%V-%u", errors="coerce"))[:10]
        return word

    return words.map({word: spelt(word) for word in words.unique()})


def _refuse_twice(stamps: "pd.Series[Any]", series: Whole, names: tuple[str, ...], problem: Problem) -> None:
    twice = np.flatnonzero(pd.DataFrame({"series": series, "time": stamps}).duplicated().to_numpy())
    if len(twice):
        row = int(twice[0])
        same = np.flatnonzero((series == series[row]) & (stamps == stamps.iloc[row]).to_numpy())
        where = f" of series {names[series[row]]!r}" if problem.series else ""
        raise ValueError(
            f"A time should stand once in a series. Found {stamps.iloc[row]} in rows {same[0]} and {same[1]}{where}, "
            f"and {len(twice)} such rows in all. Try `--series` with {'more' if problem.series else 'the'} columns "
            "that tell series apart."
        )


def _ticks(stamps: "pd.Series[Any]") -> tuple[NDArray[np.float64], str]:
    """Return times as numbers: seconds since 1970, or the numbers themselves."""
    if pd.api.types.is_datetime64_any_dtype(stamps.dtype):
        seconds = (stamps - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(seconds=1)
        return np.asarray(seconds, dtype=np.float64), "second"
    return np.asarray(stamps, dtype=np.float64), "number"


def _grid(ticks: NDArray[np.float64], kind: str, series: Whole) -> Grid:
    """Find the step: whole months, else the commonest difference within a series."""
    order = np.lexsort((ticks, series))
    inside = np.diff(series[order]) == 0
    if not inside.any():
        return Grid("row")
    if kind == "second":
        months = _months(pd.Series(pd.to_datetime(ticks, unit="s", utc=True)))
        if months is not None:
            return _dense(
                Grid("month", float(math.gcd(*np.diff(months[order])[inside].astype(int).tolist()))), months, series
            )
    steps, counts = np.unique(np.diff(ticks[order])[inside].round(6), return_counts=True)
    return _dense(Grid(kind, float(steps[np.argmax(counts)])), ticks, series)


def _dense(grid: Grid, ticks: NDArray[np.float64], series: Whole) -> Grid:
    """Return the grid if the rows lie on it and nearly fill it, else count rows."""
    counted = _counted(ticks, grid)
    if counted is None:
        return Grid("row")
    of_series = pd.Series(counted).groupby(series)
    return grid if len(ticks) >= DENSE * float((of_series.max() - of_series.min() + 1).sum()) else Grid("row")


def _counted(ticks: NDArray[np.float64] | None, grid: Grid) -> Whole | None:
    """Return times in steps of the grid; None where they do not lie on it."""
    if ticks is None or grid.kind == "row":
        return None
    steps = (ticks - ticks.min()) / grid.size
    whole = np.round(steps)
    return whole.astype(np.int64) if np.abs(steps - whole).max() <= JITTER else None


def _months(stamps: "pd.Series[Any]") -> NDArray[np.float64] | None:
    """Return dates as months since year 0; None unless all begin or all end one."""
    dates = stamps.dt
    if not (dates.is_month_start.all() or dates.is_month_end.all()) or (dates.normalize() != stamps).any():
        return None
    return np.asarray(dates.year * 12 + dates.month, dtype=np.float64)


def _ranks(ticks: NDArray[np.float64], series: Whole) -> tuple[Whole, Whole]:
    """Return the rows' places in their series, and the rank of their times."""
    place: Whole = np.asarray(pd.Series(ticks).groupby(series).rank(method="first"), dtype=np.int64) - 1
    return place, np.unique(ticks, return_inverse=True)[1].astype(np.int64)
