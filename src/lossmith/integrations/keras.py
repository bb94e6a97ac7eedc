"""A Keras callback, on the torch backend, that records like `Recorder`."""

from pathlib import Path
from typing import Any

from lossmith.training.recording.recorder import Recorder


class Optimizer:
    """A Keras optimiser with the face of a torch one, for its learning rate."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """One group, with the learning rate of now."""
        return [{"lr": float(self._optimizer.learning_rate), "params": []}]


def recorder(folder: str | Path, **options: Any) -> Any:
    """Return the callback.

    Keras shows running means; each batch's own loss is got back from them, with the rows or weights that it counted.
    Activations are not looked at: Keras keeps no hooks.

    Args:
        folder: of the run.
        **options: of `lossmith.Recorder`.

    Raises:
        ImportError: Keras is missing.
        ValueError: Keras runs on another backend than torch.
    """
    import keras

    if keras.backend.backend() != "torch":
        raise ValueError(
            f"Keras should run on torch. Found {keras.backend.backend()!r}. Try KERAS_BACKEND=torch before its import."
        )

    class Recording(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
        """Hands each batch to a recorder."""

        def on_train_begin(self, logs: Any = None) -> None:
            groups = {
                layer.name: [variable.value for variable in layer.trainable_variables]
                for layer in self.model._flatten_layers(include_self=False, recursive=True)
                if layer.trainable_variables and not list(layer._flatten_layers(include_self=False))
            }
            optimizer = Optimizer(self.model.optimizer)
            self.recorder = Recorder(folder, self.model, optimizer, groups=groups, **options)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._before = (0.0, 0.0)

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if self.recorder.probe:
                self.recorder.probe.before_update()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            tracker = next(metric for metric in self.model.metrics if metric.name == "loss")
            total, count = float(tracker.total), float(tracker.count)
            weight = count - self._before[1]
            loss = (total - self._before[0]) / weight if weight else float("nan")
            self._before = (total, count)
            self.recorder.step(loss, rows=round(weight), weight=weight)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            found = logs or {}
            metric = next((name for name in found if name.startswith("val_") and name != "val_loss"), "")
            if "val_loss" in found:
                self.recorder.validated(found["val_loss"], found.get(metric))
            self.recorder.end_epoch()

        def on_train_end(self, logs: Any = None) -> None:
            self.recorder.close()

    return Recording()
