"""Columns by any of their usual names, as curves."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lossmith.doctor.runlog import Curve, RunLog, jsonl

STEP = ("step", "global_step", "iteration", "iter", "batch")
EPOCH = ("epoch", "epochs", "ep")
LR = ("lr", "learning_rate", "lr_adam", "lr_sgd", "lr_adamw", "train_learning_rate", "train_lr")
TRAIN = ("train_loss", "train_loss_step", "train_loss_epoch", "loss", "d_loss", "g_loss")
VALIDATION = ("val_loss", "test_loss")
WORDS = {
    "training": "train", "tr": "train", "trn": "train", "trainloss": "train_loss", "valid": "val", "validation": "val",
    "eval": "val", "evaluation": "val", "dev": "val", "va": "val", "valloss": "val_loss",
}  # fmt: skip
PARTS = ("train", "val", "test")
METRICS = ("accuracy", "acc", "metric", "f1", "auc", "auroc", "mae", "rmse", "r2", "error")
LOWER_IS_BETTER = ("mae", "rmse", "error", "mse", "mmd")


def number(value: Any) -> float | None:
    """Return a cell as a number, None where it says nothing."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value).strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def run(source: Path, rows: Sequence[Mapping[str, Any]], meta: Mapping[str, Any] | None = None) -> RunLog:
    """Build a run from rows, with the live.jsonl and meta.json beside the file."""
    raw = list(dict.fromkeys(str(key) for row in rows for key in row))
    said = _plain(raw)
    rows = [{said[str(key)]: value for key, value in row.items()} for row in rows]
    names = list(said.values())
    steps = _steps(rows)
    train = _first(names, TRAIN)
    if rows and not (train or _first(names, VALIDATION)):
        raise ValueError(
            f"{source} should hold a loss by step or epoch. Found none in the columns {', '.join(raw[:12])}. "
            "Try to name them train_loss and val_loss."
        )
    metric = _metric(names)
    static, records, evaluations = live(source.parent / "live.jsonl")
    known = {**_guessed(metric), **_beside(source.parent / "meta.json"), **(meta or {})}
    epoch = _first(names, EPOCH)
    with_loss = [index for index, row in enumerate(rows) if train and number(row.get(train)) is not None]
    epochs = [number(rows[index].get(epoch)) if epoch else None for index in with_loss]
    return RunLog(
        source=source,
        train=curve(rows, steps, train),
        validation=curve(rows, steps, _first(names, VALIDATION)),
        train_metric=curve(rows, steps, _named(names, metric, ("train_{}", "{}"))),
        validation_metric=curve(rows, steps, _named(names, metric, ("val_{}", "test_{}"))),
        lr=curve(rows, steps, _first(names, LR)),
        epochs=np.array(epochs, float) if epochs and None not in epochs else np.zeros(0),
        meta=known,
        static=static,
        records=records,
        evaluations=evaluations,
    )


def _plain(raw: Sequence[str]) -> dict[str, str]:
    """Return each column's name in one spelling.

    `Loss/valid`, `dev loss` and `val-loss` are all val_loss. Where two columns would have one name, the first keeps it,
    and an exact one goes first.
    """
    found: dict[str, str] = {}
    for name in sorted(raw, key=lambda name: _spelt(name) != name):
        plain = _spelt(name)
        found[name] = plain if plain not in found.values() else name.strip().lower()
    return {name: found[name] for name in raw}


def _spelt(name: str) -> str:
    words = [WORDS.get(word, word) for word in re.split(r"[^a-z0-9]+", name.strip().lower()) if word]
    part = next((word for word in words if word in PARTS), None)
    return "_".join([part, *(word for word in words if word != part)] if part else words)


def live(
    path: Path,
) -> tuple[Mapping[str, Any], tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    """Read a recorder's file: its static record, its steps, its evaluations."""
    found = jsonl(path) if path.is_file() else []
    static = next((record for record in found if record.get("type") == "static"), {})
    by_type = [tuple(record for record in found if record.get("type") == kind) for kind in ("step", "eval")]
    return static, by_type[0], by_type[1]


def curve(rows: Sequence[Mapping[str, Any]], steps: Sequence[float], name: str | None) -> Curve:
    """Return one column as a curve, rows that say nothing left out."""
    pairs = [(step, number(row.get(name))) for step, row in zip(steps, rows, strict=True)] if name else []
    kept = [(step, value) for step, value in pairs if value is not None]
    return Curve(np.array([step for step, _ in kept], float), np.array([value for _, value in kept], float))


def _steps(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return each row's step, else its epoch, else its place."""
    for names in (STEP, EPOCH):
        for name in names:
            found = [number(row.get(name)) for row in rows]
            if rows and all(value is not None and math.isfinite(value) for value in found):
                return [float(value) for value in found if value is not None]
    return [float(index) for index in range(1, len(rows) + 1)]


def _first(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the first wanted column that is there."""
    return next((name for name in wanted if name in names), None)


def _metric(names: Sequence[str]) -> str | None:
    """Return the metric whose columns are there, in the order of `METRICS`."""
    bare = {rest if part in PARTS else name for name in names for part, _, rest in [name.partition("_")]}
    return next((metric for metric in METRICS if metric in bare), None)


def _named(names: Sequence[str], metric: str | None, forms: Sequence[str]) -> str | None:
    """Return the metric's column in one of its forms."""
    return _first(names, [form.format(metric) for form in forms]) if metric else None


def _guessed(metric: str | None) -> dict[str, Any]:
    """Say what a metric's name gives away."""
    if metric in (None, "metric"):
        return {}
    return {"metric": metric, "metric_mode": "min" if metric in LOWER_IS_BETTER else "max"}


def _beside(path: Path) -> dict[str, Any]:
    """Read meta.json, where there is one."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} should hold JSON. Found: {error.msg} in line {error.lineno}.") from error
    return dict(content) if isinstance(content, dict) else {}
