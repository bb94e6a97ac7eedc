"""The target as a network and a metric see it: numbers, class numbers, or labels.

Class numbers follow the order of `Problem.levels`, and so do the columns of several labels.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.training.columns import label_text as label_text  # a label is text here and in features alike
from lossmith.training.columns import tidy, to_numbers
from lossmith.training.labels import encode_labels
from lossmith.training.problem import VALUE_TASKS, Problem


def target_of(frame: pd.DataFrame, problem: Problem) -> Any:
    """Return the target's column, or a frame of the columns of several labels."""
    return frame[list(problem.targets)] if problem.targets else frame[problem.target]


def encode_target(series: Any, problem: Problem) -> NDArray[Any]:
    """Return the target as float64 values, or as int64 class numbers.

    A class number is a label's place in `problem.levels`. Several labels a row are a matrix (n, labels) of 0 and 1.

    Args:
        series: the target column, or a frame of the labels' columns; every entry known.
        problem: settled: its task says which, its levels name the classes.

    Raises:
        ValueError: the task is open, an entry is missing, is no finite number, or is a label that `levels` lacks.

    Example:
        >>> problem = Problem("y", task="binary", levels=("no", "yes"))
        >>> encode_target(pd.Series(["yes", "no"]), problem)
        array([1, 0])
    """
    if problem.task is None:
        raise ValueError("The problem should name its task. Found none. Try `profile(data).problem`.")
    if problem.task == "multilabel":
        return encode_labels(series)
    missing = np.flatnonzero(series.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"Target {problem.target!r} should be known in every row. Found {len(missing)} missing, first in row "
            f"{missing[0]}. Try leaving those rows out."
        )
    return _values(series, problem) if problem.task in VALUE_TASKS else _classes(series, problem)


def _values(series: "pd.Series[Any]", problem: Problem) -> NDArray[np.float64]:
    numbers = to_numbers(tidy(series), share=0.0)  # what does not read as a number is found below
    values = None if numbers is None else numbers.to_numpy(dtype=np.float64)
    if values is None or not np.all(np.isfinite(values)):
        row = 0 if values is None else int(np.flatnonzero(~np.isfinite(values))[0])
        raise ValueError(
            f"Target {problem.target!r} should hold finite numbers for {problem.task}. Found {series.iloc[row]!r} in "
            f"row {row}. Try a task for classes, or correct the rows."
        )
    return values


def _classes(series: "pd.Series[Any]", problem: Problem) -> NDArray[np.int64]:
    codes, uniques = pd.factorize(series)
    known = _places(problem.levels)
    places = [known.get(label_text(value), known.get(_alike(label_text(value)))) for value in uniques]
    unknown = [label_text(value) for value, place in zip(uniques, places, strict=True) if place is None]
    if unknown:
        raise ValueError(
            f"Target {problem.target!r} should hold only the classes {', '.join(problem.levels)}. Found "
            f"{', '.join(unknown[:5])}. Try adding them to the levels, or leave those rows out."
        )
    return np.asarray(places, dtype=np.int64)[codes]


def _places(levels: tuple[str, ...]) -> dict[str, int]:
    """Map every level to its place, also by what reads alike.

    Case, and the way of writing a number, are forgiven where that keeps the levels apart.
    """
    alike: dict[str, int] = {}
    for place, level in enumerate(levels):
        alike.setdefault(_alike(level), place)
    if len(alike) < len(levels):  # two levels that differ only in this way: match to the letter
        alike = {}
    return alike | {level: place for place, level in enumerate(levels)}


def _alike(label: str) -> str:
    try:
        return label_text(float(label))
    except (ValueError, OverflowError):
        return label.strip().casefold()
