"""Answers what the user left open, and refuses what does not fit together.

Open may be the task, the levels, the positive class and the metric.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lossmith import registry
from lossmith.advisor import prices
from lossmith.advisor import task as tasks
from lossmith.advisor.facts import Notice
from lossmith.metric import ChosenMetric
from lossmith.training.labels import NO, YES, encode_labels
from lossmith.training.problem import VALUE_TASKS, Problem, Task
from lossmith.training.target import encode_target, label_text

DEFAULT_METRICS: Mapping[Task, tuple[str, str]] = {
    "regression": (
        "rmse",
        "the usual yardstick for a mean; say --metric mae if one big miss is no worse than many small",
    ),
    "count": (
        "rmse",
        "in the target's unit, and right for totals; say --metric poisson_deviance to weigh small counts more",
    ),
    "forecast": ("mase", "it compares series of any size: 1 is a usual miss of the naive forecast"),
    "binary": ("log_loss", "it judges the probabilities themselves and needs no threshold or price"),
    "multiclass": ("log_loss", "it judges the probabilities themselves and needs no price"),
    "ordinal": ("mae", "it counts by how many levels a decision is off"),
    "multilabel": ("log_loss", "it judges each label's probability and needs no threshold"),
}
PRICED = "cost_matrix: 0,1;1,0"
"""Stands for the metric that `Problem.cost` will be, until the levels are known."""
ENDLESS = 1e100
"""From here on squares overflow: no table means such a number."""


@dataclass(frozen=True)
class Settled:
    """A problem without open questions, and why they were answered so."""

    problem: Problem
    task_reason: str
    metric_reason: str
    notices: tuple[Notice, ...]


def settle(target: Any, problem: Problem) -> Settled:
    """Answer every open question of `problem` from its tidied target.

    The target comes without its missing entries; of several labels a row it is a frame.

    Raises:
        ValueError: task, metric, levels, positive class and target do not fit together.
    """
    name = PRICED if problem.cost else problem.metric
    asked = registry.metric(name) if name else None
    if problem.targets or problem.task == "multilabel":
        return _labels(target, problem, asked)
    _refuse_infinite(target)
    guess = tasks.choose(target, problem, asked)
    notices: list[Notice] = []
    settled, why = problem.settled(task=guess.task), ""
    if guess.task not in VALUE_TASKS:
        levels, notices = _levels(target, settled)
        if guess.task == "binary":
            levels, why = _positive_last(target, levels, problem)
        settled = settled.settled(levels=levels, positive=levels[1] if guess.task == "binary" else None)
        encode_target(target, settled)  # raises when levels and labels disagree
    name, reason = DEFAULT_METRICS[guess.task]
    metric = asked or registry.metric(name)
    _refuse_unfit(metric, guess, target)
    if problem.cost:
        metric, settled = prices.metric(settled), settled.settled(cost=())
    _refuse_other_size(metric, settled.levels)
    if problem.weight is not None and not metric.weighted:
        raise ValueError(f"With weights, the metric should weigh rows. Found `{metric}`, which cannot. Try another.")
    metric_reason = "you asked for it" if asked else f"none was given: {reason}"
    return Settled(settled.settled(metric=str(metric)), guess.reason + why, metric_reason, tuple(notices))


def _labels(target: Any, problem: Problem, asked: ChosenMetric | None) -> Settled:
    """Settle a problem of several labels a row."""
    if not problem.targets:
        raise ValueError(
            f"A multilabel task should have two or more labels, a column each. Found only {problem.target!r}. Try "
            "--target a,b,c."
        )
    if problem.task not in (None, "multilabel"):
        raise ValueError(
            f"Several targets should be labels of a multilabel task. Found them with {problem.task}. Try one target."
        )
    if problem.positive is not None or problem.levels:
        raise ValueError(
            "A positive class and levels belong to a single target. Found them with several labels, of which 1, yes "
            "and true count as positive. Try leaving them out."
        )
    y = encode_labels(target)
    for name, column in zip(problem.targets, y.T, strict=True):
        if np.ptp(column) == 0.0:
            word = "1, yes or true" if column[0] else "0, no or false"
            raise ValueError(f"Label {name!r} should take both values. Found {word} in every row. Try leaving it out.")
    reason = f"you named {len(problem.targets)} labels"
    name, why = DEFAULT_METRICS["multilabel"]
    metric = asked or registry.metric(name)
    _refuse_unfit(metric, tasks.Guess("multilabel", reason), target)
    settled = problem.settled(task="multilabel", levels=problem.targets, metric=str(metric))
    return Settled(settled, reason, "you asked for it" if asked else f"none was given: {why}", ())


def _refuse_infinite(target: "pd.Series[Any]") -> None:
    if not tasks.is_number(target):
        return
    rows = target.index[~(np.abs(target.to_numpy(dtype=np.float64)) < ENDLESS)]
    if len(rows):
        raise ValueError(
            f"Target {target.name!r} should be finite. Found infinity, or as good as, in {len(rows)} rows: "
            f"{', '.join(str(row) for row in rows[:5])}{'...' if len(rows) > 5 else ''}. Try correcting them or "
            "leaving them out."
        )


def _levels(target: "pd.Series[Any]", problem: Problem) -> tuple[tuple[str, ...], list[Notice]]:
    """Return the class labels in order; given ones in no row are left out and told."""
    found = (
        [label_text(value) for value in np.sort(target.unique())]
        if tasks.is_number(target)
        else sorted(label_text(value) for value in target.unique())
    )
    if not problem.levels:
        return tuple(found), []
    repeated = {level for level in problem.levels if problem.levels.count(level) > 1}
    if repeated:
        raise ValueError(f"Levels should differ. Found {', '.join(sorted(repeated))} twice. Try naming each once.")
    held = np.bincount(encode_target(target, problem), minlength=len(problem.levels))
    empty = [level for level, rows in zip(problem.levels, held, strict=True) if rows == 0]
    levels = tuple(level for level in problem.levels if level not in empty)
    message = f"No row holds {', '.join(empty)}: nothing can be learnt about that, so it is left out of the levels."
    return levels, [Notice("empty_levels", message)] if empty else []


def _positive_last(target: "pd.Series[Any]", levels: tuple[str, ...], problem: Problem) -> tuple[tuple[str, ...], str]:
    """Return (negative, positive) and a clause saying why."""
    if problem.positive is not None:
        place = _match(problem.positive, levels, problem.target)
        return (levels[1 - place], levels[place]), ""
    if problem.levels:
        return levels, f"; {levels[1]!r} counts as positive, being the second level"
    for place in (1, 0):
        plain, other = levels[place].casefold(), levels[1 - place].casefold()
        if plain in YES and other in NO:
            return (levels[1 - place], levels[place]), f"; {levels[place]!r} counts as positive, as its name says"
    counts = np.bincount(encode_target(target, problem.settled(task="binary", levels=levels)), minlength=2)
    place = 0 if counts[0] < counts[1] else 1
    why = "being the rarer" if counts[0] != counts[1] else "being the second"
    return (
        levels[1 - place],
        levels[place],
    ), f"; {levels[place]!r} counts as positive, {why} (--positive says otherwise)"


def _match(positive: str, levels: tuple[str, ...], name: str) -> int:
    try:
        wanted = pd.Series([positive], dtype="str")
        return int(encode_target(wanted, Problem(name, task="binary", levels=levels))[0])
    except ValueError:
        raise ValueError(
            f"The positive class should be one of {' and '.join(levels)}. Found {positive!r}. Try --positive "
            f"{levels[1]}."
        ) from None


def _refuse_unfit(metric: ChosenMetric, guess: tasks.Guess, target: Any) -> None:
    """Raise ValueError when the metric cannot judge this task or these values."""
    if guess.task not in metric.metric.tasks:
        others = [name for name, entry in registry.metrics().items() if guess.task in entry["tasks"]]
        raise ValueError(
            f"`{metric.name if metric.metric.is_matrix else metric}` should judge a "
            f"{' or '.join(metric.metric.tasks)} target. Found {guess.task}: {guess.reason}. "
            f"Try one of {', '.join(others)}."
        )
    if guess.task not in VALUE_TASKS or metric.metric.refuses is None:
        return
    refused = target.index[metric.metric.refuses(target.to_numpy(dtype=np.float64))]
    if len(refused):
        raise ValueError(
            f"`{metric}` needs {metric.metric.needs}. Found {len(refused)} of {len(target)} rows otherwise, first row "
            f"{refused[0]} with {target[refused[0]]:g}. Try `mae`{' or `rmsle`' if target.min() >= 0 else ''}, or "
            "leave those rows out."
        )


def _refuse_other_size(metric: ChosenMetric, levels: tuple[str, ...]) -> None:
    if metric.metric.is_matrix and len(metric.parameters["prices"]) != len(levels):
        raise ValueError(
            f"`{metric.name}` should have a row and a column for each of {', '.join(levels)}. Found "
            f"{len(metric.parameters['prices'])} of each. Try --cost with a table that has labels."
        )
