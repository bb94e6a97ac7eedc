"""JSONL: one object a line, also what `lossmith.Recorder` writes."""

from pathlib import Path
from typing import Any

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog, jsonl

KINDS = {"classification": "max", "binary_classification": "max", "regression": "min"}


def read(path: Path) -> RunLog:
    """Read a JSONL log; a recorder's file gives both curves and live records."""
    rows = jsonl(path)
    if not any(row.get("type") in ("static", "step", "eval") for row in rows):
        return table.run(path, rows)
    static, records, evaluations = table.live(path)
    run = table.run(path, [row for row in rows if row.get("type") in ("step", "eval")], _meta(static))
    return type(run)(**{**vars(run), "static": static, "records": records, "evaluations": evaluations})


def _meta(static: Any) -> dict[str, Any]:
    """Return what the static record says of the task."""
    target = static.get("target") or {}
    shape, classes = static.get("out_shape") or [], target.get("hist")
    found = {key: static[key] for key in ("batch_size", "n_train", "optimizer", "task_type") if key in static}
    if classes:
        binary = bool(shape) and shape[-1] == 1 and len(classes) == 2
        found.setdefault("task_type", "binary_classification" if binary else "classification")
        found["num_classes"] = len(classes)
    elif "float" in str(target.get("dtype", "")):
        found.setdefault("task_type", "regression")
    return found
