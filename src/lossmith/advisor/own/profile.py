"""What the targets of a dataset hold: the task, their shape, and warnings.

The number of outputs of the user's module says much of what it means.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor import target as target_facts
from lossmith.advisor import task as tasks
from lossmith.advisor import warnings
from lossmith.advisor.facts import Notice
from lossmith.advisor.profile import Profile
from lossmith.advisor.settle import settle
from lossmith.training.columns import is_whole
from lossmith.training.problem import VALUE_TASKS, Problem, Task
from lossmith.training.target import encode_target

Array = NDArray[Any]
TARGET = "y"
"""What the target is called, in a dataset that gives it no name."""


@dataclass(frozen=True)
class Described:
    """A profile, and the targets as numbers."""

    profile: Profile
    y: Array


def describe(values: Array, source: str, asked: Problem, outputs: int) -> Described:
    """Describe the targets of all examples.

    Args:
        values: every target, finite.
        source: how to call the dataset.
        asked: task and metric, as far as the user said.
        outputs: numbers that the module gives for each example.

    Raises:
        ValueError: task, metric, targets and outputs do not fit together.

    Example:
        >>> found = describe(np.arange(60) % 3, "digits", Problem(TARGET), outputs=3).profile
        >>> found.problem.task, found.problem.metric
        ('multiclass', 'log_loss')
    """
    series = pd.Series(values, name=TARGET)
    problem, why = _with_task(series, asked, outputs)
    if problem.task not in VALUE_TASKS:
        _refuse_other_classes(values, str(problem.task), outputs)
    elif outputs != 1:
        raise ValueError(
            f"The model should give one number per example for {problem.task}. Found {outputs}. Try a last layer of "
            "one output, or a task of classes."
        )
    settled = settle(series, problem)
    problem = settled.problem
    y = encode_target(series, problem)
    if problem.task in VALUE_TASKS:
        statistics = target_facts.value_statistics(y)
        # No columns, so no ridge regression whose residuals would scale a loss.
        statistics |= {"mean_abs_deviation": float(np.mean(np.abs(y - np.median(y)))), "residual_mad": None}
        histogram = target_facts.histogram(y)
        notices = warnings.about_values(series, statistics, registry.metric(str(problem.metric)).name)
    else:
        statistics = target_facts.class_statistics(y, problem.levels)
        counts = statistics["counts"]
        histogram = {"labels": list(counts), "counts": list(counts.values())}
        notices = warnings.about_classes(y, series.index, statistics)
    if len(y) < warnings.FEW_ROWS:
        message = f"Only {len(y)} examples: small differences between losses cannot be seen."
        notices = [Notice("few_examples", message), *notices]
    found = Profile(
        problem=problem,
        source=source,
        rows=len(y),
        dropped_rows=0,
        columns=(),
        task_reason=why or settled.task_reason,
        metric_reason=settled.metric_reason,
        target=statistics,
        histogram=histogram,
        warnings=(*settled.notices, *notices),
    )
    return Described(found, y)


def _with_task(series: "pd.Series[Any]", asked: Problem, outputs: int) -> tuple[Problem, str]:
    """Return the problem with the task that the module's outputs allow, and why."""
    if asked.task is not None:
        return asked, ""
    if outputs > 1:
        task: Task = "binary" if outputs == 2 else "multiclass"
        if asked.metric and "ordinal" in (fits := registry.metric(asked.metric).metric.tasks) and task not in fits:
            task = "ordinal"
        return replace(asked, task=task), f"the model gives {outputs} numbers per example, one for each class"
    metric = registry.metric(asked.metric) if asked.metric else None
    guess = tasks.choose(series, asked, metric)
    if guess.task in ("multiclass", "ordinal"):
        return replace(asked, task="regression"), "the model gives one number per example, and there are many targets"
    return replace(asked, task=guess.task), guess.reason


def _refuse_other_classes(values: Array, task: str, outputs: int) -> None:
    """Raise ValueError unless targets are class numbers, one for each of the outputs."""
    found = np.unique(values)
    count = int(found.max()) + 1 if is_whole(found) and found.min() >= 0 else 0
    if not count or len(found) != count:
        shown = ", ".join(f"{value:g}" for value in found[:6]) + (", ..." if len(found) > 6 else "")
        raise ValueError(
            f"Targets of a {task} task should be class numbers from 0 up, every one in some example. Found {shown}. "
            f"Try numbering the classes anew{'' if outputs > 1 else ', or task regression'}."
        )
    fitting = (1, 2) if count == 2 else (count,)
    if outputs not in fitting:
        raise ValueError(
            f"The model should give {' or '.join(map(str, fitting))} numbers per example for {count} classes. Found "
            f"{outputs}. Try a last layer of {count} outputs."
        )
