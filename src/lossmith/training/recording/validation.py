"""A validation's means over its rows, with the network in evaluation mode."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lossmith.training.recording.batch import histogram
from lossmith.training.recording.ledger import Batch
from lossmith.training.recording.means import Means


@contextmanager
def evaluation_mode(model: nn.Module | None) -> Iterator[None]:
    """Put every module into evaluation mode, and each back into the mode it had."""
    modes = {module: module.training for module in model.modules()} if model is not None else {}
    try:
        if model is not None:
            model.eval()
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


class Validation:
    """Gathers the batches of one validation."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._labels: list[tuple[Tensor, Tensor]] = []

    def add(self, batch: Batch, labels: Tensor | None, target: Tensor | None) -> None:
        """Count one batch; `labels` are the classes that were predicted."""
        self._batches.append(batch)
        if labels is not None and target is not None and labels.numel() == target.numel():
            self._labels.append((labels.reshape(-1), target.detach().reshape(-1).long()))

    def finish(self, classes: int | None) -> dict[str, Any]:
        """Return the means, and what was predicted for which class."""
        means = Means()
        for batch in self._batches:
            batch.into(means)
        found: dict[str, Any] = {"val_loss": means.of("loss"), "val_metric": means.of("metric")}
        more = {f"val_{name}": value for name, value in means.all().items() if name not in ("loss", "metric")}
        return {**found, **more, **self._by_class(classes)}

    def _by_class(self, classes: int | None) -> dict[str, Any]:
        if not self._labels or classes is None:
            return {}
        predicted, true = (torch.cat(both) for both in zip(*self._labels, strict=True))
        there, hit = histogram(true, classes), histogram(true[predicted == true], classes)
        if there is None or hit is None:
            return {}
        recall = [good / rows if rows else None for good, rows in zip(hit, there, strict=True)]
        return {"val_pred_hist": histogram(predicted, classes), "val_label_hist": there, "val_recall": recall}
