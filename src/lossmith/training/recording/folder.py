"""A run's files, appended and flushed, so that a killed run can still be read.

`log.csv` holds a line for each step of the optimiser, `live.jsonl` what was seen inside the network, `epochs.jsonl` the
means over each epoch, `meta.json` what the run is about.
"""

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossmith.files import write_atomically

COLUMNS = ("step", "epoch", "lr", "train_loss", "train_metric", "val_loss", "val_metric")


class RunFolder:
    """The files of one run, open for appending.

    The line of the last step stays without its last two fields until the next step or a validation completes it: a
    validation stands on the line of the step it follows, and no line waits in memory for it.

    Args:
        path: of the folder; made where it is missing.
        resume: append to the run that is there.

    Raises:
        ValueError: there is a run already, and `resume` is false.
    """

    def __init__(self, path: str | Path, *, resume: bool = False) -> None:
        self.path = Path(path)
        log = self.path / "log.csv"
        there = log.exists() and log.stat().st_size > 0
        if there and not resume:
            raise ValueError(
                f"A new run should have a folder of its own. Found one in {self.path}. Try another folder, or "
                "`resume=True` to append to it."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self.last_step = _last_step(log) if there else 0
        self.epochs_done = _mend(self.path / "epochs.jsonl")
        _mend(self.path / "live.jsonl")
        self.has_static = (self.path / "live.jsonl").exists() and (self.path / "live.jsonl").stat().st_size > 0
        self._log = log.open("a", encoding="utf-8", newline="")
        self._live = (self.path / "live.jsonl").open("a", encoding="utf-8", newline="")
        self._epochs = (self.path / "epochs.jsonl").open("a", encoding="utf-8", newline="")
        self._open_line = False
        if not there:
            self._log.write(",".join(COLUMNS) + "\n")
            self._log.flush()

    def step(self, step: int, epoch: float, lr: float | None, loss: float, metric: float | None) -> None:
        """Append the line of a step, but for the validation's fields."""
        line = f"{step},{_csv(epoch)},{_csv(lr)},{_csv(loss)},{_csv(metric)}"
        self._log.write(",,\n" + line if self._open_line else line)
        self._open_line = True

    def flush(self) -> None:
        """Hand the lines to the system, which keeps them through a kill."""
        if not self._log.closed:
            self._log.flush()

    def validated(self, loss: float | None, metric: float | None) -> None:
        """Complete the line of the last step."""
        if self._open_line:
            self._log.write(f",{_csv(loss)},{_csv(metric)}\n")
            self._log.flush()
            self._open_line = False

    def live(self, record: Mapping[str, Any]) -> None:
        """Append what was seen inside the network."""
        self._live.write(_json(record) + "\n")
        self._live.flush()

    def epoch(self, record: Mapping[str, Any]) -> None:
        """Append the means over an epoch."""
        self._epochs.write(_json(record) + "\n")
        self._epochs.flush()

    def meta(self, facts: Mapping[str, Any]) -> None:
        """Write what the run is about, whole or not at all."""
        write_atomically(self.path / "meta.json", json.dumps(_plain(facts), indent=1, allow_nan=False) + "\n")

    def close(self) -> None:
        """Complete the last line and close the files."""
        if self._open_line and not self._log.closed:
            self._log.write(",,\n")
            self._open_line = False
        for file in (self._log, self._live, self._epochs):
            file.close()


def _last_step(log: Path) -> int:
    """Complete a line that a kill cut off; return the last step.

    A line too short to be trusted, its loss half written perhaps, is taken out.
    """
    text = log.read_text(encoding="utf-8")
    whole, _, rest = text.rpartition("\n")
    kept = whole + "\n" if whole else ""
    if rest:
        # Five fields with the cut after them are what `step` leaves; a sixth may have been cut.
        fields = rest.split(",")[:5]
        kept += ",".join([*fields, "", ""]) + "\n" if len(fields) == 5 else ""
    if kept != text:
        write_atomically(log, kept)
    steps = [row.get("step") or "" for row in csv.DictReader(io.StringIO(kept))]
    return max((int(step) for step in steps if step.isdigit()), default=0)


def _mend(path: Path) -> int:
    """Take out a last line that a kill cut off; return how many lines there are."""
    if not path.exists():
        return 0
    text = path.read_text(encoding="utf-8")
    kept = text[: text.rfind("\n") + 1]
    if kept != text:
        write_atomically(path, kept)
    return kept.count("\n")


def _csv(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:e}" if 1e15 <= abs(value) < math.inf else f"{value:.5g}"


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(_plain(record), separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    """Write four digits of a number, and null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value
