"""Plain text: lines such as `epoch 3 loss 0.12 val_loss: 0.2`."""

import re
from pathlib import Path

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog

VALUE = r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf(?:inity)?)\b"
PAIR = re.compile(rf"([a-z][a-z_/]*(?: (?:loss|acc|accuracy|lr|rate))?)\s*[=:]?\s*({VALUE})", re.IGNORECASE)
WORDS = {"valid": "val", "validation": "val", "eval": "val", "test": "val", "training": "train", "ep": "epoch"}


def read(path: Path) -> RunLog:
    """Read every `name value` pair of every line that names a loss."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows: list[dict[str, str]] = []
    for line in lines:
        row = {_name(name): value for name, value in PAIR.findall(line)}
        if any("loss" in name for name in row):
            rows.append(row)
    return table.run(path, _joined(rows))


def _name(name: str) -> str:
    """Write a name the usual way: `Validation loss` as val_loss."""
    parts = re.split(r"[ _/]+", name.lower().strip())
    parts = [WORDS.get(part, part) for part in parts]
    return "lr" if parts in (["learning", "rate"], ["lr"]) else "_".join(part for part in parts if part)


def _joined(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the training and the validation line of one epoch into one row."""
    found: list[dict[str, str]] = []
    for row in rows:
        same = found and row.get("epoch", found[-1].get("epoch")) == found[-1].get("epoch")
        if same and not (set(row) - {"epoch", "lr"}) & set(found[-1]):
            found[-1].update(row)
        else:
            found.append(dict(row))
    return found
