"""Batches made into lines and epochs: who counts how much, and when a line is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from lossmith.training.recording.folder import RunFolder
from lossmith.training.recording.means import Means
from lossmith.training.recording.tensorboard import TensorBoard


@dataclass
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
    parts: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    summed: bool = False
    metric: Any = None

    def into(self, means: Means) -> None:
        """Add this batch: losses by weight, metrics by rows."""
        weight = float(self.weight)
        share = 1.0 / weight if self.summed and weight else 1.0
        losses = {"loss": self.loss, **self.parts}
        means.add({name: float(value) * share for name, value in losses.items()}, weight, self.rows)
        metrics = self.metrics if self.metric is None else {"metric": self.metric, **self.metrics}
        means.add({name: float(value) for name, value in metrics.items()}, self.rows, 0)


@dataclass
class _Line:
    """Batches whose gradients went into one step."""

    step: int
    epoch: float
    rate: float | None
    batches: list[Batch]


class Ledger:
    """Writes a line for each step, and the means of each epoch.

    On an accelerator a line is written one step late: to read its loss at once would make the host wait.

    Args:
        folder: to write to.
        board: TensorBoard, if asked.
        length: of an epoch in batches, where it is known.
    """

    def __init__(self, folder: RunFolder, board: TensorBoard | None, length: int | None) -> None:
        self.step, self._epoch = folder.last_step, folder.epochs_done
        self._folder, self._board, self._length = folder, board, length
        self._batch = 0
        self._means, self._valid = Means(), {}  # type: ignore[var-annotated]
        self._gathered: list[Batch] = []
        self._lines: list[_Line] = []
        self._seen: dict[str, Any] | None = None

    @property
    def epoch_is_over(self) -> bool:
        """Whether the loader has given all its batches."""
        return self._length is not None and self._batch >= self._length

    def add(self, batch: Batch, rate: float | None, closes: bool) -> None:
        """Count a batch; `closes` says that the optimiser has made its step with it."""
        began = self._epoch + (self._batch / self._length if self._length else 0.0)
        self._batch += 1
        self._gathered.append(batch)
        if closes:
            self.step += 1
            self._lines.append(_Line(self.step, began, rate, self._gathered))
            self._gathered = []
            away = isinstance(batch.loss, Tensor) and batch.loss.device.type != "cpu"
            self._write(keep=1 if away else 0)

    def seen(self, found: Mapping[str, Any]) -> None:
        """Write what was seen inside the network at the last step."""
        self._write(keep=0)
        record = {"type": "step", "step": self.step, **(self._seen or {}), **found}
        self._folder.live(record)
        if self._board:
            self._board.write(self.step, {"grad_norm": found.get("grad_norm")})

    def settle(self) -> None:
        """Write every line that is held back."""
        self._write(keep=0)

    def validated(self, found: Mapping[str, Any]) -> None:
        """Write a validation after the last step."""
        self._valid = {name: value for name, value in found.items() if not isinstance(value, list)}
        self._folder.validated(found["val_loss"], found["val_metric"])
        done = self._epoch + (self._batch / self._length if self._length else 1.0)
        self._folder.live({"type": "eval", "step": self.step, "epoch": done, **found})
        if self._board:
            self._board.write(self.step, self._valid)

    def end_epoch(self) -> dict[str, Any]:
        """Write and return the epoch's means; batches that made no step count too."""
        self._write(keep=0)
        for batch in self._gathered:
            batch.into(self._means)
        self._epoch += 1
        means = {f"train_{name}": value for name, value in self._means.all().items()}
        head = {"type": "epoch", "epoch": self._epoch, "step": self.step, "rows": self._means.rows}
        record = {**head, **means, **self._valid}
        self._folder.epoch(record)
        if self._board:
            self._board.write(self.step, {f"epoch/{name}": value for name, value in means.items()})
        self._means, self._valid, self._batch, self._gathered = Means(), {}, 0, []
        return record

    def _write(self, keep: int) -> None:
        """Write all lines but the last `keep`."""
        while len(self._lines) > keep:
            line = self._lines.pop(0)
            one = Means()
            for batch in line.batches:
                batch.into(one)
                batch.into(self._means)
            loss = one.of("loss")
            assert loss is not None
            self._folder.step(line.step, line.epoch, line.rate, loss, one.of("metric"))
            parts = {name: value for name, value in one.all().items() if name not in ("loss", "metric")}
            self._seen = {"epoch": line.epoch, "loss": loss, "lr": line.rate, **({"parts": parts} if parts else {})}
            if self._board:
                self._board.write(line.step, {"train_loss": loss, "train_metric": one.of("metric"), **parts})
