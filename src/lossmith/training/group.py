"""One piece of work for one process: all candidates on one fold at one learning rate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training.engine import Fitted, OutOfTimeError, Split, train
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

Row = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Everything a process needs; plain data, so that it can be sent to one."""

    candidates: tuple[Candidate, ...]
    split: Split
    x_test: NDArray[np.float32]
    y_test: NDArray[Any]
    metric: str
    settings: Settings
    where: Mapping[str, Any]
    """Repeat, fold, rate and seed: copied into every row."""
    deadline: float


def run_group(group: Group) -> list[Row]:
    """Train the group and return one row per candidate; none when the budget ended first."""
    metric = registry.metric(group.metric)
    try:
        return [_row(fitted, group, metric) for fitted in _train(group, metric)]
    except OutOfTimeError:
        return []


def _train(group: Group, metric: ChosenMetric) -> Sequence[Fitted | tuple[Candidate, str]]:
    """Train all side by side; if one candidate's loss raises, train each alone and name the culprit."""
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
    base: Row = {**group.where, "train_rows": len(group.split.y_train)}
    if isinstance(trained, tuple):
        return {**base, **_nothing(trained[0].id, trained[1])}
    if trained.error:
        return {**base, **_nothing(trained.candidate.id, trained.error), "train_curve": trained.train_curve,
                "valid_curve": _finite(trained.valid_curve), "seconds": trained.seconds}  # fmt: skip
    try:
        score, error = metric(group.y_test, trained.decide(group.x_test)), ""
    except ValueError as problem:
        score, error = math.nan, str(problem)
    link = asdict(trained.link)
    return {
        **base,
        "candidate": trained.candidate.id,
        "valid_score": _number(trained.valid_score),
        "test_score": _number(score),
        "best_epoch": trained.best_epoch,
        "seconds": round(trained.seconds, 4),
        "rule_params": trained.rule_params,
        "link": {"centre": link["centre"], "scale": link["scale"]},
        "train_curve": _finite(trained.train_curve),
        "valid_curve": _finite(trained.valid_curve),
        "error": error or ("" if math.isfinite(score) else "the score on the test rows was not finite"),
    }


def _nothing(candidate: str, error: str) -> Row:
    """Return the row of a trial that gave no prediction."""
    empty: Row = {"valid_score": None, "test_score": None, "best_epoch": 0, "seconds": 0.0, "rule_params": {}}
    return {"candidate": candidate, **empty, "link": {}, "train_curve": [], "valid_curve": [], "error": error}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _finite(values: Sequence[float]) -> list[float | None]:
    """Return six significant digits, enough for any curve; JSON knows no NaN."""
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values]
