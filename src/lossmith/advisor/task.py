"""What kind of task the target sets, with the reason in words.

The user's say comes first, then the metric's, then the target's shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.advisor.target import skewness
from lossmith.metric import ChosenMetric
from lossmith.training.columns import is_whole, label_text
from lossmith.training.problem import Problem, Task

FEW_VALUES = 10
"""Up to this many different whole numbers are taken for classes, unless they look like counts."""


@dataclass(frozen=True)
class Guess:
    """A task the target could set, and what speaks for it."""

    task: Task
    reason: str


def choose(target: "pd.Series[Any]", problem: Problem, metric: ChosenMetric | None) -> Guess:
    """Return the task that the target sets, and the reason in words.

    The target is tidied, without missing entries.

    Raises:
        ValueError: the target is constant, or does not fit the task that was asked for.
    """
    if target.nunique() < 2:
        raise ValueError(
            f"Target {problem.target!r} should take different values. Found only {label_text(target.iloc[0])!r}. "
            "Try another target."
        )
    asked = _asked(target, problem)
    if asked is not None:
        _CHECKS[asked.task](target, problem)
        return asked
    guesses = _guesses(target, problem)
    fitting = [guess for guess in guesses if metric is not None and guess.task in metric.metric.tasks]
    if not fitting:
        return guesses[0]  # a metric that fits none is refused later, with this guess named
    if metric is not None and fitting[0] is not guesses[0]:
        return Guess(fitting[0].task, f"{metric.label} was asked for, and {fitting[0].reason}")
    return fitting[0]


def _asked(target: "pd.Series[Any]", problem: Problem) -> Guess | None:
    """Return the task the user said, outright or through levels or a positive class."""
    if problem.time is not None:
        return Guess("forecast", "you said what orders the rows in time")
    if problem.task is not None:
        return Guess(problem.task, "you said so")
    if len(problem.levels) == 2 or problem.positive is not None:
        return Guess("binary", "you named " + ("two levels" if problem.levels else "a positive class"))
    return Guess("ordinal", "you gave the levels in order") if problem.levels else None


def _guesses(target: "pd.Series[Any]", problem: Problem) -> list[Guess]:
    """Return what the target could mean, likeliest first."""
    unique = int(target.nunique())
    if not is_number(target):
        if unique > 20 and unique * 5 > len(target):
            words = target[pd.to_numeric(target, errors="coerce").isna()]
            if 2 * len(words) < len(target):
                raise ValueError(
                    f"Target {problem.target!r} should hold numbers alone. Found words in {len(words)} of "
                    f"{len(target)} rows: {label_text(words.iloc[0])!r} in row {words.index[0]}, counted from 0. "
                    "Try a number or an empty cell there."
                )
            raise ValueError(
                f"Target {problem.target!r} should hold numbers or classes that repeat. Found {unique} different ones "
                f"in {len(target)} rows, such as {label_text(target.iloc[0])!r}. Try another target, or numbers "
                "without words."
            )
        kind: Task = "binary" if unique == 2 else "multiclass"
        hint = "; give --levels if they have an order" if 2 < unique <= FEW_VALUES else ""
        return [Guess(kind, f"the target holds {unique} different labels{hint}")]
    values = target.to_numpy(dtype=np.float64)
    if unique == 2:
        return [Guess("binary", "the target holds two different numbers"), *_as_values(values)]
    if not is_whole(values):
        return [Guess("regression", "the target holds numbers with fractions"), *_as_classes(values, unique)]
    if looks_counted(values, unique):
        found = f"the target counts something: whole numbers from {values.min():.0f} up, the larger the rarer"
        return [Guess("count", found), *_as_classes(values, unique), *_as_values(values)]
    if unique <= FEW_VALUES:
        return [*_as_classes(values, unique), *_as_values(values)]
    return [*_as_values(values), *_as_classes(values, unique)]


def _as_values(values: NDArray[np.float64]) -> list[Guess]:
    unique = len(np.unique(values))
    whole = is_whole(values)
    guesses = [Guess("regression", f"the target holds {unique} different {'whole ' if whole else ''}numbers")]
    if whole and values.min() >= 0:
        guesses.append(Guess("count", "the target holds whole numbers from 0 up"))
    return guesses


def _as_classes(values: NDArray[np.float64], unique: int) -> list[Guess]:
    """Take numbers for classes: ordered ones first where they look like ratings.

    Ratings are evenly spaced, the middle ones commonest.
    """
    if unique > 100:
        return []
    found, counts = np.unique(values, return_counts=True)
    ordered = Guess("ordinal", f"the target holds {unique} levels in a row, the middle ones commonest, as ratings do")
    codes = Guess(
        "multiclass",
        f"the target holds {unique} whole numbers that look like codes; give --levels if they are ordered, "
        "--task count if they count something",
    )
    steps = np.diff(found)
    rising = np.diff(counts[: int(np.argmax(counts)) + 1])
    falling = np.diff(counts[int(np.argmax(counts)) :])
    in_a_row = bool(np.allclose(steps, steps[0]))
    one_hump = bool(np.all(rising > 0) and np.all(falling < 0) and 0 < np.argmax(counts) < unique - 1)
    return [ordered, codes] if in_a_row and one_hump else [codes, ordered]


def looks_counted(values: NDArray[np.float64], unique: int) -> bool:
    """Whether whole numbers look like counts.

    Counts go from 0 or 1 up without gaps, small ones common, with a thin tail upward.
    """
    low, high = float(values.min()), float(values.max())
    if low not in (0.0, 1.0) or not is_whole(values):
        return False
    found, counts = np.unique(values, return_counts=True)
    middle = float(np.median(values[values > 0]))  # of what was counted: amounts of money leave gaps below it
    dense = np.count_nonzero(found <= middle) >= 0.9 * (middle - low + 1)
    commonest = float(found[np.argmax(counts)])
    skewed = (skewness(values) or 0.0) > 0.25 and commonest - low <= 0.45 * (high - low)
    if unique > FEW_VALUES:
        return bool(dense and skewed)
    # few levels: five stages of a disease look alike, so ask for a zero, five values and a tail that thins out
    return bool(dense and skewed and low == 0.0 and unique >= 5 and counts[-1] < 0.02 * len(values))


def is_number(target: "pd.Series[Any]") -> bool:
    """Whether a tidied target holds numbers, truth values apart."""
    return pd.api.types.is_numeric_dtype(target.dtype) and not pd.api.types.is_bool_dtype(target.dtype)


def _needs_numbers(target: "pd.Series[Any]", problem: Problem) -> None:
    if problem.levels or problem.positive is not None:
        raise ValueError(
            f"Levels and a positive class belong to a task with classes. Found them with {problem.task}. Try leaving "
            "them out."
        )
    if pd.api.types.is_datetime64_any_dtype(target.dtype) or not pd.api.types.is_numeric_dtype(target.dtype):
        raise ValueError(
            f"Target {problem.target!r} should hold numbers for {problem.task}. Found {str(target.iloc[0])!r} in row "
            f"{target.index[0]}. Try --task multiclass, or another target."
        )


def _needs_counts(target: "pd.Series[Any]", problem: Problem) -> None:
    _needs_numbers(target, problem)
    values = target.to_numpy(dtype=np.float64)
    bad = np.flatnonzero((values < 0) | (values != np.round(values)))
    if len(bad):
        raise ValueError(
            f"Target {problem.target!r} should hold whole numbers from 0 up for count. Found {values[bad[0]]:g} in row "
            f"{target.index[bad[0]]} and {len(bad)} such rows in all. Try --task regression."
        )


def _needs_two(target: "pd.Series[Any]", problem: Problem) -> None:
    unique = int(target.nunique())
    if unique != 2:
        raise ValueError(
            f"Target {problem.target!r} should hold two classes for binary. Found {unique}: {_some(target)}. "
            f"Try --task {'multiclass' if unique <= 100 else 'regression'} without a positive class."
        )


def _needs_classes(target: "pd.Series[Any]", problem: Problem) -> None:
    unique = int(target.nunique())
    if unique * 2 > len(target) and unique > 20:
        raise ValueError(
            f"Target {problem.target!r} should hold classes that repeat for {problem.task or 'these levels'}. Found "
            f"{unique} different values in {len(target)} rows. Try --task regression, or another target."
        )


def _needs_order(target: "pd.Series[Any]", problem: Problem) -> None:
    _needs_classes(target, problem)
    if not problem.levels and not is_number(target):
        found = sorted({label_text(value) for value in target.unique()})[:12]
        shown = ",".join(found)
        raise ValueError(
            f"An ordinal target that is text needs its levels from low to high. Found {shown} without an "
            f"order. Try --levels {shown!r} in the right order."
        )


def _some(target: "pd.Series[Any]") -> str:
    labels = [label_text(value) for value in target.unique()[:6]]
    return ", ".join(labels) + ("..." if target.nunique() > 6 else "")


_CHECKS: dict[Task, Callable[["pd.Series[Any]", Problem], None]] = {
    "regression": _needs_numbers,
    "count": _needs_counts,
    "forecast": _needs_numbers,
    "binary": _needs_two,
    "multiclass": _needs_classes,
    "ordinal": _needs_order,
}
