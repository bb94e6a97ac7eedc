"""Two lines in any torch loop write down what a doctor needs to see.

Reach for it when a training does not do what it should, or when it may not: `lossmith diagnose` reads what it writes.
Avoid it where several processes train one model, unless only one of them records.
"""

import atexit
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lossmith.training.recording import batch as look
from lossmith.training.recording import layers
from lossmith.training.recording.budget import Budget
from lossmith.training.recording.folder import RunFolder
from lossmith.training.recording.ledger import NONE, Batch, Ledger
from lossmith.training.recording.probe import Facts, Probe, static, whole_of
from lossmith.training.recording.schedule import Schedule
from lossmith.training.recording.tensorboard import TensorBoard
from lossmith.training.recording.validation import Validation, evaluation_mode

Metric = Callable[[Tensor, Tensor], Any]
LOWER = ("regression",)


class Recorder:
    """Writes a run's curves, and at sampled steps what the layers do, to a folder.

    The files are `log.csv` (a line for each step of the optimiser), `epochs.jsonl` (means over each epoch),
    `live.jsonl` (gradients, activations, predictions) and `meta.json`. They are appended and flushed; a kill takes the
    last fifth of a second at most. The random numbers of the loop, its gradients and its weights are what they would
    be without a recorder.

    Args:
        folder: of the run; made where it is missing.
        model: the network; without it only the curves are written.
        optimizer: a torch optimiser. Its steps are counted, so that batches whose gradients are accumulated make one
            line. Without it every call of `step` is a step.
        criterion: the loss, for its name and for the spread over the rows; needed for `valid`.
        train: the loader, for the length of an epoch. Without it call `end_epoch` yourself.
        valid: a loader of validation batches (inputs, target), run through in evaluation mode after each epoch.
        epochs: how many are planned.
        metric: `metric(output, target)`, a mean over the batch; accuracy or mean absolute error where it is left out.
        metric_mode: `"max"` or `"min"`: which way your own metric is better.
        task: `"classification"`, `"binary_classification"` or `"regression"`; told by the first batch where left out.
        resume: append to the run that is in `folder`.
        share: of the training's time that recording may take. Closer looks, and the metric of each batch once a
            training is longer, wait until there is time for them; lines and epoch means of the loss never do.
        every: at least so many steps lie between samples, once the run is under way.
        tensorboard: also write event files, if the package is there.

    Raises:
        ValueError: `folder` holds a run and `resume` is false; `valid` is given without model or criterion.
        ImportError: `tensorboard` is asked for and missing.

    Example:
        >>> import tempfile
        >>> from lossmith import Recorder
        >>> model, loss_fn = torch.nn.Linear(3, 1), torch.nn.MSELoss()
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> recorder = Recorder(tempfile.mkdtemp(), model, optimizer, loss_fn)
        >>> for _ in range(5):
        ...     x, y = torch.ones(4, 3), torch.zeros(4, 1)
        ...     output = model(x)
        ...     loss = loss_fn(output, y)
        ...     optimizer.zero_grad()
        ...     loss.backward()
        ...     optimizer.step()
        ...     recorder.step(loss, output, y)
        >>> sorted(recorder.end_epoch())
        ['epoch', 'rows', 'step', 'train_loss', 'train_metric', 'type']
    """

    def __init__(
        self, folder: str | Path, model: nn.Module | None = None, optimizer: Any = None, criterion: Any = None, *,
        train: Any = None, valid: Iterable[Any] | None = None, epochs: int | None = None,
        metric: Metric | None = None, metric_mode: str = "max", task: str | None = None, resume: bool = False,
        share: float = 0.03, every: int = 50, tensorboard: bool = False,
        groups: layers.Layers | None = None,
    ) -> None:  # fmt: skip
        if valid is not None and (model is None or not callable(criterion)):
            raise ValueError(
                "`valid` should come with a model and a criterion. Found one of them missing. Try "
                "`with recorder.validation():` and your own loop."
            )
        self._model, self._optimizer, self._criterion = model, optimizer, criterion
        self._train, self._valid, self._metric, self._metric_mode = train, valid, metric, metric_mode
        self._planned, self._task, self._facts = epochs, task, None if model is not None else Facts(None, None, None)
        self._told, self._summed = False, getattr(criterion, "reduction", None) == "sum"
        self.folder = RunFolder(folder, resume=resume)
        self._board = TensorBoard(self.folder.path) if tensorboard else None
        self._ledger = Ledger(self.folder, self._board, _length(train))
        self._validation: Validation | None = None
        self._groups = groups if groups is not None else layers.layers_of(model) if model is not None else {}
        self.budget = Budget(share)
        self.probe = self._probe(every)
        self._made = 0 if self._follows else None
        atexit.register(self._ledger.settle)
        self._hooks: list[Any] = []
        if self._follows:
            before = self.probe.before_update if self.probe else lambda *_: None
            self._hooks = [
                optimizer.register_step_pre_hook(lambda *_: before()),
                optimizer.register_step_post_hook(lambda *_: self.updated()),
            ]

    @property
    def steps(self) -> int:
        """How many steps of the optimiser are written down."""
        return self._ledger.step

    def step(
        self, loss: Any, output: Tensor | None = None, target: Tensor | None = None, *, rows: int | None = None,
        weight: Tensor | float | None = None, parts: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Write down one batch, after the optimiser's step.

        Args:
            loss: the batch's mean, not divided by the number of batches that are accumulated. A sum, where the
                criterion's `reduction` is `"sum"`, is divided by the weight.
            output: of the network.
            target: of the batch.
            rows: how many; the length of target or output where it is left out.
            weight: of the rows, where the loss is a weighted mean: one for each row, or their sum.
            parts: named parts of the loss, means as it is.
            metrics: more numbers to average over the rows.
        """
        began, apart = time.perf_counter(), self.budget.apart + self._ledger.waited
        self.budget.begin(began)
        count = _rows(rows, target, output)
        kept = Batch(
            _held(loss),
            count,
            _weight(weight, count),
            {name: _held(value) for name, value in parts.items()} if parts else NONE,
            {name: _held(value) for name, value in metrics.items()} if metrics else NONE,
            summed=self._summed,
        )
        if self._facts is None:
            shown = output if output is not None or self.probe is None else self.probe.output
            self._facts = Facts(shown, target, self._criterion, self._task)
        if self._validation is not None:
            self._measure(kept, output, target)
            self._validation.add(kept, self._labels(output), target)
            self.budget.end()
            return
        if target is not None and output is not None and self.budget.allows("metric"):
            with self.budget.counted("metric"):
                self._measure(kept, output, target)
        self._learned(kept, output, target)
        self.budget.end()
        self.budget.lines += self.budget.ended - began - (self.budget.apart + self._ledger.waited - apart)
        if self._ledger.epoch_is_over:
            self._end()

    def updated(self) -> None:
        """Say that the optimiser has made a step; a torch optimiser does so itself."""
        if self.probe:
            self.probe.after_update()
        if self._made is not None:
            self._made += 1

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Count the batches inside as validation; evaluation mode, no gradients."""
        self.begin_validation()
        try:
            with evaluation_mode(self._model):
                yield
            self.end_validation()
        finally:
            self._validation = None

    def begin_validation(self) -> None:
        """Count the batches from here on as validation; the mode is the caller's."""
        self._ledger.settle()
        self._validation = Validation()

    def end_validation(self) -> None:
        """Write the validation's means, and count what follows as training again."""
        gathered, self._validation = self._validation, None
        if gathered is not None:
            self._ledger.validated(gathered.finish(self._facts.classes if self._facts else None))

    def validated(self, loss: float | None, metric: float | None = None) -> None:
        """Write down a validation that someone else has averaged."""
        self._ledger.settle()
        self._ledger.validated({"val_loss": loss, "val_metric": metric})

    def end_epoch(self) -> dict[str, Any]:
        """Write and return the means over the epoch; where `train` is known it is called."""
        return self._ledger.end_epoch()

    def close(self) -> None:
        """Write what is left, and take every hook away."""
        self._ledger.settle()
        atexit.unregister(self._ledger.settle)
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        if self.probe:
            self.probe.stop()
        if self._board:
            self._board.close()
        self.folder.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _follows(self) -> bool:
        """Whether the optimiser tells when it makes a step."""
        return hasattr(self._optimizer, "register_step_post_hook")

    def _probe(self, every: int) -> Probe | None:
        if self._model is None:
            return None
        step = self.folder.last_step
        return Probe(self._model, self._groups, self._criterion, Schedule(step + 1, self.budget, every), step)

    def _measure(self, kept: Batch, output: Tensor | None, target: Tensor | None) -> None:
        if output is None or target is None:
            return
        if self._metric is not None:
            with torch.no_grad():
                kept.metric = _held(self._metric(output.detach(), target))
        elif self._facts is not None:
            kept.metric = look.usual_metric(output.detach(), target, self._facts.task, self._facts.sigmoid)

    def _labels(self, output: Tensor | None) -> Tensor | None:
        if output is None or self._facts is None:
            return None
        return look.classes_of(output, self._facts.task, self._facts.sigmoid)

    def _learned(self, kept: Batch, output: Tensor | None, target: Tensor | None) -> None:
        """Count a training batch; where the optimiser has stepped, it ends a line."""
        if not self._told:
            with self.budget.counted("sample"):
                self._tell(kept, output, target)
        closes = self._made is None or self._made > 0
        if self._made is not None:
            self._made = 0
        elif self.probe:
            self.probe.after_update()
        if self.probe:
            self.probe.saw(target)
        self._ledger.add(kept, layers.rate_of(self._optimizer), closes)
        if closes and self.probe and self._facts is not None:
            found = self.probe.take(output, target, self._facts)
            if found is not None:
                self._ledger.seen(found)

    def _end(self) -> None:
        if self._valid is not None and self._model is not None:
            with self.validation(), torch.random.fork_rng(devices=[]):
                place = next(self._model.parameters()).device
                for inputs, target in self._valid:
                    target = target.to(place)
                    output = self._model(inputs.to(place))
                    self.step(self._criterion(output, target), output, target)
        self._ledger.end_epoch()

    def _tell(self, kept: Batch, output: Tensor | None, target: Tensor | None) -> None:
        """Write what is known once there is a batch."""
        self._told = True
        facts = self._facts or Facts(output, target, self._criterion, self._task)
        self.folder.meta(self._meta(facts, kept.rows))
        if self._model is None or self.folder.has_static:
            return
        whole = whole_of(self._train)
        inputs, targets = (whole[0], whole[1]) if whole else (self.probe.inputs if self.probe else None, target)
        record = static(self._model, self._optimizer, self._criterion, self._groups)
        record |= {
            "batch_size": kept.rows,
            "n_train": _rows_of(self._train),
            "steps_per_epoch": _length(self._train),
            "input": look.about(inputs),
            "target": look.about_target(targets, tuple(target.shape) if target is not None else (), facts.classes),
            "out_shape": list(output.shape) if output is not None else None,
        }
        self.folder.live({"type": "static", **record})

    def _meta(self, facts: Facts, rows: int) -> dict[str, Any]:
        usual = "mae" if facts.task in LOWER else "accuracy" if facts.task else None
        return {
            "task_type": facts.task,
            "num_classes": facts.classes,
            "metric": getattr(self._metric, "__name__", "metric") if self._metric else usual,
            "metric_mode": self._metric_mode if self._metric else "min" if facts.task in LOWER else "max",
            "batch_size": getattr(self._train, "batch_size", None) or rows,
            "n_train": _rows_of(self._train),
            "optimizer": type(self._optimizer).__name__.lower() if self._optimizer is not None else None,
            "planned_epochs": self._planned,
            "recorded": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }


def _held(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else float(value)


def _rows(rows: int | None, target: Tensor | None, output: Tensor | None) -> int:
    if rows is not None:
        return int(rows)
    known = target if target is not None and target.ndim else output
    return known.size(0) if known is not None and known.ndim else 1


def _weight(weight: Tensor | float | None, rows: int) -> Any:
    if weight is None:
        return float(rows)
    return weight.detach().sum() if isinstance(weight, Tensor) else float(weight)


def _length(loader: Any) -> int | None:
    try:
        return len(loader)
    except TypeError:  # an iterable without an end, or none at all
        return None


def _rows_of(loader: Any) -> int | None:
    return _length(getattr(loader, "dataset", None))
