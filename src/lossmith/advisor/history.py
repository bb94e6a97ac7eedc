"""A table of series as one to learn from: what is known before joins each row.

Only rows whose target is known, and before which something is known, are forecast.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lossmith import registry
from lossmith.advisor.data import Data
from lossmith.advisor.facts import Notice
from lossmith.advisor.settle import DEFAULT_METRICS, ENDLESS
from lossmith.advisor.task import is_number
from lossmith.training import past
from lossmith.training.clock import Clock, read_clock
from lossmith.training.origins import first_tested
from lossmith.training.past import Past
from lossmith.training.problem import IN_ORDER, Problem

MOST_POINTS = 300
"""Points of the picture; a longer series is drawn as a band."""


def refuse_odd_forecast(asked: Problem, repeats: int) -> None:
    """Raise ValueError for what makes no sense for a forecast, or without one."""
    if asked.time is None:
        if asked.series or asked.horizon != 1 or asked.task == "forecast":
            given = "--series" if asked.series else "--horizon" if asked.horizon != 1 else "--task forecast"
            raise ValueError(
                f"A forecast needs to know what orders the rows. Found {given} alone. Try `--time COLUMN`, or `--time "
                f"{IN_ORDER}` where the rows are in order."
            )
        return
    if asked.horizon != int(asked.horizon) or asked.horizon < 1:
        raise ValueError(f"`--horizon` should be 1 step or more, a whole number. Found {asked.horizon}. Try 1.")
    if asked.task not in (None, "forecast"):
        raise ValueError(f"`--time` makes the task a forecast. Found --task {asked.task}. Try leaving one of them out.")
    if asked.levels or asked.positive is not None:
        raise ValueError("A forecast is of numbers. Found levels or a positive class. Try leaving them out.")
    if asked.group or asked.weight is not None:
        raise ValueError("Rows of a forecast count alike and are told apart by --series. Found --group or --weight.")
    if repeats > 1:
        raise ValueError(f"Origins are where they are: `repeats` should be 1. Found {repeats}. Try more folds.")


def with_past(data: Data) -> Data:
    """Return the rows that can be forecast, with all that is known before each.

    Raises:
        ValueError: the time column is not one, or the series are too short for the horizon.
    """
    problem, frame = data.problem, data.frame
    target = frame[problem.target]
    if not is_number(target):
        raise ValueError(
            f"Target {problem.target!r} should hold numbers to be forecast. Found "
            f"{str(target[target.notna()].iloc[0])!r}. Try another target, or no --time."
        )
    clock = read_clock(frame, problem)
    longest = int(clock.place.max()) + 1
    if problem.horizon >= longest:
        raise ValueError(
            f"`--horizon` should be less than the longest series. Found {problem.horizon} steps of {longest}. Try "
            f"{max(1, longest // 10)}."
        )
    y = target.to_numpy(dtype=np.float64)
    y = np.where(np.abs(y) < ENDLESS, y, np.nan)  # an infinite one is refused with the rest of the target, later
    metric = registry.metric(problem.metric or DEFAULT_METRICS["forecast"][0])
    until = first_tested(int(clock.period.max()) + 1)
    recipe = past.learn(clock, y, problem.horizon, until, metric.metric.in_naive_misses)
    before = past.look_back(recipe, clock, y)
    known, follows = target.notna().to_numpy(), np.isfinite(before.anchor.value)
    rows = np.flatnonzero(known & follows)
    if not len(rows):
        raise ValueError(
            f"A target should be known {problem.horizon} steps before another. Found none in {data.source}. Try a "
            "smaller --horizon."
        )
    table = past.table(frame, problem, before).assign(**{problem.target: target})
    found = [_missing(known), _without_past(int((known & ~follows).sum()), problem), _gaps(clock, problem)]
    notices = (*data.notices, *(notice for notice in found if notice is not None))
    return replace(data, frame=table.iloc[rows], notices=notices, past=before.taken(rows),
                   left_out=len(frame) - len(rows))  # fmt: skip


def scales(before: Past, y: Any) -> dict[str, Any]:
    """Return the mean size of the naive forecast's misses, and the middle one.

    They stand for those of a simple model elsewhere.
    """
    misses = (y - before.anchor.value) / before.miss
    middle = float(np.median(np.abs(misses - np.median(misses))))
    return {"mean_abs_deviation": float(np.mean(np.abs(misses))), "residual_mad": middle if middle > 0.0 else None}


def known_ahead(names: Sequence[str], problem: Problem) -> list[Notice]:
    """Tell which columns are taken from the time that is forecast."""
    if not names:
        return []
    shown = ", ".join(repr(name) for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    steps = "step" if problem.horizon == 1 else f"{problem.horizon} steps"
    message = (
        f"{shown}: taken from the row that is forecast, as if known {steps} ahead. Leave out with --drop what is not."
    )
    return [Notice("known_ahead", message, columns=tuple(names))]


def picture(before: Past, y: Any, problem: Problem) -> dict[str, Any]:
    """Return the series in a few hundred points, and how it was looked at.

    Several series are averaged at each time.
    """
    clock, recipe = before.clock, before.recipe
    means = pd.Series(y).groupby(clock.period).mean()
    bins = (np.arange(len(means)) * min(MOST_POINTS, len(means))) // len(means)
    of_bin = means.groupby(bins)
    labels = pd.Series(clock.stamps.to_numpy()).groupby(clock.period).first()
    return {
        "step": clock.grid.word,
        "horizon": problem.horizon,
        "series": len(np.unique(clock.series)),
        "seasons": list(recipe.seasons),
        "naive": recipe.words(recipe.naive),
        "period": [int(p) for p in pd.Series(means.index).groupby(bins).first()],
        "time": [_label(stamp, clock) for stamp in labels.groupby(bins).first()],
        "mean": [float(v) for v in of_bin.mean()],
        "low": [float(v) for v in of_bin.min()],
        "high": [float(v) for v in of_bin.max()],
        "periods": int(clock.period.max()) + 1,
    }


def _label(stamp: Any, clock: Clock) -> str:
    if isinstance(stamp, (pd.Timestamp, np.datetime64)):
        date = pd.Timestamp(stamp)
        if clock.grid.kind == "month":
            return f"{date:%Y-%m}"
        return f"{date:%Y-%m-%d}" if date == date.normalize() else f"{date:%Y-%m-%d %H:%M}"
    return f"{stamp:g}"


def _missing(known: Any) -> Notice | None:
    rows = np.flatnonzero(~known)
    if not len(rows):
        return None
    message = f"{len(rows)} rows are not forecast because their target is missing; lags that fall on one are filled in."
    return Notice("missing_target", message, tuple(int(row) for row in rows[:20]))


def _without_past(rows: int, problem: Problem) -> Notice | None:
    if not rows:
        return None
    ahead = "a step" if problem.horizon == 1 else f"{problem.horizon} steps"
    return Notice("no_past", f"{rows} rows are not forecast because nothing is known {ahead} before them.")


def _gaps(clock: Clock, problem: Problem) -> Notice | None:
    if clock.gaps:
        steps = f"{clock.gaps} {'step' if clock.gaps == 1 else 'steps'}"
        return Notice("gaps", f"{steps} of a {clock.grid.word} hold no row: lags that fall on one are filled in.")
    if clock.grid.kind == "row" and problem.time != IN_ORDER:
        return Notice("uneven", f"{problem.time!r} is not evenly spaced: a step is a row, a lag so many rows.")
    return None
