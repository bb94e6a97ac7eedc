"""A Hugging Face Trainer callback that records as `lossmith.Recorder` does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lossmith.training.recording.recorder import Recorder

IGNORED = -100
"""Labels of this value are counted neither by the models nor here."""
CLOCKS = ("runtime", "samples_per_second", "steps_per_second", "model_preparation_time")


@dataclass(frozen=True)
class Seen:
    """One batch that went forward.

    Attributes:
        loss: as the model gave it: a mean, or this batch's part of the mean over all that is accumulated.
        logits: what it put out.
        labels: what it was compared with.
        items: labels over which the loss is a mean, where it is such a part.
    """

    loss: Tensor
    logits: Tensor | None
    labels: Tensor | None
    items: Any


def recorder(folder: str | Path, **options: Any) -> Any:
    """Return the callback: `Trainer(..., callbacks=[recorder("runs/first")])`.

    Losses are those that the model itself returns, batch by batch, whatever `logging_steps` is, and those of
    accumulated batches weighted as the Trainer weighs them. Where the loss comes from elsewhere (`compute_loss_func`,
    label smoothing), a line is written when the Trainer logs; `logging_steps=1` then gives every step.

    The validation is `eval_loss`, and as metric the first other number that `compute_metrics` returns. The accuracy of
    a training batch is written where there is one label an example.

    Args:
        folder: of the run.
        **options: of `lossmith.Recorder`.

    Raises:
        ImportError: transformers is missing.
    """
    from transformers import TrainerCallback

    class Recording(TrainerCallback):  # type: ignore[misc,unused-ignore]
        """Hands each batch to a recorder."""

        recorder: Recorder

        def on_train_begin(
            self, args: Any, state: Any, control: Any, model: Any = None, optimizer: Any = None, **_: Any
        ) -> None:
            inner = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps it, without the hooks
            self.recorder = Recorder(folder, model, inner, **options)
            self.seen: list[Seen] = []
            self.own, self.rows, self.ended = False, 0, False
            self.last: tuple[Seen, float | None] | None = None
            self.hook = model.register_forward_hook(self.forward, with_kwargs=True)

        def forward(self, model: Any, given: Any, named: Mapping[str, Any], output: Any) -> None:
            """Keep what the model returns for a training batch."""
            if not model.training:
                return
            labels = named.get("labels")
            loss = output.get("loss") if isinstance(output, Mapping) else output[0] if labels is not None else None
            self.rows += _rows(named)
            if isinstance(loss, Tensor):
                logits = output.get("logits") if isinstance(output, Mapping) else output[1]
                held = logits.detach() if isinstance(logits, Tensor) else None
                self.seen.append(Seen(loss.detach().mean(), held, labels, named.get("num_items_in_batch")))

        def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.end()

        def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            weights = _weights(self.seen)
            for one, weight in list(zip(self.seen, weights, strict=True))[:-1]:
                self.batch(one, weight)
            self.last = (self.seen[-1], weights[-1]) if self.seen else None
            self.seen = []

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if self.last is not None:
                self.own = True
                self.batch(*self.last)
                self.rows = 0

        def batch(self, one: Seen, weight: float | None) -> None:
            """Record one batch; the mean over its own labels, as far as they are known."""
            loss = one.loss if weight is None else one.loss * (one.items / max(weight, 1.0))
            single = one.labels is not None and one.logits is not None and one.labels.ndim < 2 <= one.logits.ndim
            rows = len(one.labels) if one.labels is not None and one.labels.ndim else 1
            self.recorder.step(loss, one.logits, one.labels if single else None, rows=rows, weight=weight)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if not self.own and "loss" in (logs or {}):
                self.recorder.step(logs["loss"], rows=max(self.rows, 1))
                self.rows = 0

        def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any) -> None:
            found = metrics or {}
            others = (name for name in found if name.startswith("eval_") and name != "eval_loss")
            name = next((name for name in others if not name.endswith(CLOCKS)), "")
            self.recorder.validated(found.get("eval_loss"), found.get(name))

        def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.ended = True  # the Trainer validates after this: the epoch's means wait for it

        def end(self) -> None:
            """Write the epoch's means, its validation among them."""
            if self.ended:
                self.recorder.end_epoch()
                self.ended = False

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.end()
            self.hook.remove()
            self.recorder.close()

    return Recording()


def _rows(named: Mapping[str, Any]) -> int:
    """Return the rows of a batch, from its first tensor."""
    return next((len(value) for value in named.values() if isinstance(value, Tensor) and value.ndim), 0)


def _weights(seen: list[Seen]) -> list[float | None]:
    """Return how many labels each batch counts, where losses are parts of one mean.

    Models that predict the next label do not count the first of each row: the counting is taken that adds up.
    """
    if not seen or any(one.items is None or one.labels is None for one in seen):
        return [None] * len(seen)
    counts = [_counts(one.labels) for one in seen if one.labels is not None]
    items = float(seen[0].items)
    fits = next((k for k in range(len(counts[0])) if abs(sum(row[k] for row in counts) - items) < 0.5), 0)
    weights: list[float | None] = [row[fits] for row in counts]
    return [None] * len(seen) if len(seen) > 1 and _is_mean(seen[0], items / max(counts[0][fits], 1.0)) else weights


def _counts(labels: Tensor) -> list[float]:
    """Return how many labels count: all, and without the first of each row."""
    shown = (labels, labels[..., 1:]) if labels.ndim > 1 else (labels,)
    return [float((part != IGNORED).sum()) for part in shown]


@torch.no_grad()
def _is_mean(one: Seen, factor: float) -> bool:
    """Whether a loss is the batch's own mean.

    Some models take the count of labels and make no use of it.
    """
    logits, labels = one.logits, one.labels
    if logits is None or labels is None or labels.is_floating_point() or logits.shape[:-1] != labels.shape:
        return False
    mean = torch.nn.functional.cross_entropy(logits.float().flatten(0, -2), labels.flatten(), ignore_index=IGNORED)
    return bool((one.loss - mean).abs() < (one.loss * factor - mean).abs())
