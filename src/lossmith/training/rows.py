"""Which rows count, how much, and which of them belong together."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.training.columns import tidy, to_numbers
from lossmith.training.problem import Problem

Array = NDArray[Any]


def known(frame: pd.DataFrame, problem: Problem) -> NDArray[np.bool_]:
    """Mark the rows that can be used.

    Their target is known (every label of it), they weigh something, and where rows are grouped their group is known.

    Raises:
        ValueError: weights are no finite numbers from 0 up, or all of them 0 or missing.
    """
    marked = np.logical_and.reduce([tidy(frame[name], share=1.0).notna().to_numpy() for name in problem.target_columns])
    if problem.weight is not None:
        marked = marked & weighty(frame, problem)
        if not marked.any():
            raise ValueError(
                f"Weights in {problem.weight!r} should be above 0 in some row with a known target. Found none. "
                "Try another column."
            )
    for name in problem.group:
        marked = marked & tidy(frame[name]).notna().to_numpy()
    if problem.group and not marked.any():
        wanted = " and ".join(repr(name) for name in (*problem.target_columns, *problem.group))
        raise ValueError(f"There should be rows with known {wanted}. Found none. Try another column.")
    return np.asarray(marked)


def weighty(frame: pd.DataFrame, problem: Problem) -> NDArray[np.bool_]:
    """Mark the rows that weigh something: their weight is known and above 0."""
    found = _weights(frame, problem)
    return np.ones(len(frame), dtype=bool) if found is None else np.asarray(found > 0.0)  # NaN is not


def weights(frame: pd.DataFrame, problem: Problem) -> NDArray[np.float64] | None:
    """Return how much each row counts, in multiples of their mean; None: all alike.

    Args:
        frame: known rows.
        problem: names the column.

    Example:
        >>> weights(pd.DataFrame({"y": [1, 2], "w": [1.0, 3.0]}), Problem("y", weight="w")).tolist()
        [0.5, 1.5]
    """
    found = _weights(frame, problem)
    return None if found is None else found / found.mean()


def groups(frame: pd.DataFrame, problem: Problem) -> NDArray[np.int64] | None:
    """Return the number of each row's group; None: every row stands for itself.

    Rows are of one group where they agree in all columns of `problem.group`.

    Example:
        >>> storms = pd.DataFrame({"name": ["Ana", "Ana", "Ana"], "year": [2015, 2015, 2021]})
        >>> groups(storms, Problem("wind", group=("name", "year"))).tolist()
        [0, 0, 1]
    """
    if not problem.group:
        return None
    columns = [tidy(frame[name]) for name in problem.group]
    numbered = pd.concat(columns, axis=1).groupby(list(problem.group), sort=False, dropna=False).ngroup()
    return np.asarray(numbered, dtype=np.int64)


def _weights(frame: pd.DataFrame, problem: Problem) -> NDArray[np.float64] | None:
    """Return the weights as they stand, NaN where missing."""
    if problem.weight is None:
        return None
    column = tidy(frame[problem.weight])
    numbers = None if pd.api.types.is_datetime64_any_dtype(column.dtype) else to_numbers(column)
    if numbers is None:
        raise ValueError(
            f"Weights in {problem.weight!r} should be numbers from 0 up. Found {column.iloc[0]!r} in row "
            f"{column.index[0]}. Try another column."
        )
    values = numbers.to_numpy(dtype=np.float64)
    bad = np.flatnonzero((values < 0.0) | np.isinf(values))
    if len(bad):
        raise ValueError(
            f"Weights in {problem.weight!r} should be finite and not below 0. Found {values[bad[0]]:g} in row "
            f"{frame.index[bad[0]]} and {len(bad)} such rows in all. Try correcting them."
        )
    return values
