"""CSV: a row a step or epoch, also Lightning's CSVLogger with its sparse rows."""

import csv
from pathlib import Path

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog


def read(path: Path) -> RunLog:
    """Read a CSV log with a header."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return table.run(path, list(csv.DictReader(file)))
