"""What a person takes home of a forecast: a trained network that looks back.

New rows come in a frame that also holds the past: the target is known there, and missing in the rows to forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer

from lossmith import registry
from lossmith.training import columns, decision, origins, preprocessing
from lossmith.training.clock import Clock, Grid, read_clock
from lossmith.training.fitted import Fitted, Split
from lossmith.training.past import Past, Recipe, is_made, learn, look_back, table
from lossmith.training.problem import IN_ORDER, Candidate, Problem
from lossmith.training.settings import Settings

Array = NDArray[np.float64]
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Eyes:
    """How a network sees series: all that is learned of them beside its weights."""

    problem: Problem
    recipe: Recipe
    grid: Grid
    kinds: Mapping[str, columns.Kind]
    """Columns to learn from, given and made, and what they hold."""
    features: ColumnTransformer


@dataclass(frozen=True)
class Forecaster:
    """A trained network that forecasts `problem.horizon` steps ahead."""

    candidate: Candidate
    eyes: Eyes
    fitted: Fitted

    @property
    def problem(self) -> Problem:
        """What is forecast, from what, judged by which metric."""
        return self.eyes.problem

    def predict(self, frame: pd.DataFrame) -> Array:
        """Forecast the target of every row from what the frame holds of its past.

        Args:
            frame: rows of the past, with their target, and rows to forecast, without: at most `horizon` steps after
                the last known target of their series. Columns as in training; the rows in any order, if there is a time
                column.

        Returns:
            A number for each row, of the past too, as forecast `horizon` steps before; NaN where nothing was known
            then.

        Raises:
            ValueError: a column is missing, or a row lies further ahead than the horizon.
        """
        frame = self._checked(frame)
        y = numbers(frame[self.problem.target])
        clock = read_clock(frame, self.problem, self.eyes.grid)
        _refuse_far(clock, y, self.problem.horizon)
        before = look_back(self.eyes.recipe, clock, y)
        x = preprocessing.transform(self.eyes.features, _seen(table(frame, self.problem, before), self.eyes.kinds))
        scaled = before.in_misses()
        forecast = np.full(len(frame), np.nan)
        rows = np.flatnonzero(np.isfinite(scaled.anchor.value))
        if len(rows):
            raw = self.fitted.predict(x[rows], scaled.anchor[rows])
            decided = decision.decide(self.candidate.rule, raw, self.fitted.rule_params)
            forecast[rows] = (decided if decided.ndim == 1 else decision.middle_of(decided)[:, 0]) * before.miss[rows]
        return forecast

    def _checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame with names as text and rows numbered from 0."""
        named: pd.DataFrame = frame.set_axis([str(name) for name in frame.columns], axis=1).reset_index(drop=True)
        time = [] if self.problem.time == IN_ORDER else [str(self.problem.time)]
        given = [name for name in self.eyes.kinds if not is_made(name, self.problem)]
        needed = dict.fromkeys([*time, *self.problem.series, self.problem.target, *given])
        missing = [name for name in needed if name not in named.columns]
        if missing:
            raise ValueError(
                f"The frame should hold the columns of training, with the target as far as it is known. Found no "
                f"{', '.join(map(repr, missing))}."
            )
        if named.empty:
            raise ValueError("The frame should hold rows to forecast. Found none.")
        return named


def prepare(frame: pd.DataFrame, problem: Problem, settings: Settings, seed: int) -> tuple[Eyes, Split]:
    """Look back from every row of a table, and split it: the last part chooses.

    Raises:
        ValueError: the time column is not one, the target holds no numbers, or too few rows can be forecast.
    """
    y = numbers(frame[problem.target])
    clock = read_clock(frame, problem)
    metric = registry.metric(str(problem.metric))
    recipe = learn(clock, y, problem.horizon, int(clock.period.max()) + 1, metric.metric.in_naive_misses)
    before = look_back(recipe, clock, y)
    rows = np.flatnonzero(np.isfinite(y) & np.isfinite(before.anchor.value))
    if len(rows) < FEWEST_ROWS:
        raise ValueError(
            f"There should be at least {FEWEST_ROWS} rows whose target is known, and was {problem.horizon} steps "
            f"before. Found {len(rows)}."
        )
    return _split(table(frame, problem, before).iloc[rows], (y / before.miss)[rows], before.taken(rows), settings, seed,
                  problem)  # fmt: skip


def _split(
    columns_seen: pd.DataFrame, y: Array, before: Past, settings: Settings, seed: int, problem: Problem
) -> tuple[Eyes, Split]:
    """Fit what prepares the columns on the rows learned from."""
    learned, choose = origins.split(before.clock.period, problem.horizon, settings.valid_share)
    if not len(learned):
        raise ValueError(
            f"Series should be longer than a horizon of {problem.horizon} steps allows. Found too short ones."
        )
    most = round(settings.max_train_rows * (1.0 - settings.valid_share))
    learned = origins.thinned(learned, most, seed)
    choose = origins.thinned(choose, settings.max_train_rows - most, seed)
    kinds = columns.feature_kinds(columns_seen, problem.aside)
    prepared, anchor = _seen(columns_seen, kinds), before.in_misses().anchor
    features = preprocessing.build(kinds).fit(prepared.iloc[learned])
    x = [preprocessing.transform(features, prepared.iloc[rows]) for rows in (learned, choose)]
    split = Split(
        x[0], y[learned], x[1], y[choose], anchor_train=anchor[learned], anchor_valid=anchor[choose],
    )  # fmt: skip
    return Eyes(problem, before.recipe, before.clock.grid, kinds, features), split


def numbers(target: "pd.Series[Any]") -> Array:
    """Return a target as numbers, NaN where it is not known.

    Raises:
        ValueError: it holds something else.
    """
    plain = columns.tidy(target)
    found = columns.to_numbers(plain, share=0.0) if plain.notna().any() else plain.astype(np.float64)
    wrong = None if found is None else np.flatnonzero((plain.notna() & ~np.isfinite(found)).to_numpy())
    if found is None or (wrong is not None and len(wrong)):
        row = 0 if wrong is None else int(wrong[0])
        raise ValueError(f"Target {target.name!r} should hold finite numbers. Found {plain.iloc[row]!r} in row {row}.")
    return np.asarray(found, dtype=np.float64)


def _seen(frame: pd.DataFrame, kinds: Mapping[str, columns.Kind]) -> pd.DataFrame:
    return pd.DataFrame({name: columns.as_kind(frame[name], kind) for name, kind in kinds.items()}, index=frame.index)


def _refuse_far(clock: Clock, y: Array, horizon: int) -> None:
    """Raise ValueError for rows to forecast before whose origin nothing is known yet."""
    known = pd.Series(np.where(np.isfinite(y), clock.place, -1)).groupby(clock.series).transform("max").to_numpy()
    far = np.flatnonzero((clock.place - known > horizon) & (known >= 0))
    if len(far):
        steps = int(clock.place[far[0]] - known[far[0]])
        raise ValueError(
            f"Rows should lie at most {horizon} steps after the last known target. Found row {far[0]} {steps} steps "
            f"after it. Try fewer rows, or a network of a longer horizon."
        )
