"""A run's four files."""

import csv
import hashlib
import json
import math
from pathlib import Path
from typing import Any

from benchmarks.make_runs.setup import Data, Recipe, Task, Trained

COLUMNS = ("step", "epoch", "lr", "train_loss", "train_metric", "val_loss", "val_metric")
LOWER = ("mae", "mse", "token_error", "mmd")


def write(out: Path, task: Task, setup: Recipe, data: Data, run: Trained, truth: dict[str, Any]) -> Path:
    """Write log.csv, meta.json, live.jsonl and truth.json into a folder whose name tells nothing."""
    said = json.dumps(truth | {"lr": setup.lr, "epochs": setup.epochs}, sort_keys=True)
    folder = out / "runs" / f"run_{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.json").write_text(json.dumps(meta(task, setup, data), indent=1), encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
    lines = [json.dumps(line, separators=(",", ":"), allow_nan=False) for line in run.lines]
    (folder / "live.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        names = [*COLUMNS, *(["d_loss"] if run.rows and "d_loss" in run.rows[0] else [])]
        table.writerow(names)
        table.writerows([[cell(row.get(name)) for name in names] for row in run.rows])
    return folder


def meta(task: Task, setup: Recipe, data: Data) -> dict[str, Any]:
    """Say what a doctor is told before it sees a curve."""
    return {
        "task_type": task.task_type,
        "num_classes": task.classes,
        "metric": task.metric,
        "metric_mode": "min" if task.metric in LOWER else "max",
        "batch_size": setup.batch,
        "n_train": len(data.train[0]),
        "optimizer": setup.optimizer,
        "planned_epochs": setup.epochs,
    }


def cell(value: float | None) -> str:
    """Write a number with five significant digits, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    return f"{value:.5g}" if math.isfinite(value) else str(value)
