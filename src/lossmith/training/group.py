"""One process's work: all candidates on a few folds, at one rate or several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training import decision, held_out, neighbours, quantiles
from lossmith.training.engine import OutOfTimeError, train_together
from lossmith.training.fitted import Features, Fitted, Split
from lossmith.training.links import Anchor
from lossmith.training.neighbours import Predicted
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

Row = dict[str, Any]
Outcome = Fitted | tuple[Candidate, float, str]
"""What training came to, or what the candidate's loss raised, and at which learning rate."""


@dataclass(frozen=True)
class Part:
    """One fold of one repeat, as numbers."""

    repeat: int
    fold: int
    seed: int
    split: Split
    x_test: Features
    y_test: NDArray[Any]
    weight_test: NDArray[Any] | None = None
    anchor_test: Anchor | None = None
    periods_test: NDArray[np.int64] | None = None
    """When each test row is, for tests in the order of time."""
    rows_test: NDArray[np.int64] | None = None
    """The numbers of the test rows in the table."""


@dataclass(frozen=True)
class Group:
    """Everything a process needs; plain data, so that it can be sent to one."""

    candidates: tuple[Candidate, ...]
    parts: tuple[Part, ...]
    metric: str
    settings: Settings
    rates: tuple[float, ...]
    deadline: float
    task: str = ""
    neighbours: tuple[str, ...] = ()
    """Names of other metrics to score the test rows under."""


def run_group(group: Group) -> list[Row]:
    """Train the group; return a row per trial, none if the budget ended first.

    Candidates of one fold and rate follow one another: what a kill leaves of them when it strikes amid the writing does
    not count.
    """
    metric = registry.metric(group.metric)
    try:
        trained = _train(group, metric)
    except OutOfTimeError:
        return []
    company = {"company": len(group.candidates)}
    rates = len(group.rates)
    return [
        company | write_row(outcome, part, group, metric)
        for part, results in zip(group.parts, trained, strict=True)
        for rate in range(rates)
        for outcome in results[rate::rates]
    ]


def _train(group: Group, metric: ChosenMetric) -> list[list[Outcome]]:
    """Train all side by side, or each alone if one loss raises, to name the culprit."""
    try:
        return [list(results) for results in _together(group, group.candidates, group.parts, metric)]
    except (ValueError, TypeError, ArithmeticError, RuntimeError):
        return [
            [outcome for candidate in group.candidates for outcome in _alone(group, candidate, part, metric)]
            for part in group.parts
        ]


def _together(
    group: Group, candidates: Sequence[Candidate], parts: Sequence[Part], metric: ChosenMetric
) -> list[list[Fitted]]:
    splits, seeds = [part.split for part in parts], [part.seed for part in parts]
    return train_together(candidates, splits, metric, group.settings, group.rates, seeds, group.deadline)


def _alone(group: Group, candidate: Candidate, part: Part, metric: ChosenMetric) -> list[Outcome]:
    try:
        return list(_together(group, [candidate], [part], metric)[0])
    except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        return [(candidate, rate, f"{type(error).__name__}: {error}") for rate in group.rates]


def write_row(trained: Outcome, part: Part, group: Group, metric: ChosenMetric) -> Row:
    """Score the test rows and write down the trial."""
    rate = trained[1] if isinstance(trained, tuple) else trained.learning_rate
    where = {"repeat": part.repeat, "fold": part.fold, "rate": rate, "seed": part.seed}
    row: Row = {**where, "train_rows": len(part.split.y_train), **NOTHING}
    if isinstance(trained, tuple):
        return {**row, "candidate": trained[0].id, "error": trained[2]}
    row |= {
        "candidate": trained.candidate.id,
        "seconds": round(trained.seconds, 4),
        "epochs": trained.epochs,
        "train_curve": _finite(trained.train_curve),
        "valid_curve": _finite(trained.valid_curve),
    }
    if trained.error:
        return {**row, "error": trained.error}
    return {
        **row,
        **_scored(trained, part, group, metric),
        "valid_score": _number(trained.valid_score),
        "best_epoch": trained.best_epoch,
        "rule_params": trained.rule_params,
        "link": trained.link.numbers(),
    }


def _scored(trained: Fitted, part: Part, group: Group, metric: ChosenMetric) -> Row:
    """Return the scores on the test rows, or why there is none."""
    prediction, rule = trained.predict(part.x_test, part.anchor_test), trained.candidate.rule
    try:
        decided = decision.decide(rule, prediction, trained.rule_params)
        score = metric(part.y_test, decided, part.weight_test)
    except ValueError as problem:
        return {"error": str(problem)}
    if not math.isfinite(score):
        return {"error": "the score on the test rows was not finite"}
    tested_on, split = Predicted(prediction, part.y_test, part.weight_test), part.split
    chosen_by = tested_on
    if group.neighbours:
        chosen_by = Predicted(trained.predict(split.x_valid, split.anchor_valid), split.y_valid, split.weight_valid)
    others = {name: registry.metric(name) for name in group.neighbours}
    return {
        "test_score": float(score),
        "plain_score": neighbours.plain_score(metric, rule, trained.rule_params, tested_on),
        "period_errors": _over_time(metric, part, decided),
        "covered": quantiles.share_inside(part.y_test, decided, part.weight_test) if metric.levels else None,
        "held_out": _held_out(trained.candidate, part, prediction, decided),
        "neighbours": {key: neighbours.score(m, group.task, chosen_by, tested_on) for key, m in others.items()},
    }


NOTHING: Row = {
    "valid_score": None,
    "test_score": None,
    "plain_score": None,
    "neighbours": {},
    "period_errors": [],
    "covered": None,
    "held_out": {},
    "best_epoch": 0,
    "seconds": 0.0,
    "rule_params": {},
    "link": {},
    "epochs": [],
    "train_curve": [],
    "valid_curve": [],
    "error": "",
}
"""The row of a trial that gave no prediction."""


def _held_out(candidate: Candidate, part: Part, prediction: NDArray[Any], decided: NDArray[Any]) -> Row:
    """Keep what the reference says of each test row: it runs in every fold."""
    if part.rows_test is None or part.y_test.ndim != 1 or "reference" not in candidate.roles:
        return {}
    if part.split.classes:
        return held_out.of_classes(part.rows_test, part.y_test, prediction)
    return held_out.of_values(part.rows_test, part.y_test, decided)


def _over_time(metric: ChosenMetric, part: Part, decided: NDArray[Any]) -> list[float]:
    return [] if part.periods_test is None else errors_by_period(metric, part.periods_test, part.y_test, decided)


def errors_by_period(
    metric: ChosenMetric, when: NDArray[np.int64], target: NDArray[Any], decided: NDArray[Any]
) -> list[float]:
    """Return a metric's errors in the order of time, one for each period.

    They are sums over a period's rows, divided by the mean number of rows, so that their mean is that over all rows.
    None are returned where the metric is no mean over rows.
    """
    if metric.metric.row_errors is None:
        return []
    periods, places = np.unique(when, return_inverse=True)
    errors = metric.metric.row_errors(target, decided, **metric.parameters)
    sums = np.bincount(places, weights=errors) * len(periods) / len(errors)
    return [float(value) for value in sums]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _finite(values: Sequence[float]) -> list[float | None]:
    """Return six significant digits, enough for any curve; JSON knows no NaN."""
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values]
