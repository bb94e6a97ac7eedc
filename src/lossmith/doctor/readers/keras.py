"""Keras: `history.history` written as JSON, a list an epoch for each quantity."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog


def read(path: Path, content: Mapping[str, Any]) -> RunLog:
    """Read a history: {"loss": [...], "val_loss": [...]}, or that under "history"."""
    inner = content.get("history", content)
    columns = {name: values for name, values in dict(inner).items() if isinstance(values, list)}
    if not columns:
        raise ValueError(f"{path} should hold lists by epoch, as `history.history` does. Found {sorted(content)[:5]}.")
    length = max(len(values) for values in columns.values())
    rows = [{name: values[index] for name, values in columns.items() if index < len(values)} for index in range(length)]
    return table.run(path, [{"epoch": index + 1, **row} for index, row in enumerate(rows)])
