"""What a person takes home: a trained network, from a frame to predictions.

It is trained with the recommended candidate.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training import columns, decision, folds, forecaster, preprocessing, quantiles, rows
from lossmith.training.engine import single_thread, train
from lossmith.training.fitted import Fitted, Split
from lossmith.training.forecaster import Forecaster
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target, target_of

Array = NDArray[Any]
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Predictor:
    """A trained network with its preprocessing, link and decision rule."""

    problem: Problem
    candidate: Candidate
    kinds: Mapping[str, columns.Kind]
    """Feature columns and what they hold."""
    features: ColumnTransformer
    fitted: Fitted
    labels: tuple[Any, ...]
    """The classes as they stood in the target column, in the order of `predict_proba`'s columns; of several labels a
    row, their names."""

    def predict(self, frame: pd.DataFrame) -> Any:
        """Predict the target: numbers, or labels after the tuned decision rule.

        Where the metric asks for a distribution or an interval, it is the middle of that.
        Of several labels a row, a frame of 0 and 1 with a column for each, and the index of `frame`.

        Args:
            frame: the feature columns of training; others are ignored. A category unseen in training counts as
                "other", with a warning.

        Raises:
            ValueError: a feature column is missing.
        """
        raw = self.raw(frame)
        if self.problem.task in VALUE_TASKS:
            decided = decision.decide(self.candidate.rule, raw, self.fitted.rule_params)
            return decision.middle_of(decided)[:, 0] if decided.ndim == 2 else decided
        # A metric that scores probabilities leaves the label open: the most likely one, then.
        if self.problem.task == "multilabel":
            return self._each_label(frame, raw)
        rule = "argmax" if self.candidate.rule == "probability" else self.candidate.rule
        numbers = decision.decide(rule, raw, self.fitted.rule_params)
        same = len({type(label) for label in self.labels}) == 1
        return np.asarray(self.labels, dtype=None if same else object)[numbers]

    def predict_proba(self, frame: pd.DataFrame) -> Array:
        """Return class probabilities (n, classes), before any decision rule.

        Of several labels a row, the probability of each (n, labels).

        Raises:
            ValueError: a feature column is missing, or the task is not one of classes.
        """
        if self.problem.task in VALUE_TASKS:
            raise ValueError(f"`predict_proba` needs a task of classes. Found {self.problem.task}. Try `predict`.")
        if self.fitted.link.name == "identity":
            raise ValueError(
                f"`predict_proba` needs a loss that gives probabilities. Found {self.candidate.loss}, which gives the "
                "level as a number. Try `predict`."
            )
        return self.raw(frame)

    def predict_quantiles(self, frame: pd.DataFrame, levels: Sequence[float] | None = None) -> Array:
        """Return quantiles (n, levels) of each row's target, in its unit.

        Args:
            frame: as for `predict`.
            levels: between 0 and 1; by default those of the metric.

        Raises:
            ValueError: a feature column is missing, the metric is not one of quantiles, or a level lies beyond those
                that were trained.
        """
        known = quantiles.levels_of(registry.metric(str(self.problem.metric)))
        decided = decision.decide(self.candidate.rule, self.raw(frame), self.fitted.rule_params)
        return decided if levels is None else quantiles.at_levels(decided, known, levels)

    def predict_interval(self, frame: pd.DataFrame, coverage: float | None = None) -> Array:
        """Return the ends (n, 2) of the central interval that should hold each target.

        Args:
            frame: as for `predict`.
            coverage: share of the targets that should lie inside; by default that of the metric, or 0.9.

        Raises:
            ValueError: as `predict_quantiles`.

        Example:
            >>> predictor.predict_interval(table, coverage=0.8)  # doctest: +SKIP
        """
        known = quantiles.levels_of(registry.metric(str(self.problem.metric)))
        if coverage is None:
            coverage = known[1] - known[0] if len(known) == 2 else 0.9
        return self.predict_quantiles(frame, [(1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0])

    def _each_label(self, frame: pd.DataFrame, probability: Array) -> pd.DataFrame:
        """Decide on each label: at its threshold, or at one half where none was tuned."""
        cut = np.asarray(self.fitted.rule_params.get("threshold", 0.5))
        return pd.DataFrame((probability >= cut).astype(np.int64), index=frame.index, columns=list(self.labels))

    def raw(self, frame: pd.DataFrame) -> Array:
        """Return what the network predicts, before any decision rule.

        Values (n,), quantiles (n, levels), class probabilities (n, classes), or a probability of each label.

        Raises:
            ValueError: a feature column is missing, or there are no rows.
        """
        prepared = _prepared(frame, self.kinds)
        if prepared.empty:
            raise ValueError("The frame should hold rows to predict. Found none.")
        for name, values in preprocessing.unseen(self.features, prepared).items():
            shown = ", ".join(values[:3]) + (", ..." if len(values) > 3 else "")
            warnings.warn(f'Column {name!r}: unseen in training, taken as "other": {shown}.', stacklevel=3)
        return self.fitted.predict(preprocessing.transform(self.features, prepared))


def fit(
    frame: pd.DataFrame,
    problem: Problem,
    candidate: Candidate,
    seed: int = 0,
    settings: Settings | None = None,
) -> Predictor | Forecaster:
    """Train one candidate on a table.

    A fifth of the rows chooses learning rate, epoch and decision rule; the rest is learned from. For a forecast it is
    the last fifth, and what comes of it is a `Forecaster`, which looks back from the rows it is given.

    Args:
        frame: features, target, and the columns that weigh and group rows where the problem names such; rows without
            a target, a weight or a group are left out.
        problem: settled, as in `verdict.profile.problem`: task, metric and levels are known.
        candidate: as in `verdict.standing(verdict.recommended).candidate`.
        seed: split, initial weights and batch order.
        settings: network and schedule; by default those of `advise`.

    Raises:
        ValueError: the problem is not settled, a column is missing, or training gave no finite score.
    """
    (predictor,) = fit_each(frame, problem, [candidate], seed, settings)
    if isinstance(predictor, str):
        raise ValueError(f"{candidate.id} should train to a finite score. Found: {predictor}.")
    return predictor


def fit_each(
    frame: pd.DataFrame,
    problem: Problem,
    candidates: Sequence[Candidate],
    seed: int = 0,
    settings: Settings | None = None,
) -> list[Predictor | Forecaster | str]:
    """Train several candidates side by side: same rows, weights and batches.

    Each is what `fit` would make of it alone, sooner.

    Returns:
        For each candidate its predictor, or in words why it did not train to a finite score.

    Raises:
        ValueError: as `fit`, but for training.
    """
    if problem.task is None or problem.metric is None:
        raise ValueError("The problem should be settled. Found no task or metric. Try `verdict.profile.problem`.")
    settings = settings or Settings()
    metric = registry.metric(problem.metric)
    frame = _named(frame)
    for name in (*problem.target_columns, *problem.group, *([problem.weight] if problem.weight is not None else [])):
        if name not in frame.columns:
            what = "target" if name in problem.target_columns else "columns that weigh and group rows"
            raise ValueError(f"The frame should hold the {what}. Found no column {name!r}.")
    if problem.task == "forecast":
        eyes, split = forecaster.prepare(frame.reset_index(drop=True), problem, settings, seed)
        trained = zip(candidates, _trained(candidates, split, metric, settings, seed), strict=True)
        return [best if isinstance(best, str) else Forecaster(candidate, eyes, best) for candidate, best in trained]
    frame = frame[rows.known(frame, problem)].reset_index(drop=True)
    if len(frame) < FEWEST_ROWS:
        raise ValueError(f"There should be at least {FEWEST_ROWS} rows with a known target. Found {len(frame)}.")
    groups = rows.groups(frame, problem)
    if groups is not None and groups.max() < 1:
        raise ValueError(f"There should be two groups of rows at least. Found one in {', '.join(problem.group)}.")
    y = encode_target(target_of(frame, problem), problem)
    kinds = columns.feature_kinds(frame, problem.aside)
    if not kinds:
        raise ValueError("There should be a column to learn from. Found none beside the target that can be used.")
    prepared, classes = _prepared(frame, kinds), len(problem.levels)
    learn, choose = folds.inner(y, classes, settings.valid_share, seed, groups)
    features = preprocessing.build(kinds).fit(prepared.iloc[learn])
    x = preprocessing.transform(features, prepared)
    weight = rows.weights(frame, problem)
    w_learn, w_choose = (None if weight is None else weight[part] for part in (learn, choose))
    split = Split(x[learn], y[learn], x[choose], y[choose], classes, w_learn, w_choose)
    labels = _labels(target_of(frame, problem), y, problem)
    return [
        best if isinstance(best, str) else Predictor(problem, candidate, kinds, features, best, labels)
        for candidate, best in zip(candidates, _trained(candidates, split, metric, settings, seed), strict=True)
    ]


def _trained(
    candidates: Sequence[Candidate], split: Split, metric: ChosenMetric, settings: Settings, seed: int
) -> list[Fitted | str]:
    """Return each candidate at its best learning rate, or why it failed."""
    with single_thread():
        try:
            tried = train(candidates, split, metric, settings, settings.rates, seed)
        except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
            if len(candidates) == 1:
                return [f"{type(error).__name__}: {error}"]
            return [_trained([candidate], split, metric, settings, seed)[0] for candidate in candidates]
    rates = len(settings.rates)
    return [_best(tried[first : first + rates], metric) for first in range(0, len(tried), rates)]


def _best(tried: Sequence[Fitted], metric: ChosenMetric) -> Fitted | str:
    ran = [fitted for fitted in tried if not fitted.error]
    return min(ran, key=lambda fitted: metric.error(fitted.valid_score)) if ran else tried[0].error


def _named(frame: Any) -> pd.DataFrame:
    """Return a pandas or polars frame as pandas, with column names as text."""
    if not isinstance(frame, pd.DataFrame):
        if not hasattr(frame, "to_pandas"):
            raise TypeError(f"The table should be a pandas or polars DataFrame. Found {type(frame).__name__}.")
        frame = frame.to_pandas()
    named: pd.DataFrame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    return named


def _prepared(frame: pd.DataFrame, kinds: Mapping[str, columns.Kind]) -> pd.DataFrame:
    """Return the feature columns as found in training, however the new rows look."""
    frame = _named(frame)
    missing = [name for name in kinds if name not in frame.columns]
    if missing:
        raise ValueError(f"The frame should hold the columns of training. Found no {', '.join(map(repr, missing))}.")
    return pd.DataFrame({name: columns.as_kind(frame[name], kind) for name, kind in kinds.items()}, index=frame.index)


def _labels(target: Any, y: Array, problem: Problem) -> tuple[Any, ...]:
    """Return each level as in the column, so that predictions look like the data."""
    if problem.task in VALUE_TASKS:
        return ()
    if problem.task == "multilabel":
        return problem.targets
    codes, first = np.unique(y, return_index=True)
    as_found = {int(code): target.iloc[place] for code, place in zip(codes, first, strict=True)}
    return tuple(as_found.get(place, level) for place, level in enumerate(problem.levels))
