"""Real sets, each parted into what the advisor sees and a fresh test it never sees."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.training import folds
from lossmith.training.clock import read_clock
from lossmith.training.problem import IN_ORDER, Problem
from lossmith.training.rows import known
from lossmith.training.target import encode_target, target_of

TASKS = ("regression", "count", "binary", "multiclass", "ordinal", "multilabel", "time_series")
SEEN = 2 / 3
"""Share of the rows that the advisor sees, up to the limit on rows."""
LONGEST_TEST = 20_000
SEED = 2026

Row = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """One set: rows to advise on and to train with, and rows to score on."""

    name: str
    problem: Problem
    seen: pd.DataFrame
    test: pd.DataFrame


def listed(folder: Path, names: str) -> list[Row]:
    """Return the rows of the folder's MANIFEST that this benchmark can run."""
    rows = [row for row in json.loads((folder / "MANIFEST.json").read_text()) if row["task"] in TASKS]
    if not names:
        return rows
    unknown = set(names.split(",")) - {row["name"] for row in rows}
    if unknown:
        raise SystemExit(f"Sets should be in MANIFEST.json, with a tabular task. Found {', '.join(sorted(unknown))}.")
    return [row for row in rows if row["name"] in names.split(",")]


def hold_out(row: Row, folder: Path, most_rows: int) -> Held:
    """Read a set and part it, with every class and every range of the target on both sides."""
    asked = _asked(row)
    if row["task"] == "time_series":
        return _end_held_out(row["name"], asked, folder / row["file"], most_rows)
    table = read(folder / row["file"], asked)
    settled = profile(table).problem
    frame = table.frame[known(table.frame, settled)].reset_index(drop=True)
    y = encode_target(target_of(frame, settled), settled)
    most = min(most_rows, round(SEEN * len(y)))
    keys = frame.groupby(list(asked.group), dropna=False).ngroup() if asked.group else None
    seen = folds.sample(y, len(settled.levels), most, SEED) if keys is None else _whole_groups(keys, most)
    rest = np.setdiff1d(np.arange(len(y)), seen)
    if keys is not None:  # a group on both sides would tell the test
        rest = rest[~keys.iloc[rest].isin(keys.iloc[seen]).to_numpy()]
    rest = np.random.default_rng(SEED).permutation(rest)[:LONGEST_TEST]
    return Held(row["name"], asked, frame.iloc[seen].reset_index(drop=True), frame.iloc[rest].reset_index(drop=True))


def _asked(row: Row) -> Problem:
    """Return the problem as a manifest's row says it."""
    targets, series = _listed(row["target"]), row["task"] == "time_series"
    return Problem(
        target=", ".join(targets),
        targets=targets if len(targets) > 1 else (),
        task="forecast" if series else row["task"],
        metric=row["metric"],
        positive=None if row.get("positive") is None else str(row["positive"]),
        levels=tuple(str(level) for level in row.get("levels") or ()),
        drop=_listed(row.get("drop")),
        group=_listed(row.get("group")),
        time=(row.get("time") or IN_ORDER) if series else None,
        series=_listed(row.get("series")),
        horizon=int(row.get("suggested_horizon") or 1) if series else 1,
    )


def _end_held_out(name: str, asked: Problem, path: Path, most_rows: int) -> Held:
    """Hold out the last third of the periods, of whole series and recent periods as far as the rows allow."""
    frame = read(path, asked).frame
    clock = read_clock(frame, asked)
    series = np.random.default_rng(SEED).permutation(len(clock.names))
    sizes = np.bincount(clock.series, minlength=len(series))[series].cumsum()
    kept = np.isin(clock.series, series[: max(1, int(np.sum(sizes <= most_rows / SEEN)))])
    periods = np.unique(clock.period[kept])[-round(most_rows / SEEN) :]
    kept &= clock.period >= periods[0]
    last_seen = periods[round(SEEN * len(periods)) - 1]
    seen, rest = frame[kept & (clock.period <= last_seen)], frame[kept & (clock.period > last_seen)]
    return Held(name, asked, seen.reset_index(drop=True), rest.reset_index(drop=True))


def _whole_groups(keys: "pd.Series[int]", most: int) -> NDArray[np.int64]:
    """Return the rows of groups drawn at random, as many as fit."""
    order = np.random.default_rng(SEED).permutation(keys.unique())
    sizes = keys.value_counts().loc[order].cumsum()
    chosen = set(sizes.index[sizes <= most]) or {order[0]}
    return np.flatnonzero(keys.isin(chosen))


def _listed(names: str | list[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())
