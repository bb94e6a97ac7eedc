"""Which reader reads what: a folder's best log, or one file."""

import json
from pathlib import Path

from lossmith.doctor.readers import csv_log, huggingface, jsonl, keras, tensorboard, text
from lossmith.doctor.runlog import RunLog

IN_FOLDERS = ("log.csv", "metrics.csv", "trainer_state.json", "history.json", "live.jsonl")
NEWEST_FIRST = ("version_*/metrics.csv", "checkpoint-*/trainer_state.json", "*.csv", "*.jsonl", "*.json", "*.log",
                "*.txt")  # fmt: skip


def read_any(place: Path) -> RunLog:
    """Read a folder or a file."""
    file = place if place.is_file() else log_in(place)
    if file.name.startswith("events.out.tfevents"):
        return tensorboard.read(file.parent)
    if file.suffix == ".csv":
        return csv_log.read(file)
    if file.suffix == ".jsonl":
        return jsonl.read(file)
    if file.suffix == ".json":
        return _json(file)
    return text.read(file)


def log_in(folder: Path) -> Path:
    """Return the log of a folder: the known names first, then what lies newest."""
    for name in IN_FOLDERS:
        if (folder / name).is_file():
            return folder / name
    if events := sorted(folder.rglob("events.out.tfevents*")):
        return events[-1]
    for pattern in NEWEST_FIRST:
        found = [path for path in folder.glob(pattern) if path.name not in ("meta.json", "truth.json")]
        if found:
            return max(found, key=lambda path: path.stat().st_mtime)
    raise ValueError(
        f"{folder} should hold a log of a run. Found none of {', '.join(IN_FOLDERS)}, *.jsonl, *.log, *.txt, event "
        "files. Try the log file itself."
    )


def _json(file: Path) -> RunLog:
    """Tell the Trainer's state from a Keras history."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{file} should hold JSON. Found: {error.msg} in line {error.lineno}.") from error
    if isinstance(content, dict) and "log_history" in content:
        return huggingface.read(file, content)
    if isinstance(content, dict):
        return keras.read(file, content)
    raise ValueError(f"{file} should hold a Keras history or a trainer_state. Found a {type(content).__name__}.")
