"""One process's work: all candidates on one fold at one learning rate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training.engine import Features, Fitted, OutOfTimeError, Split, train
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

Row = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Everything a process needs; plain data, so that it can be sent to one."""

    candidates: tuple[Candidate, ...]
    split: Split
    x_test: Features
    y_test: NDArray[Any]
    metric: str
    settings: Settings
    where: Mapping[str, Any]
    """Repeat, fold, rate and seed: copied into every row."""
    deadline: float


def run_group(group: Group) -> list[Row]:
    """Train the group and return a row per candidate, none if the budget ended first."""
    metric = registry.metric(group.metric)
    try:
        return [_row(fitted, group, metric) for fitted in _train(group, metric)]
    except OutOfTimeError:
        return []


def _train(group: Group, metric: ChosenMetric) -> Sequence[Fitted | tuple[Candidate, str]]:
    """Train all side by side, or each alone if one loss raises, to name the culprit."""
    try:
        return _together(group, group.candidates, metric)
    except (ValueError, TypeError, ArithmeticError, RuntimeError):
        return [_alone(group, candidate, metric) for candidate in group.candidates]


def _together(group: Group, candidates: Sequence[Candidate], metric: ChosenMetric) -> list[Fitted]:
    rate, seed = float(group.where["rate"]), int(group.where["seed"])
    return train(candidates, group.split, metric, group.settings, rate, seed, group.deadline)


def _alone(group: Group, candidate: Candidate, metric: ChosenMetric) -> Fitted | tuple[Candidate, str]:
    try:
        return _together(group, [candidate], metric)[0]
    except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        return candidate, f"{type(error).__name__}: {error}"


def _row(trained: Fitted | tuple[Candidate, str], group: Group, metric: ChosenMetric) -> Row:
    """Score the test rows and write down the trial."""
    row: Row = {**group.where, "train_rows": len(group.split.y_train), **NOTHING}
    if isinstance(trained, tuple):
        return {**row, "candidate": trained[0].id, "error": trained[1]}
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
        **_scored(trained, group, metric),
        "valid_score": _number(trained.valid_score),
        "best_epoch": trained.best_epoch,
        "rule_params": trained.rule_params,
        "link": {"centre": trained.link.centre, "scale": trained.link.scale},
    }


def _scored(trained: Fitted, group: Group, metric: ChosenMetric) -> Row:
    """Return the score on the test rows, or why there is none."""
    try:
        score = metric(group.y_test, trained.decide(group.x_test))
    except ValueError as problem:
        return {"test_score": None, "error": str(problem)}
    finite = math.isfinite(score)
    return {"test_score": _number(score), "error": "" if finite else "the score on the test rows was not finite"}


NOTHING: Row = {
    "valid_score": None,
    "test_score": None,
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


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _finite(values: Sequence[float]) -> list[float | None]:
    """Return six significant digits, enough for any curve; JSON knows no NaN."""
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values]
