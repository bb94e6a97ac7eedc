"""Hugging Face: the log_history of trainer_state.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog


def read(path: Path, content: Mapping[str, Any]) -> RunLog:
    """Read the Trainer's state, without its closing summary, which is a mean."""
    rows = [{k: v for k, v in row.items() if k != "train_loss"} for row in content["log_history"]]
    return table.run(path, rows, {"batch_size": content["train_batch_size"]} if content.get("train_batch_size") else {})
