"""One training run as numbers, whatever wrote it down."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Values and the steps at which they were taken.

    Attributes:
        steps: increasing step or epoch numbers.
        values: one value a step, in the log's own unit; not finite where the log said so.
    """

    steps: Numbers
    values: Numbers

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self.values)


NOTHING = Curve(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class RunLog:
    """What is known of one run.

    Attributes:
        source: the file or folder it was read from.
        train: training loss.
        validation: validation loss.
        train_metric: the metric on training data.
        validation_metric: the metric on validation data.
        lr: learning rate.
        epochs: epoch number of each training step, as long as `train`; empty where it was not said.
        meta: task_type, num_classes, metric, metric_mode, batch_size, optimizer ... as far as they are known.
        static: the recorder's first record: loss, optimiser, layers, inputs, targets.
        records: the recorder's `step` records.
        evaluations: the recorder's `eval` records.
    """

    source: Path
    train: Curve = NOTHING
    validation: Curve = NOTHING
    train_metric: Curve = NOTHING
    validation_metric: Curve = NOTHING
    lr: Curve = NOTHING
    epochs: Numbers = field(default_factory=lambda: np.zeros(0))
    meta: Mapping[str, Any] = field(default_factory=dict)
    static: Mapping[str, Any] = field(default_factory=dict)
    records: tuple[Mapping[str, Any], ...] = ()
    evaluations: tuple[Mapping[str, Any], ...] = ()

    @property
    def live(self) -> bool:
        """Return whether a recorder watched the run from inside."""
        return bool(self.records)

    @property
    def several_labels(self) -> bool:
        """Return whether a row can have several labels."""
        return re.search("multi[-_ ]?label", str(self.meta.get("task_type") or "").lower()) is not None

    @property
    def ways(self) -> int | None:
        """Return among how many answers a guess chooses: classes, or yes and no."""
        classes = self.meta.get("num_classes")
        return 2 if classes and self.several_labels else classes

    @property
    def by_accuracy(self) -> bool:
        """Return whether the metric is the share of right answers, label by label."""
        known = bool(self.ways) and self.meta.get("metric") == "accuracy"
        values = np.concatenate([self.validation_metric.values, self.train_metric.values])
        values = values[np.isfinite(values)]
        return known and not (self.several_labels and len(values) and np.median(values) < 0.5)

    def curves_only(self) -> "RunLog":
        """Return the run without what a recorder saw."""
        return replace(self, static={}, records=(), evaluations=())


def read(path: str | Path) -> RunLog:
    """Read a run: a folder that holds a log, or the log itself.

    Args:
        path: a folder (log.csv with meta.json and live.jsonl beside it, metrics.csv, trainer_state.json, history.json,
            event files), or one such file, or a plain text log.

    Returns:
        the run.

    Raises:
        ValueError: nothing there can be read as a log, or it holds no loss.
        FileNotFoundError: there is no such file or folder.
    """
    from lossmith.doctor.readers import read_any

    place = Path(path)
    if not place.exists():
        raise FileNotFoundError(f"RUN should be a folder or a log file. {place} does not exist.")
    run = read_any(place)
    if not (len(run.train) or len(run.validation)):
        epochs = place / "epochs.jsonl" if place.is_dir() else place.with_name("epochs.jsonl")
        if epochs.is_file() and epochs.stat().st_size:
            raise ValueError(
                f"{place} should hold steps of the optimiser. Found epochs without one: no parameter was updated. "
                "Try optimizer.step() before recorder.step, of the optimiser that the Recorder was given."
            )
        raise ValueError(
            f"{place} should hold a loss by step or epoch. Found none. "
            "Try a CSV with columns step and train_loss, or lines such as `epoch 3 loss 0.12`."
        )
    return run


def jsonl(path: Path) -> list[dict[str, Any]]:
    """Read one JSON object a line; a last line cut off in writing is passed over."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                break
            raise ValueError(
                f"{path} should hold one JSON object a line. Line {number} is none: {error.msg}. Try to mend that line."
            ) from error
        if isinstance(record, dict):
            found.append(record)
    return found
