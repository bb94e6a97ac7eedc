"""Looks inside the network at chosen steps, and is not there at all others.

The optimiser's hooks tell when a step is made. Only for a sampled step are weights copied and modules hooked.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lossmith.training.recording import activations, batch, layers
from lossmith.training.recording.schedule import Schedule

TARGETS_KEPT = 12
SMALL = 100_000


class Probe:
    """Measures gradients, steps, activations and predictions at sampled steps.

    Args:
        model: looked at, never changed.
        groups: parameters by layer.
        criterion: whose loss by row is looked at, where it can be told not to reduce.
        schedule: which steps to sample.
        step: the last step that was made.
    """

    def __init__(self, model: nn.Module, groups: layers.Layers, criterion: Any, schedule: Schedule, step: int) -> None:
        self._model, self._groups, self._schedule, self._step = model, groups, schedule, step
        self._stride = layers.stride_of(groups)
        self._by_row = batch.by_row(criterion)
        self._targets: deque[Tensor] = deque(maxlen=TARGETS_KEPT)
        self._before: dict[str, Tensor] = {}
        self._gradient: Tensor | None = None
        self._found: dict[str, Any] | None = None
        self._watch: activations.Watch | None = None
        self._await(step + 1)

    @property
    def sampling(self) -> bool:
        """Whether the step that comes, or was just made, is sampled."""
        return self._watch is not None

    def before_update(self, *_: Any) -> None:
        """Keep the weights, just before the optimiser's step."""
        if self.sampling:
            began = time.perf_counter()
            self._before = {
                name: layers.thinned(list(weights), weights, self._stride) for name, weights in self._groups.items()
            }
            self._schedule.spent(time.perf_counter() - began)

    def after_update(self, *_: Any) -> None:
        """Measure gradients and step, just after it."""
        self._step += 1
        if self._watch is None and self._step + 1 < self._schedule.next:
            return  # nothing to see for a while: this is all that most steps cost
        began = time.perf_counter()
        if self.sampling:
            numbers, gradient = layers.measure(self._groups, self._before, self._stride)
            self._found = {
                "grad_norm": sum(row["gnorm"] ** 2 for row in numbers.values()) ** 0.5,
                "grad_cos_prev": layers.agreement(gradient, self._gradient),
                "layers": numbers,
            }
            self._before, self._gradient = {}, gradient
            self._schedule.spent(time.perf_counter() - began)
        elif self._schedule.due(self._step + 1):
            self._keep_gradient()
            self._await(self._step + 1)
            self._schedule.spent(time.perf_counter() - began)

    def saw(self, target: Tensor | None) -> None:
        """Remember the targets of a batch, for the order that they come in."""
        soon = self._step + TARGETS_KEPT >= self._schedule.next
        if soon and target is not None and target.numel() <= SMALL:
            self._targets.append(target.detach())

    def take(self, output: Tensor | None, target: Tensor | None, facts: "Facts") -> dict[str, Any] | None:
        """Return what was seen at a sampled step, or nothing at all others."""
        if self._found is None or self._watch is None:
            return None
        began = time.perf_counter()
        output = self._watch.output if output is None else output
        found = {**self._found, "acts": activations.measure(self._watch.activations)}
        if output is not None and output.numel():
            found["out"] = batch.about_output(output)
            found |= self._of_rows(output, target, facts)
        found["param_finite"] = min((row["finite"] for row in self._found["layers"].values()), default=1.0)
        self._watch.stop()
        self._watch, self._found = None, None
        self._schedule.spent(time.perf_counter() - began)
        self._schedule.took(self._step)
        self._await(self._step + 1)
        if not self.sampling:
            self._gradient = None
        return found

    @property
    def inputs(self) -> Tensor | None:
        """The last batch that went into the network while it was looked at."""
        return self._watch.input if self._watch else None

    @property
    def output(self) -> Tensor | None:
        """What the network put out while it was looked at."""
        return self._watch.output if self._watch else None

    def stop(self) -> None:
        """Take every hook off the network."""
        if self._watch:
            self._watch.stop()

    def _await(self, step: int) -> None:
        if self._watch is None and self._schedule.due(step):
            self._watch = activations.Watch(self._model)

    def _keep_gradient(self) -> None:
        parts = [layers.thinned([w.grad for w in group], group, self._stride) for group in self._groups.values()]
        self._gradient = torch.cat(parts)

    def _of_rows(self, output: Tensor, target: Tensor | None, facts: "Facts") -> dict[str, Any]:
        """Return what needs the targets beside the predictions."""
        if target is None:
            return {}
        quantiles = batch.spread(self._by_row, output, target)
        labels = batch.histogram(target, facts.classes)
        means = torch.stack([kept.float().mean() for kept in self._targets]).tolist() if self._targets else []
        found: dict[str, Any] = {"sample_loss_q": quantiles} if quantiles else {}
        found |= {"batch_label_entropy": batch.entropy(labels), "batch_target_means": means}
        predicted = batch.classes_of(output, facts.task, facts.sigmoid)
        if labels is not None and predicted is not None:
            found |= {"pred_hist": batch.histogram(predicted, facts.classes), "label_hist": labels}
        return found


class Facts:
    """What the first batch tells of the task.

    Attributes:
        task: `classification`, `binary_classification`, `multilabel`, `regression`, or nothing where it is not known.
        classes: how many, where there are classes.
        sigmoid: whether the outputs are probabilities, no logits.
    """

    def __init__(self, output: Tensor | None, target: Tensor | None, criterion: Any, task: str | None = None) -> None:
        found, self.classes = batch.task_of(output, target, criterion)
        self.task = task or found
        self.sigmoid = type(criterion).__name__ == "BCELoss"


def static(model: nn.Module, optimizer: Any, criterion: Any, groups: layers.Layers) -> dict[str, Any]:
    """Return what does not change while training."""
    modules = dict(model.named_modules())
    kinds = [kind for module in modules.values() if (kind := activations.kind_of(module))]
    rates = [module.p for module in modules.values() if isinstance(module, nn.modules.dropout._DropoutNd)]
    name = type(criterion).__name__ if isinstance(criterion, nn.Module) else getattr(criterion, "__name__", "custom")
    return {
        "criterion": name,
        **layers.settings_of(optimizer),
        "reduction": getattr(criterion, "reduction", None),
        "layer_types": [[name, type(modules[name]).__name__] for name in groups if name in modules],
        "act_kinds": kinds,
        "n_params": sum(weight.numel() for group in groups.values() for weight in group),
        "dropout": max(rates, default=0.0),
    }


def whole_of(loader: Any) -> Sequence[Tensor]:
    """Return a dataset's inputs and targets, where it holds them as tensors."""
    tensors = getattr(getattr(loader, "dataset", None), "tensors", ())
    return tensors if len(tensors) >= 2 and all(isinstance(tensor, Tensor) for tensor in tensors) else ()
