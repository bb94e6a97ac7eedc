"""A skorch callback that writes down a run as `lossmith.Recorder` does."""

from pathlib import Path
from typing import Any

from torch import Tensor

from lossmith.training.recording.recorder import Recorder


def recorder(folder: str | Path, **options: Any) -> Any:
    """Return the callback; all batches are averaged over their rows.

    Args:
        folder: of the run.
        **options: of `lossmith.Recorder`.

    Raises:
        ImportError: skorch is missing.
    """
    from skorch.callbacks import Callback

    class Recording(Callback):  # type: ignore[misc,unused-ignore]
        """Hands each batch to a recorder."""

        def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **_: Any) -> None:  # noqa: N803
            self.recorder_ = Recorder(folder, net.module_, net.optimizer_, net.criterion_, **options)
            self.validating_ = False

        def on_batch_end(self, net: Any, batch: Any = None, training: bool = False, **found: Any) -> None:
            target, output = batch[1], found["y_pred"]
            if not training and not self.validating_:
                self.recorder_.begin_validation()
                self.validating_ = True
            target = target.to(output.device) if isinstance(target, Tensor) else None
            self.recorder_.step(found["loss"], output, target)

        def on_epoch_end(self, net: Any, **_: Any) -> None:
            if self.validating_:
                self.recorder_.end_validation()
                self.validating_ = False
            self.recorder_.end_epoch()

        def on_train_end(self, net: Any, **_: Any) -> None:
            self.recorder_.close()

    return Recording()
