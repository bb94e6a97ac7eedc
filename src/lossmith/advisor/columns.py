"""What each feature column holds, and which columns deserve a second look."""

from typing import Any

import numpy as np
import pandas as pd

from lossmith.advisor.facts import Column, Notice
from lossmith.training.columns import USED_KINDS, kind
from lossmith.training.past import is_made
from lossmith.training.problem import Problem

MANY_CATEGORIES = 50


def describe(frame: pd.DataFrame, problem: Problem) -> tuple[Column, ...]:
    """Return one `Column` for each feature of a tidied table, in the table's order.

    Raises:
        ValueError: no column is left to learn from.
    """
    columns = tuple(_column(frame[name], problem) for name in frame.columns if name not in problem.target_columns)
    if not any(column.used for column in columns):
        found = "; ".join(f"{column.name} ({column.why})" for column in columns[:5])
        raise ValueError(
            f"There should be a column to learn from. Found none that can be used: {found}. Try other columns."
        )
    return columns


def look_again(frame: pd.DataFrame, columns: tuple[Column, ...], problem: Problem) -> list[Notice]:
    """Return notices about used columns that deserve a second look.

    They are half empty, hold infinities, dates or very many categories, or name things that come back in several rows.
    """
    used = [column for column in columns if column.used]
    half = [column for column in used if column.missing >= 0.5 * len(frame)]
    many = [column for column in used if column.kind == "category" and column.unique > MANY_CATEGORIES]
    ids = [c for c in columns if c.kind == "id" and c.name not in problem.aside and not problem.group]
    things = [c for c in ids if c.unique < 0.9 * (len(frame) - c.missing)]
    dates = [column.name for column in used if column.kind == "date"]
    infinite = {c.name: n for c in used if c.kind == "number" and (n := _infinities(frame[c.name]))}
    notices = []
    if half:
        notices.append(_notice("missing", "At least half of the entries are missing in {}.", [c.name for c in half]))
    if infinite:
        rows = np.flatnonzero(np.logical_or.reduce([np.isinf(frame[name].to_numpy(float)) for name in infinite]))
        message = f"{sum(infinite.values())} infinite entries count as missing in {{}}."
        notices.append(_notice("infinite", message, list(infinite), tuple(int(row) for row in rows[:20])))
    if things:
        message = (
            "{} names things that come back in several rows. If you will predict new ones, scores here are too good: "
            "--group keeps their rows together."
        )
        notices.append(_notice("groups", message, [c.name for c in things]))
    if dates:
        message = (
            "{} is a date, and rows are split at random. If you will predict for later ones, scores here are too good."
        )
        notices.append(_notice("dates", message, dates))
    if many:
        message = "More than 50 categories in {}: the rare ones share one column, so little of it can be learnt."
        notices.append(_notice("many_categories", message, [c.name for c in many]))
    return notices


def _column(series: "pd.Series[Any]", problem: Problem) -> Column:
    held, why = kind(series)
    missing = int(series.isna().sum()) + (_infinities(series) if held == "number" else 0)
    used = held in USED_KINDS and series.name not in problem.aside
    if series.name in problem.drop:
        why = "left out as you asked"
    elif series.name in problem.group:
        why = "says which rows belong together"
    elif series.name == problem.weight:
        why = "weighs the rows"
    elif is_made(str(series.name), problem):
        why = "made from the past or the calendar"
    return Column(str(series.name), held, missing, int(series.nunique()), used, why)


def _infinities(series: "pd.Series[Any]") -> int:
    return int(np.isinf(series.to_numpy()).sum()) if pd.api.types.is_float_dtype(series.dtype) else 0


def _notice(code: str, message: str, names: list[str], rows: tuple[int, ...] = ()) -> Notice:
    shown = ", ".join(repr(name) for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return Notice(code, message.format(shown), rows, tuple(names))
