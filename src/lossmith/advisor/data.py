"""Reads a table: a file or a frame in, tidy columns out.

Whatever stands in the way is told in one clear line.
"""

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lossmith.advisor import table_file
from lossmith.advisor.facts import Notice
from lossmith.training.columns import MISSING_AMONG_NUMBERS, is_text, tidy
from lossmith.training.past import Past
from lossmith.training.problem import IN_ORDER, Problem


@dataclass(frozen=True)
class Data:
    """A table with tidy columns and rows numbered from 0.

    A column holds numbers, truth values, dates or text.
    """

    frame: pd.DataFrame
    problem: Problem
    source: str
    """The file's path, or "a DataFrame"."""
    notices: tuple[Notice, ...] = ()
    """What reading had to decide."""
    past: Past | None = None
    """Of series: what is known before each row."""
    left_out: int = 0
    """Rows of series that are not forecast."""


def read(source: Any, problem: Problem) -> Data:
    """Read a table and check that it holds what `problem` names.

    Args:
        source: path of a CSV file (comma, semicolon, tab or bar; plain, or packed as gz, bz2, xz, zip) or of a Parquet
            file; or a pandas or polars DataFrame.
        problem: names the target, or several labels with commas between them, and columns to leave out.

    The words NA, N/A, NaN, null and ? count as missing and, among text, are told in a notice. "None" is missing among
    numbers only: in text it is a category of many tables (no garage).

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it holds no table, or a column that `problem` names is not there.

    Example:
        >>> read(pd.DataFrame({"x": ["1,000", "2"], "y": [0, 1]}), Problem("y")).frame["x"].tolist()
        [1000.0, 2.0]
    """
    if isinstance(source, (str, Path)):
        frame, notices = table_file.load(source)
        where = str(source)
    else:
        frame, notices, where = _frame(source), [], "a DataFrame"
    problem = _checked(frame, problem, where)
    tidied, more = _tidied(frame, problem.target_columns)
    for name in problem.target_columns:
        if tidied[name].isna().all():
            raise ValueError(f"Target {name!r} should have known entries. Found it missing in every row of {where}.")
    return Data(tidied, problem, where, (*notices, *more))


def _frame(source: Any) -> pd.DataFrame:
    """Return a pandas DataFrame with text column names, each one once."""
    frame = source.to_pandas() if not isinstance(source, pd.DataFrame) and hasattr(source, "to_pandas") else source
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"The table should be a path or a pandas or polars DataFrame. Found {type(source).__name__}. "
            "Try `pandas.DataFrame(...)`."
        )
    names = [str(name) for name in frame.columns]
    table_file.refuse_repeated(names, "The table")
    return frame.set_axis(names, axis=1).reset_index(drop=True)


def _checked(frame: pd.DataFrame, problem: Problem, where: str) -> Problem:
    """Return the problem with the column names as the table spells them."""
    if frame.empty:
        raise ValueError(f"The table should have rows below its header. Found none in {where}. Try another file.")
    targets = tuple(_named(name, frame, "target") for name in _targets(problem, frame))
    drop = tuple(_named(name, frame, "column to drop") for name in problem.drop)
    weight = None if problem.weight is None else _named(problem.weight, frame, "column of weights")
    group = tuple(dict.fromkeys(_named(name, frame, "column that groups rows") for name in problem.group))
    for target in targets:
        if target in drop:
            raise ValueError(f"The target should not be dropped. Found {target!r} as both. Try another --drop.")
        if target == weight or target in group:
            what = "weigh" if target == weight else "group"
            raise ValueError(f"The target should not {what} the rows. Found {target!r} as both. Try another column.")
    heading = ", ".join(targets[:3]) + (f" and {len(targets) - 3} more" if len(targets) > 3 else "")
    labels = targets if len(targets) > 1 else ()
    problem = replace(problem, target=heading, targets=labels, drop=drop, weight=weight, group=group)
    if problem.time is not None:
        return _in_order(frame, problem)
    if problem.aside.issuperset(frame.columns):
        alone = problem.aside == {*targets, *drop}
        beside = f"only the target {heading!r}" if alone else f"nothing beside {_shown(problem)}"
        raise ValueError(f"There should be a column to learn from. Found {beside} in {where}.")
    return problem


def _shown(problem: Problem) -> str:
    first = problem.target_columns
    return ", ".join(repr(name) for name in sorted(problem.aside, key=lambda name: (name not in first, name)))


def _targets(problem: Problem, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the columns to predict.

    `a,b` means two, unless a column is called so.
    """
    asked = problem.target
    names = problem.targets
    if not names:
        single = asked in frame.columns or asked.strip() in frame.columns or "," not in asked
        names = (asked,) if single else tuple(part.strip() for part in asked.split(","))
    elif len(names) == 1:
        raise ValueError(
            f"Several labels should be two or more columns. Found only {names[0]!r}. Try the name alone, without a "
            "list: one column is a binary target."
        )
    if not all(names):
        raise ValueError(f"Targets should be names with commas between them. Found {asked!r}.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"Targets should differ. Found {', '.join(repeated)} twice. Try naming each once.")
    return names


def _in_order(frame: pd.DataFrame, problem: Problem) -> Problem:
    """Return the problem with time and series as the table spells them."""
    if problem.targets:
        raise ValueError("A forecast is of one target. Found several. Try one, without the others or with --drop.")
    time, series = str(problem.time), tuple(_named(name, frame, "column of series") for name in problem.series)
    if time != IN_ORDER or IN_ORDER in frame.columns:
        time = _named(time, frame, "time")
    if problem.target in (time, *series) or time in series:
        found = ", ".join((problem.target, time, *series))
        raise ValueError(f"Target, time and series should be columns of their own. Found {found}. Try other ones.")
    return replace(problem, time=time, series=series)


def _named(name: str, frame: pd.DataFrame, what: str) -> str:
    """Return the column called `name`; spaces around it are forgiven, nothing else."""
    for candidate in (name, name.strip()):
        if candidate in frame.columns:
            return candidate
    names = [str(column) for column in frame.columns]
    by_plain = {column.casefold(): column for column in names}
    near = [by_plain[key] for key in difflib.get_close_matches(name.strip().casefold(), by_plain, n=3, cutoff=0.6)]
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    advice = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else f"The columns are {shown}."
    if len(names) == 1:
        advice += " Is the delimiter a comma, semicolon, tab or bar?"
    if all(re.fullmatch(r"[-+.\deE]+", n) for n in names):
        advice += " The first line should hold the names of the columns; here it holds numbers."
    raise ValueError(f"The {what} should be a column of the table. Found no {name!r}. {advice}")


def _tidied(frame: pd.DataFrame, targets: tuple[str, ...]) -> tuple[pd.DataFrame, list[Notice]]:
    """Return tidy columns, and a notice for each decision one may want to undo."""
    # a label that is no number makes the target text: it must not be lost as a missing entry
    columns = {name: tidy(frame[name], share=1.0 if name in targets else 0.95) for name in frame.columns}
    tidied = pd.DataFrame(columns)
    text = [name for name in frame.columns if is_text(frame[name])]
    became_numbers = [name for name in text if pd.api.types.is_numeric_dtype(tidied[name].dtype)]
    read_so = [_read_as_numbers(frame[name], tidied[name]) for name in became_numbers]
    lost = _lost_words(frame, tidied, [name for name in text if name not in became_numbers])
    return tidied, [notice for notice in (*read_so, lost) if notice is not None]


def _read_as_numbers(before: "pd.Series[Any]", after: "pd.Series[Any]") -> Notice | None:
    """Return what was decided to read text as numbers, if anything was.

    Nothing was where only the usual words for missing stood between numbers.
    """
    words = before.str.strip()
    lost = before.notna() & after.isna() & ~words.isin(MISSING_AMONG_NUMBERS)
    written = after.notna() & pd.to_numeric(words, errors="coerce").isna()
    if not lost.any() and not written.any():
        return None
    example = f" (as {_words(before[written])})" if written.any() else ""
    tail = (
        f"; {int(lost.sum())} entries are no numbers and count as missing ({_words(before[lost])})"
        if lost.any()
        else ""
    )
    message = f"Column {before.name!r} is text that was read as numbers{example}{tail}."
    return Notice("text_numbers", message, _rows(lost), (str(before.name),))


def _lost_words(before: pd.DataFrame, after: pd.DataFrame, names: list[str]) -> Notice | None:
    """Return which words of text columns were taken for missing entries."""
    lost = {name: before[name].notna() & after[name].isna() for name in names}
    lost = {name: marked for name, marked in lost.items() if _words(before[name][marked])}
    if not lost:
        return None
    words = _words(pd.concat([before[name][marked] for name, marked in lost.items()]))
    shown = ", ".join(repr(name) for name in list(lost)[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
    message = f"{words} counted as missing in {shown}. If that is a category of its own, rename it in the table."
    return Notice("missing_words", message, _rows(np.logical_or.reduce(list(lost.values()))), tuple(lost))


def _words(entries: "pd.Series[Any]") -> str:
    """Return the commonest entries, quoted; empty ones are no words."""
    words = entries.astype("str").str.strip()
    common = words[words != ""].value_counts().index[:3]
    return ", ".join(f"{word!r}" for word in common)


def _rows(marked: Any) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(np.asarray(marked))[:20])
