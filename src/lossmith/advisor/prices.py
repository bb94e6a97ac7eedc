"""What mistakes cost, as a person says it, in the order that training needs.

`FN=10,FP=1` is short for a metric. A table, from a file or a frame, has a row for each true label and a column for each
one that may be named.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lossmith import registry
from lossmith.advisor import table_file
from lossmith.metric import ChosenMetric, written
from lossmith.training.columns import label_text, tidy
from lossmith.training.problem import Prices, Problem
from lossmith.training.target import encode_target

SHORT = re.compile(r"\s*[A-Za-z]+\s*=[^/\\]*")
"""`FN=10,FP=1`, and nothing that is likely a file."""


def asked_for(cost: Any, metric: str | None) -> tuple[str | None, Prices]:
    """Read what the user gave as cost; return a metric, or a table of prices.

    Args:
        cost: `"FN=10,FP=1"`, the path of a table, a DataFrame (index: true labels, columns: named ones), or a mapping
            of true labels to mappings of named labels to prices.
        metric: what the user gave as metric.

    Returns:
        The metric, or None where it takes the target's levels to write it; and the price of each pair of labels.

    Raises:
        ValueError: it is no square table of prices, or another metric was given too.
        OSError: the file cannot be read.
    """
    if isinstance(cost, str) and SHORT.fullmatch(cost):
        short = str(registry.metric(f"cost: {cost}"))
        if metric is not None and str(registry.metric(metric)) != short:
            raise ValueError(f"`cost` says the metric. Found `{metric}` beside `{short}`. Try one of them.")
        return short, ()
    if metric is not None:
        raise ValueError(f"`cost` says the metric. Found `{metric}` beside it. Try one of them.")
    return None, _pairs(_frame(cost))


def metric(problem: Problem) -> ChosenMetric:
    """Return the metric that prices decisions as `problem.cost` does.

    Args:
        problem: settled but for the metric.

    Raises:
        ValueError: a level has no price.
    """
    known = {label: _place(label, problem) for pair in problem.cost for label in pair[:2]}
    missing = [level for place, level in enumerate(problem.levels) if place not in known.values()]
    if missing:
        raise ValueError(
            f"The cost table should price every class of {problem.target!r}. Found none for {', '.join(missing[:5])}. "
            f"Try the labels {', '.join(problem.levels[:12])}."
        )
    prices = np.zeros((len(problem.levels), len(problem.levels)))
    for true, named, price in problem.cost:
        if known[true] is not None and known[named] is not None:
            prices[known[true], known[named]] = price
    return registry.metric(f"cost_matrix: {written(prices.tolist())}")


def _place(label: str, problem: Problem) -> int | None:
    """Return a label's place among the levels; None for one that no row holds."""
    try:
        return int(encode_target(pd.Series([label], dtype="str"), problem)[0])
    except ValueError:
        return None


def _frame(cost: Any) -> pd.DataFrame:
    """Return prices with true labels as index and named ones as columns."""
    if isinstance(cost, str | Path):
        table = table_file.load(cost)[0]
        frame = table.set_axis(table.iloc[:, 0], axis=0).iloc[:, 1:]
    elif isinstance(cost, pd.DataFrame):
        frame = cost
    elif isinstance(cost, Mapping) and cost and all(isinstance(row, Mapping) for row in cost.values()):
        frame = pd.DataFrame.from_dict(dict(cost), orient="index")
    else:
        raise TypeError(
            f"`cost` should be text such as 'FN=10,FP=1', a path, a DataFrame or a mapping of mappings. Found "
            f"{type(cost).__name__}. Try {{'yes': {{'yes': 0, 'no': 10}}, 'no': {{'yes': 1, 'no': 0}}}}."
        )
    return frame.set_axis(_labels(frame.index, "rows"), axis=0).set_axis(_labels(frame.columns, "columns"), axis=1)


def _labels(found: "pd.Index[Any]", what: str) -> list[str]:
    labels = [label_text(value) for value in found]
    table_file.refuse_repeated(labels, f"The {what} of the cost table")
    return labels


def _pairs(frame: pd.DataFrame) -> Prices:
    """Return (true label, named label, price) for every pair."""
    rows, columns = set(frame.index), set(frame.columns)
    if rows != columns or len(rows) < 2:
        odd = sorted(rows ^ columns)
        found = f"{', '.join(odd[:5])} in only one of them" if odd else f"{len(rows)} of each"
        raise ValueError(
            "A cost table should have the same labels, two at least, as rows (true) and columns (named). Found "
            f"{found}. Try a header of labels, and the label first in each row."
        )
    pairs = []
    for named in frame.columns:
        column = tidy(frame[named])
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0.0)))
        if len(bad):
            raise ValueError(
                f"A cost table should hold finite prices from 0 up. Found {frame[named].iloc[bad[0]]!r} for true "
                f"{frame.index[bad[0]]!r} named {named!r}. Try 0 where nothing is lost."
            )
        pairs += [(true, named, float(price)) for true, price in zip(frame.index, numbers, strict=True)]
    return tuple(pairs)
