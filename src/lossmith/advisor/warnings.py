"""What to know of the rows and the target before believing any number about them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.advisor.facts import Column, Notice
from lossmith.advisor.target import fences
from lossmith.training import rows
from lossmith.training.problem import VALUE_TASKS, Problem

FEW_ROWS = 200
FEW_OF_A_LABEL = 30
"""Rows of a label's rarer value below which its own score is noise: three in each of ten folds."""
RARE = 3
"""A class with fewer rows cannot be in every fold."""
IMBALANCED = 20.0
MOST_ROWS_SHOWN = 20
UNEVEN = 0.5
"""Effective rows, as a share of all, below which uneven weights are told."""


def about_rows(known: pd.DataFrame, columns: tuple[Column, ...], problem: Problem) -> list[Notice]:
    """Return notices about few rows and about rows that repeat."""
    used = [column.name for column in columns if column.used]
    notices = []
    if len(known) < FEW_ROWS:
        message = f"Only {len(known)} rows: small differences between losses cannot be seen."
        notices.append(Notice("few_rows", message))
    if len(used) > len(known):
        notices.append(
            Notice("wide", f"More columns ({len(used)}) than rows ({len(known)}): a network can learn it by heart.")
        )
    return notices + _repeats(known, used, problem)


def about_weights(frame: pd.DataFrame, known: pd.DataFrame, problem: Problem) -> list[Notice]:
    """Return notices about rows left out by weight or group, and few that rule.

    The effective number of rows is Kish's, (Σw)²/Σw²: as many equal rows give a mean that is as sure.
    """
    notices = []
    for name in problem.group:
        missing = frame.index[frame[name].isna()]
        if len(missing):
            message = f"{len(missing)} rows are left out because their {name!r}, by which rows are grouped, is missing."
            notices.append(Notice("missing_group", message, _rows(missing, np.ones(len(missing), dtype=bool)), (name,)))
    weight = rows.weights(known, problem)
    if weight is None or problem.weight is None:
        return notices
    nothing = ~rows.weighty(frame, problem)
    if nothing.any():
        message = f"{int(nothing.sum())} rows are left out because their weight is 0 or missing."
        notices.append(Notice("no_weight", message, _rows(frame.index, nothing), (problem.weight,)))
    effective = weight.sum() ** 2 / (weight**2).sum()
    if effective < UNEVEN * len(weight):
        message = f"By their weights, {len(weight)} rows tell as much as {effective:.0f} equal ones: a few rule."
        notices.append(Notice("uneven_weights", message, columns=(problem.weight,)))
    if np.ptp(weight) == 0.0:
        notices.append(Notice("equal_weights", "All weights are equal: they change nothing.", (), (problem.weight,)))
    return notices


def about_values(target: "pd.Series[Any]", statistics: dict[str, Any], metric: str) -> list[Notice]:
    """Return notices about the shape of a numeric target."""
    values = target.to_numpy(dtype=np.float64)
    found = [_outliers(target, values), _heavy_tail(statistics), _zeros(statistics, metric), *_caps(target, values)]
    return [notice for notice in found if notice is not None]


def about_classes(codes: NDArray[np.int64], index: "pd.Index[Any]", statistics: dict[str, Any]) -> list[Notice]:
    """Return notices about classes too rare to learn or to measure."""
    counts = statistics["counts"]
    rare = [level for level, rows in counts.items() if rows < RARE]
    notices = []
    if rare:
        places = [place for place, level in enumerate(counts) if level in rare]
        shown = ", ".join(f"{level!r} ({counts[level]})" for level in rare[:5])
        message = f"Too few rows to train and test on in class {shown}. Consider merging it or leaving it out."
        notices.append(Notice("rare_class", message, _rows(index, np.isin(codes, places))))
    if statistics["imbalance"] >= IMBALANCED:
        minority = statistics["minority"]
        message = f"Class {minority!r} holds {statistics['priors'][minority]:.2%} of the rows ({counts[minority]})."
        notices.append(Notice("imbalance", message))
    return notices


def about_labels(y: NDArray[np.float64], labels: tuple[str, ...]) -> list[Notice]:
    """Return notices about labels with few rows of one kind."""
    rows = np.minimum(y.sum(axis=0), len(y) - y.sum(axis=0)).astype(int)
    few = [place for place in np.argsort(rows, kind="stable") if rows[place] < FEW_OF_A_LABEL]
    if not few:
        return []
    shown = ", ".join(f"{labels[place]!r} ({rows[place]})" for place in few[:5])
    more = f" and {len(few) - 5} more" if len(few) > 5 else ""
    message = (
        f"Fewer than {FEW_OF_A_LABEL} rows with (or without) {shown}{more}: what is measured of such a label is mostly "
        "luck, and an average over labels inherits it."
    )
    return [Notice("few_of_a_label", message, columns=tuple(labels[place] for place in few))]


def _repeats(known: pd.DataFrame, used: list[str], problem: Problem) -> list[Notice]:
    """Tell rows that are copies of others, and copies that disagree on the class."""
    columns = known[[*used, *problem.target_columns]]
    copies = columns.duplicated().to_numpy()
    notices = []
    if copies.mean() >= 0.01 and copies.sum() > 10 * _chance_pairs(columns):
        message = (
            f"{int(copies.sum())} rows are copies of an earlier one, more than chance makes. A copy on both sides of a "
            "split makes scores look better than they are."
        )
        notices.append(Notice("duplicates", message, _rows(known.index, copies)))
    twins = known[used].duplicated(keep=False).to_numpy()
    if problem.task in (*VALUE_TASKS, "multilabel") or not twins.any():
        return notices
    answers = (
        known[problem.target]
        .astype("str")[twins]
        .groupby(pd.util.hash_pandas_object(known.loc[twins, used], index=False))
    )
    torn = np.zeros(len(known), dtype=bool)
    torn[twins] = (answers.transform("nunique") > 1).to_numpy()
    if torn.mean() >= 0.01:
        message = (
            f"{int(torn.sum())} rows agree in every column with a row of another class: no loss can get them all right."
        )
        notices.append(Notice("conflicts", message, _rows(known.index, torn)))
    return notices


def _chance_pairs(columns: pd.DataFrame) -> float:
    """Return how many pairs of rows would agree throughout by chance.

    Chance means that the columns have nothing to do with each other.
    """
    agree = 1.0
    for name in columns:
        shares = columns[name].value_counts(normalize=True, dropna=False).to_numpy(dtype=np.float64)
        agree *= float(np.sum(shares**2))
    return agree * len(columns) ** 2 / 2


def _outliers(target: "pd.Series[Any]", values: NDArray[np.float64]) -> Notice | None:
    found = fences(values)
    if found is None or not (outside := found.outside(values)).any():
        return None
    order = np.argsort(-np.abs(values - np.median(values)) * outside, kind="stable")[: int(outside.sum())]
    rows = tuple(int(target.index[place]) for place in order[:MOST_ROWS_SHOWN])
    scale = " on the log scale" if found.scale == "log1p" else ""
    fence = f"(3 interquartile ranges beyond the quartiles{scale})"
    if len(order) == 1:
        return Notice("outliers", f"One target lies far out {fence}: {values[order[0]]:g}.", rows)
    message = f"{len(order)} targets lie far out {fence}, the farthest {values[order[0]]:g} in row {rows[0]}."
    return Notice("outliers", message, rows)


def _heavy_tail(statistics: dict[str, Any]) -> Notice | None:
    index = statistics["tail_index"]
    if index is None or index >= 2.0:
        return None
    message = (
        f"The target's tail is heavy (index {index:.2f}; below 2 single rows rule the variance): means are unsure."
    )
    return Notice("heavy_tail", message)


def _zeros(statistics: dict[str, Any], metric: str) -> Notice | None:
    share = statistics["zero_share"]
    # a Poisson distribution of this mean has e^-mean zeros; half as many again is more than chance
    expected = float(np.exp(-max(statistics["mean"], 0.0))) if statistics["integer_share"] == 1.0 else 0.0
    if share < max(0.1, 1.5 * expected) or statistics["unique"] <= 2:
        return None
    message = f"{share:.0%} of the targets are exactly 0."
    if metric == "mae" and share > 0.5:
        message += " The median is 0: under MAE, always saying 0 is hard to beat. Is MAE what you want?"
    return Notice("zeros", message)


def _caps(target: "pd.Series[Any]", values: NDArray[np.float64]) -> list[Notice]:
    """Tell a spike at the largest or smallest value, as left by a cap."""
    found, counts = np.unique(values, return_counts=True)
    if len(found) <= 20:
        return []
    notices = []
    for end, near, word in ((-1, slice(-11, -1), "largest"), (0, slice(1, 11), "smallest")):
        spike = counts[end] >= max(10, 0.01 * len(values)) and counts[end] >= 5 * counts[near].mean()
        if spike and found[end] != 0:
            message = (
                f"{counts[end]} targets equal the {word} value, {found[end]:g}: it looks like a cap, beyond which "
                "nothing can be learnt."
            )
            notices.append(Notice("capped", message, _rows(target.index, values == found[end])))
    return notices


def _rows(index: "pd.Index[Any]", marked: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(row) for row in index[marked][:MOST_ROWS_SHOWN])
