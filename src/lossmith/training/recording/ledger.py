"""Batches made into lines and epochs: who counts how much, and when."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from lossmith.training.recording.folder import RunFolder
from lossmith.training.recording.means import Means
from lossmith.training.recording.tensorboard import TensorBoard

PAUSE = 0.2
"""Seconds that a line may wait: so much of a fast loop is lost at most when it is killed."""


NONE: Mapping[str, Any] = {}


@dataclass(slots=True)
class Batch:
    """One batch's numbers, perhaps still on an accelerator.

    Attributes:
        loss: the mean over the batch, or its sum where `summed`.
        rows: how many.
        weight: sum of the rows' weights; as many as rows where they have none.
        parts: named parts of the loss.
        metrics: more numbers, means over the rows.
        summed: whether loss and parts are sums.
        metric: the metric that `log.csv` shows.
    """

    loss: Any
    rows: int
    weight: Any
    parts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    summed: bool = False
    metric: Any = None

    def into(self, means: Means) -> None:
        """Add this batch: losses by weight, metrics by rows."""
        weight = float(self.weight)
        share = 1.0 / weight if self.summed and weight else 1.0
        means.rows += self.rows
        means.count("loss", float(self.loss) * share, weight)
        for name, value in self.parts.items():
            means.count(name, float(value) * share, weight)
        if self.metric is not None:
            means.count("metric", float(self.metric), self.rows)
        for name, value in self.metrics.items():
            means.count(name, float(value), self.rows)


@dataclass(slots=True)
class _Entry:
    """A batch that waits to be written; `step` is 0 where none was made."""

    batch: Batch
    step: int
    epoch: float
    rate: float | None


class Ledger:
    """Writes a line for each step, and the means of each epoch.

    Lines are written when a fifth of a second has passed since the last, and whenever something else is written: to
    read each loss of a fast loop at once would make the host wait for its accelerator.

    Args:
        folder: to write to.
        board: TensorBoard, if asked.
        length: of an epoch in batches, where it is known.
    """

    def __init__(self, folder: RunFolder, board: TensorBoard | None, length: int | None) -> None:
        self.step, self._epoch = folder.last_step, folder.epochs_done
        self._folder, self._board, self._length = folder, board, length
        self._batch, self._written = 0, 0.0
        self._means = Means()
        self._valid: dict[str, Any] = {}
        self._waiting: list[_Entry] = []
        self._gathered: list[Batch] = []
        self._last: dict[str, Any] = {}
        self.waited = 0.0
        """Seconds spent on reading numbers from an accelerator, most of which it would have worked anyway."""

    @property
    def epoch_is_over(self) -> bool:
        """Whether the loader has given all its batches."""
        return self._length is not None and self._batch >= self._length

    def add(self, batch: Batch, rate: float | None, closes: bool) -> None:
        """Count a batch; `closes` says that the optimiser has made its step with it."""
        began = self._epoch + (self._batch / self._length if self._length else 0.0)
        self._batch += 1
        self.step += closes
        self._waiting.append(_Entry(batch, self.step if closes else 0, began, rate))
        if time.monotonic() - self._written >= PAUSE:
            self.settle()

    def seen(self, found: Mapping[str, Any]) -> None:
        """Write what was seen inside the network at the last step."""
        self.settle()
        self._folder.live({"type": "step", "step": self.step, **self._last, **found})
        if self._board:
            self._board.write(self.step, {"grad_norm": found.get("grad_norm")})

    def settle(self) -> None:
        """Write every line that waits."""
        waiting, self._waiting, self._written = self._waiting, [], time.monotonic()
        self.waited += _fetch([entry.batch for entry in waiting])
        for entry in waiting:
            batch = entry.batch
            batch.into(self._means)
            if entry.step and not self._gathered and not batch.parts and not batch.metrics:
                self._short_line(entry)
                continue
            self._gathered.append(batch)
            if entry.step:
                self._line(entry)
        self._folder.flush()

    def validated(self, found: Mapping[str, Any]) -> None:
        """Write a validation after the last step."""
        self.settle()
        self._valid = {name: value for name, value in found.items() if not isinstance(value, list)}
        self._folder.validated(found["val_loss"], found["val_metric"])
        done = self._epoch + (self._batch / self._length if self._length else 1.0)
        self._folder.live({"type": "eval", "step": self.step, "epoch": done, **found})
        if self._board:
            self._board.write(self.step, self._valid)

    def end_epoch(self) -> dict[str, Any]:
        """Write and return the epoch's means; batches that made no step count too."""
        self.settle()
        self._epoch += 1
        means = {f"train_{name}": value for name, value in self._means.all().items()}
        head = {"type": "epoch", "epoch": self._epoch, "step": self.step, "rows": self._means.rows}
        record = {**head, **means, **self._valid}
        self._folder.epoch(record)
        if self._board:
            self._board.write(self.step, {f"epoch/{name}": value for name, value in means.items()})
        self._means, self._valid, self._batch = Means(), {}, 0
        return record

    def _short_line(self, entry: _Entry) -> None:
        """Write the line of a step of one batch without parts, as nearly all are."""
        batch = entry.batch
        weight = float(batch.weight)
        loss = float(batch.loss) * (1.0 / weight if batch.summed and weight else 1.0) if weight else math.nan
        metric = None if batch.metric is None else float(batch.metric)
        self._folder.step(entry.step, entry.epoch, entry.rate, loss, metric)
        self._last = {"epoch": entry.epoch, "loss": loss, "lr": entry.rate}
        if self._board:
            self._board.write(entry.step, {"train_loss": loss, "train_metric": metric})

    def _line(self, entry: _Entry) -> None:
        """Write the line of a step, of all batches whose gradients went into it."""
        one = Means()
        for batch in self._gathered:
            batch.into(one)
        self._gathered.clear()
        loss, metric = one.of("loss"), one.of("metric")
        assert loss is not None
        self._folder.step(entry.step, entry.epoch, entry.rate, loss, metric)
        parts = {name: value for name, value in one.all().items() if name not in ("loss", "metric")}
        self._last = {"epoch": entry.epoch, "loss": loss, "lr": entry.rate, **({"parts": parts} if parts else {})}
        if self._board:
            self._board.write(entry.step, {"train_loss": loss, "train_metric": metric, **parts})


def _fetch(batches: list[Batch]) -> float:
    """Read losses and metrics of many batches in one transfer.

    Returns:
        seconds that an accelerator was waited for.
    """
    began, far = time.perf_counter(), False
    for name in ("loss", "metric"):
        held = [(batch, getattr(batch, name)) for batch in batches]
        tensors = [(batch, value) for batch, value in held if isinstance(value, Tensor)]
        devices = {value.device for _, value in tensors}
        if len(devices) == 1:
            far |= devices.pop().type != "cpu"
            numbers = torch.stack([v.float() if v.ndim == 0 else v.float().reshape(()) for _, v in tensors]).tolist()
            for (batch, _), number in zip(tensors, numbers, strict=True):
                setattr(batch, name, number)
    return time.perf_counter() - began if far else 0.0
