"""Makes runs with one known fault on random tasks.

python -m benchmarks.faulty DIR --tasks 60 [--first 0] [--faults lr_too_high ...]

One folder a run, of the form that benchmarks.diagnose reads. A faulty run is kept if it scores lower than the sound run
on clean test rows, by at least 0.1 of the way to guessing, and if its mechanism shows; a sound variant is kept if it
scores as the sound run does.
"""

import argparse
import csv
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.faulty.faults import FAULTS, HEALTHY, Plan, faulty, healthy, sound
from benchmarks.faulty.tasks import Task, draw_task
from benchmarks.faulty.training import Trained, train

NAMES = ("step", "epoch", "lr", "train_loss", "train_metric", "val_loss", "val_metric")
HURT, ALIKE, LEARNED = 0.1, 0.06, 0.6


def main() -> None:
    """Make the runs of several tasks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="seed of the first task")
    parser.add_argument("--healthy", type=int, default=6, help="sound variants tried a task")
    parser.add_argument("--faults", nargs="+", choices=tuple(FAULTS), default=tuple(FAULTS), help="all where left out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for seed in range(options.first, options.first + options.tasks):
        began = time.perf_counter()
        kept = make(options.folder, seed, options.healthy, options.faults)
        print(seed, kept, f"{time.perf_counter() - began:.0f} s", flush=True)


def make(folder: Path, seed: int, variants: int, faults: Sequence[str]) -> int:
    """Make the runs of one task and return how many are kept."""
    task, draw = draw_task(seed), np.random.default_rng(seed + 10**6)
    control = train(sound(task), seed).score
    if control < LEARNED:
        return 0
    kept = 0
    for variant in draw.choice(HEALTHY, variants, replace=False):
        plan = healthy(task, draw, str(variant))
        run = train(plan, seed + int(draw.integers(1000)))
        if run.broken is None and run.score > control * (1 - ALIKE):
            kept += 1
            _write(folder, f"{seed}_healthy_{variant}", plan, run, "healthy", str(variant), control)
    for fault in faults:
        level = int(draw.integers(3))
        plan_or_none = faulty(task, draw, fault, level)
        if plan_or_none is None:
            continue
        run = train(plan_or_none, seed)
        if (control - run.score) / control >= HURT and shows(fault, run):
            kept += 1
            _write(folder, f"{seed}_{fault}_{level}", plan_or_none, run, fault, "", control)
    return kept


def shows(fault: str, run: Trained) -> bool:
    """Return whether the mechanism that a fault's name promises is in the recording."""
    if (run.broken is not None) != (fault == "nan_inf"):
        return False
    steps = [record for record in run.records if record["type"] == "step"]
    first = [row["gnorm"] for row in steps[0]["layers"].values()]
    acts = [row for record in steps[:4] for row in record["acts"].values()]
    if fault == "vanishing_gradient":
        return 0 < first[0] < 0.02 * first[-1]
    if fault == "exploding_gradient":
        size = math.sqrt(sum(row["wnorm"] ** 2 for row in steps[0]["layers"].values()))
        return steps[0]["grad_norm"] * size / abs(steps[0]["loss"]) > 20
    if fault == "dead_relu":
        return max((row.get("dead_frac", 0.0) for row in acts), default=0.0) > 0.6
    if fault == "saturated_activation":
        return max((row.get("sat_frac", 0.0) for row in acts), default=0.0) > 0.4
    if fault == "overfitting":
        values = [record["val_loss"] for record in run.records if record["type"] == "eval"]
        return values[-1] > 1.05 * min(values) and float(run.lines[-1]["train_loss"]) < 0.7 * min(values)
    return True


def _write(folder: Path, name: str, plan: Plan, run: Trained, fault: str, variant: str, control: float) -> None:
    """Write one run."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    with (place / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, NAMES)
        writer.writeheader()
        writer.writerows(run.lines)
    (place / "live.jsonl").write_text("".join(json.dumps(_rounded(r)) + "\n" for r in run.records), encoding="utf-8")
    (place / "meta.json").write_text(json.dumps(_meta(plan.task)), encoding="utf-8")
    truth = {"fault": fault, "variant": variant, "task": plan.task.name, "control_score": control, "score": run.score,
             "regret": (control - run.score) / control, "accept": [fault]}  # fmt: skip
    (place / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


def _meta(task: Task) -> dict[str, Any]:
    return {
        "task_type": task.kind, "num_classes": task.classes or None, "metric": "accuracy" if task.classes else "mae",
        "metric_mode": "max" if task.classes else "min", "batch_size": task.batch, "n_train": len(task.train[1]),
        "optimizer": task.optimizer, "planned_epochs": task.epochs,
    }  # fmt: skip


def _rounded(value: Any) -> Any:
    """Write numbers with four figures."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, (list, tuple)) else value


if __name__ == "__main__":
    main()
