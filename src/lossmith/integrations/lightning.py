"""A Lightning callback that writes down a run as `lossmith.Recorder` does."""

from pathlib import Path
from typing import Any

from torch import Tensor

from lossmith.training.recording.activations import first_tensor
from lossmith.training.recording.recorder import Recorder


def recorder(folder: str | Path, **options: Any) -> Any:
    """Return the callback.

    Training losses are what `training_step` returns; the validation is what the module logs as `val_loss`, and as
    metric the first other name that begins with `val_`. Of a batch that is a pair, the second is taken as target.

    Args:
        folder: of the run.
        **options: of `lossmith.Recorder`, `criterion` for one.

    Raises:
        ImportError: Lightning is missing.
    """
    from lightning.pytorch import Callback

    class Recording(Callback):  # type: ignore[misc,unused-ignore]
        """Hands each batch to a recorder."""

        recorder: Recorder

        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            optimizer = trainer.optimizers[0] if trainer.optimizers else None
            self.recorder = Recorder(folder, pl_module, optimizer, **options)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            loss = outputs["loss"] if isinstance(outputs, dict) else outputs
            if loss is not None:
                # Lightning has divided by the number of batches that it accumulates.
                divided = trainer.accumulate_grad_batches if pl_module.automatic_optimization else 1
                self.recorder.step(loss * divided, None, _target(batch), rows=_rows(batch))

        def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
            if not trainer.sanity_checking:
                found = {name: float(value) for name, value in trainer.callback_metrics.items()}
                metric = next((n for n in sorted(found) if n.startswith("val_") and n != "val_loss"), "")
                self.recorder.validated(found.get("val_loss"), found.get(metric))

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            self.recorder.end_epoch()

        def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
            self.recorder.close()

    return Recording()


def _target(batch: Any) -> Tensor | None:
    pair = isinstance(batch, list | tuple) and len(batch) == 2
    return batch[1] if pair and isinstance(batch[1], Tensor) else None


def _rows(batch: Any) -> int:
    found = first_tensor(batch)
    return len(found) if found is not None and found.ndim else 1
