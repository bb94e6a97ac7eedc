"""What the table holds: column kinds, the task, the target's shape, and warnings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lossmith.advisor import columns as column_facts
from lossmith.advisor import history, residuals, warnings
from lossmith.advisor import target as target_facts
from lossmith.advisor.data import Data
from lossmith.advisor.facts import Column, Notice
from lossmith.advisor.leak import find_leaks
from lossmith.advisor.settle import settle
from lossmith.registry import metric
from lossmith.training import rows
from lossmith.training.past import is_made
from lossmith.training.problem import VALUE_TASKS, Problem
from lossmith.training.target import encode_target, target_of

__all__ = ["Column", "Notice", "Profile", "profile"]


@dataclass(frozen=True)
class Profile:
    """Everything later stages and the report need to know about the data."""

    problem: Problem
    """Settled: task, metric, levels and positive label are filled in."""
    source: str
    rows: int
    """Rows that are used: with a known target, and weight and group where these were asked for."""
    dropped_rows: int
    """Rows left out because the target is missing."""
    columns: tuple[Column, ...]
    task_reason: str
    metric_reason: str
    target: Mapping[str, Any]
    """Statistics: for values `mean, std, median, mad, min, max, skew, tail_index, zero_share, negative_share,
    integer_share, outlier_share, unique, mean_abs_deviation,
    residual_mad`; for classes `counts` (label → rows), `priors` (label → share), `imbalance`
    (largest over smallest), `minority`, and where rows have weights `weight_shares`; for labels `counts` and `priors`
    of a yes, `imbalance` (all noes over all yeses), `minority` and `labels_per_row`."""
    histogram: Mapping[str, Any]
    """Values: `edges`, `counts` (between the fences), `outlier_low`, `outlier_high` (fences, null where nothing lies
    beyond), `outliers` (how many lie beyond), `scale` (linear or log1p). Classes: `labels`, `counts`; of several labels
    a row also `rows`, of which each count is a part."""
    warnings: tuple[Notice, ...]
    history: Mapping[str, Any] = field(default_factory=dict)
    """Of a forecast: `step, horizon, series, seasons, naive` in words, `periods`, and the series in a few hundred
    points (`period, time, mean, low, high`)."""

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Profile":
        """Read what `to_json` wrote."""
        return cls(
            **{
                **data,
                "problem": Problem.from_json(data["problem"]),
                "columns": tuple(Column(**column) for column in data["columns"]),
                "warnings": tuple(
                    Notice(**{**w, "rows": tuple(w["rows"]), "columns": tuple(w["columns"])}) for w in data["warnings"]
                ),
            }
        )


def profile(data: Data) -> Profile:
    """Look at a table: what it holds, which task it sets, and what to beware of.

    Raises:
        ValueError: task, metric and target do not fit together, or nothing is left to learn from.

    Example:
        >>> from lossmith.advisor.data import read
        >>> frame = pd.DataFrame({"age": range(30, 60), "left": ["no", "no", "yes"] * 10})
        >>> found = profile(read(frame, Problem("left")))
        >>> found.problem.task, found.problem.metric, found.problem.positive
        ('binary', 'log_loss', 'yes')
    """
    known = data.frame[rows.known(data.frame, data.problem)]
    if known.empty:
        raise ValueError("There should be rows in which every label is known. Found none. Try fewer labels.")
    target = target_of(known, data.problem)
    settled = settle(target, data.problem)
    problem = settled.problem
    columns = column_facts.describe(known, problem)
    y = encode_target(target, problem)
    statistics, histogram, notices = _target(target, y, problem)
    weight = rows.weights(known, problem)
    if weight is not None and problem.task not in (*VALUE_TASKS, "multilabel"):
        shares = np.bincount(y, weight) / weight.sum()
        statistics["weight_shares"] = {level: float(w) for level, w in zip(problem.levels, shares, strict=True)}
    if data.past is not None:
        statistics |= history.scales(data.past, y)
    elif problem.task in VALUE_TASKS:
        statistics |= residuals.scales(known, columns, y)
    dropped = int(data.frame[list(problem.target_columns)].isna().any(axis=1).sum())
    found = (
        *data.notices,
        *_missing_target(data, dropped),
        *warnings.about_weights(data.frame, known, problem),
        *settled.notices,
        *notices,
        *_columns(known, y, columns, problem),
    )
    return Profile(
        problem=problem,
        source=data.source,
        rows=len(known),
        dropped_rows=dropped + data.left_out,
        columns=columns,
        task_reason=settled.task_reason,
        metric_reason=settled.metric_reason,
        target=statistics,
        histogram=histogram,
        warnings=found,
        history=history.picture(data.past, y, problem) if data.past is not None else {},
    )


def _leaks(known: pd.DataFrame, y: Any, columns: tuple[Column, ...], problem: Problem) -> list[Notice]:
    """Look for a column that holds the answer, or the answer of one label."""
    if problem.task != "multilabel":
        return find_leaks(known, y, columns, str(problem.task))
    found = [
        (label, notice)
        for label, codes in zip(problem.levels, y.T, strict=True)
        for notice in find_leaks(known, codes.astype(np.int64), columns, "binary")
    ]
    return [
        replace(notice, message=notice.message.replace("the target", f"label {label!r}")) for label, notice in found
    ]


def _target(target: Any, y: Any, problem: Problem) -> tuple[dict[str, Any], dict[str, Any], list[Notice]]:
    """Return statistics, histogram and notices of the target."""
    if problem.task in VALUE_TASKS:
        statistics = target_facts.value_statistics(y)
        name = metric(str(problem.metric)).name
        return statistics, target_facts.histogram(y), warnings.about_values(target, statistics, name)
    if problem.task == "multilabel":
        statistics = target_facts.label_statistics(y, problem.levels)
        counts = statistics["counts"]
        shown = {"labels": list(counts), "counts": list(counts.values()), "rows": len(y)}
        return statistics, shown, warnings.about_labels(y, problem.levels)
    statistics = target_facts.class_statistics(y, problem.levels)
    counts = statistics["counts"]
    shown = {"labels": list(counts), "counts": list(counts.values())}
    return statistics, shown, warnings.about_classes(y, target.index, statistics)


def _columns(known: pd.DataFrame, y: Any, columns: tuple[Column, ...], problem: Problem) -> list[Notice]:
    """Return notices about columns and rows, of series only about columns given."""
    if problem.time is None:
        again = column_facts.look_again(known, columns, problem)
        return [*_leaks(known, y, columns, problem), *warnings.about_rows(known, columns, problem), *again]
    given = tuple(c for c in columns if not is_made(c.name, problem) and c.name not in problem.series)
    ahead = [column.name for column in given if column.used]
    again = [
        notice for notice in column_facts.look_again(known, given, problem) if notice.code in ("missing", "infinite")
    ]
    return [*find_leaks(known, y, given, "forecast"), *history.known_ahead(ahead, problem), *again]


def _missing_target(data: Data, dropped: int) -> list[Notice]:
    if not dropped:
        return []
    places = np.flatnonzero(target_of(data.frame, data.problem).isna().to_numpy().reshape(len(data.frame), -1).any(1))
    what = "a label" if data.problem.targets else "their target"
    message = f"{dropped} rows are left out because {what} is missing."
    return [Notice("missing_target", message, tuple(int(row) for row in places[:20]))]
