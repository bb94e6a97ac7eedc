"""What one training needs: data, a network's shape, a recipe."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

Rows = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Net:
    """A network's shape; every task builds its own from it.

    Attributes:
        width: units in a hidden layer.
        depth: hidden layers of the dense part.
        activation: relu, leaky, tanh, sigmoid or gelu.
        dropout: share of hidden units dropped in training.
        skip: whether blocks have residual connections, where the task has any.
        norm: whether layers are normalised, where the task does so.
        gain: factor on the weights before the head, at the start.
        shift: constant added to the biases before the head, at the start.
    """

    width: int = 32
    depth: int = 2
    activation: str = "relu"
    dropout: float = 0.0
    skip: bool = True
    norm: bool = True
    gain: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes:
        net: the network's shape.
        loss: a key of `losses.LOSSES`.
        optimizer: sgd, sgdm, adam, adamw or rmsprop.
        lr: learning rate before the schedule.
        batch: rows in a step.
        epochs: passes over the training rows.
        schedule: constant, cosine, step, warmup, onecycle or early (decayed to nothing within the first epoch).
        weight_decay: the optimiser's own.
        total: whether the loss is summed over the batch, not averaged.
        clip: largest norm of the whole gradient, None for no limit.
        reset: whether gradients are reset before each step.
        shuffle: whether rows come in a new order each epoch.
        frozen: all, body, head_bias_only or nothing.
        broken: log_zero or sqrt_zero: a term that is not a number, added to the loss.
    """

    net: Net
    loss: str
    optimizer: str
    lr: float
    batch: int = 32
    epochs: int = 12
    schedule: str = "constant"
    weight_decay: float = 0.0
    total: bool = False
    clip: float | None = None
    reset: bool = True
    shuffle: bool = True
    frozen: str = ""
    broken: str = ""


@dataclass(frozen=True)
class Data:
    """Rows to train, validate and test on. The test rows stay clean whatever the fault."""

    train: Rows
    validation: Rows
    test: Rows

    def inputs(self, change: Callable[[Tensor], Tensor]) -> "Data":
        """Change the inputs of all three: a network tested on other inputs than it learned from would prove nothing."""
        return Data(*((change(x), y) for x, y in (self.train, self.validation, self.test)))

    def labels(self, change: Callable[[Tensor], Tensor]) -> "Data":
        """Change what is learned and validated, not what is tested."""
        (x, y), (xv, yv) = self.train, self.validation
        return Data((x, change(y)), (xv, change(yv)), self.test)


@dataclass(frozen=True)
class Task:
    """Data, architecture and recipe under one name.

    Attributes:
        name: the task's name in truth.json.
        kind: classes, binary, regression, counts, multilabel, pixels, ctc or bandit.
        task_type: what meta.json says.
        metric: the metric's name there.
        draw: draws rows: a seed for the task's law, a generator for the rows, how many.
        build: builds the network: a shape, one batch of inputs, outputs.
        recipe: how the healthy control is trained.
        outputs: columns of the network's output.
        rows: training rows.
        flat: whether inputs are flattened before statistics by feature, else the last axis holds the features.
        faults: the faults that make sense.
        healthy: variants of healthy runs that make sense.
    """

    name: str
    kind: str
    task_type: str
    metric: str
    draw: Callable[[int, torch.Generator, int], Rows]
    build: Callable[[Net, Tensor, int], nn.Module]
    recipe: Recipe
    outputs: int
    rows: int = 800
    flat: bool = True
    faults: tuple[str, ...] = ()
    healthy: tuple[str, ...] = ()

    @property
    def classes(self) -> int | None:
        """Return how many classes or labels there are, None where there are none."""
        return {"binary": 2, "classes": self.outputs, "multilabel": self.outputs}.get(self.kind)

    def data(self, seed: int) -> Data:
        """Draw all rows of a seed."""
        parts = []
        for offset, rows in enumerate((self.rows, 300, 1200)):
            parts.append(self.draw(seed, torch.Generator().manual_seed(1000 * seed + offset), rows))
        return Data(*parts)


@dataclass(frozen=True)
class Trained:
    """What came out of one training.

    Attributes:
        score: on clean test rows, 0 for what needs no input and 1 for perfect.
        lines: the recorder's lines, static first.
        rows: the log's rows.
        nan_step: the first step whose loss was not a number.
        seconds: time it took.
    """

    score: float
    lines: list[dict[str, Any]] = field(repr=False)
    rows: list[dict[str, Any]] = field(repr=False)
    nan_step: int | None
    seconds: float
