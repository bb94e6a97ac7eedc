"""Trains candidates side by side on one split.

They share initial weights, batches and learning rate. Candidates in, one `Fitted` out for each: the weights of its best
epoch by the user's metric, its decision rule tuned on the validation rows, and its history. A candidate that diverges
ends alone; the others do not notice.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossmith import registry
from lossmith.criterion import Criterion
from lossmith.metric import ChosenMetric
from lossmith.training import decision
from lossmith.training.links import Link, fit_link
from lossmith.training.network import StackedMLP
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

Array = NDArray[Any]
Features = NDArray[np.floating[Any]]


@contextmanager
def single_thread() -> Iterator[None]:
    """Train on one thread, then give the caller's threads back.

    On small networks more threads only wait.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class OutOfTimeError(Exception):
    """The budget ended while a group was training; what it had done does not count."""


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to choose by, as numbers.

    Training runs in the precision of `x_train`.
    """

    x_train: Features
    y_train: Array
    x_valid: Features
    y_valid: Array
    classes: int = 0


@dataclass(frozen=True)
class Fitted:
    """One candidate, trained."""

    candidate: Candidate
    learning_rate: float
    link: Link
    rule_params: dict[str, Any]
    state: list[Tensor]
    hidden: tuple[int, ...]
    valid_score: float
    """NaN when the candidate never gave a finite score; then `error` says why."""
    best_epoch: int
    seconds: float
    epochs: list[int] = field(default_factory=list)
    """After which the curves were written."""
    train_curve: list[float] = field(default_factory=list)
    valid_curve: list[float] = field(default_factory=list)
    error: str = ""

    def predict(self, x: Features) -> Array:
        """Return predictions in the target's unit, or probabilities (n, classes).

        The decision rule comes after.
        """
        outputs, dtype = self.state[-1].shape[-1], self.state[0].dtype
        network = StackedMLP(1, x.shape[1], self.hidden, outputs, torch.Generator(), dtype)
        network.load_copy(0, self.state)
        with torch.no_grad():
            return self.link.inverse(network(torch.from_numpy(x))[0])

    def decide(self, x: Features) -> Array:
        """Return what the metric takes."""
        return decision.decide(self.candidate.rule, self.predict(x), self.rule_params)


class _Arm:
    """One candidate in training: what its loss sees, and the best it has been."""

    def __init__(self, candidate: Candidate, split: Split, metric: ChosenMetric) -> None:
        self.candidate, self.metric, self.split = candidate, metric, split
        self.criterion: Criterion = registry.load(candidate.loss, **candidate.params)
        self.link = fit_link(
            candidate.link, split.y_train, self.criterion.card(), self.criterion.hyperparameters, split.classes
        )
        self.target = self.link.target(split.y_train, torch.from_numpy(split.x_train[:0]).dtype)
        self.best_error, self.best_epoch, self.score = math.inf, 0, math.nan
        self.rule_params: dict[str, Any] = dict(candidate.rule_params)
        self.state: list[Tensor] | None = None
        self.epochs: list[int] = []
        self.train_curve: list[float] = []
        self.valid_curve: list[float] = []
        self.error = ""

    def loss(self, output: Tensor, rows: Tensor) -> Tensor:
        """Return the mean loss of one batch."""
        value: Tensor = self.criterion(self.link.seen(output), self.target[rows])
        return value

    def validate(self, output: Tensor, epoch: int) -> bool:
        """Score the validation rows; return whether this epoch is the best so far."""
        prediction = self.link.inverse(output)
        if not np.isfinite(prediction).all():
            self.error = self.error or f"the network's output was not finite after epoch {epoch}"
            self.valid_curve.append(math.nan)
            return False
        rule_params, score = decision.tune(
            self.candidate.rule, prediction, self.split.y_valid, self.metric, self.candidate.rule_params
        )
        self.valid_curve.append(score)
        error = self.metric.error(score)
        if not error < self.best_error:
            return False
        self.best_error, self.best_epoch, self.score, self.rule_params = error, epoch, score, rule_params
        return True

    def fitted(self, network: StackedMLP, copy: int, rate: float, hidden: tuple[int, ...], seconds: float) -> Fitted:
        failed = "" if self.state is not None else self.error or "the metric was never a number"
        return Fitted(
            self.candidate, rate, self.link, self.rule_params, self.state or network.copy_state(copy), hidden,
            self.score, self.best_epoch, seconds, self.epochs, self.train_curve, self.valid_curve, failed,
        )  # fmt: skip


def train(
    candidates: Sequence[Candidate],
    split: Split,
    metric: ChosenMetric,
    settings: Settings,
    rate: float,
    seed: int,
    deadline: float = math.inf,
) -> list[Fitted]:
    """Train `candidates` side by side.

    Args:
        candidates: each with its loss, link and decision rule.
        split: training and validation rows.
        metric: chooses the best epoch and tunes the decision rule.
        settings: network, schedule, batch size.
        rate: peak learning rate.
        seed: initial weights and batch order, the same for every candidate.
        deadline: `time.time()` at which to give up.

    Raises:
        OutOfTimeError: the deadline passed.
    """
    began = time.perf_counter()
    arms = [_Arm(candidate, split, metric) for candidate in candidates]
    generator = torch.Generator().manual_seed(seed)
    outputs = max(arm.link.outputs for arm in arms)
    x_train, x_valid = torch.from_numpy(split.x_train), torch.from_numpy(split.x_valid)
    network = StackedMLP(len(arms), x_train.shape[1], settings.hidden, outputs, generator, x_train.dtype)
    for epoch, mean_losses in _epochs(network, arms, x_train, settings, rate, generator):
        if time.time() > deadline:
            raise OutOfTimeError
        with torch.no_grad():
            output = network(x_valid)
        for copy, arm in enumerate(arms):
            arm.epochs.append(epoch)
            arm.train_curve.append(mean_losses[copy])
            if arm.validate(output[copy], epoch):
                arm.state = network.copy_state(copy)
    seconds = (time.perf_counter() - began) / len(arms)
    return [arm.fitted(network, copy, rate, settings.hidden, seconds) for copy, arm in enumerate(arms)]


def _epochs(
    network: StackedMLP, arms: list[_Arm], x: Tensor, settings: Settings, rate: float, generator: torch.Generator
) -> Iterator[tuple[int, list[float]]]:
    """Train, yielding the number and each arm's mean loss of every epoch to score."""
    batch = settings.batch_size(len(x))
    batches, epochs = max(1, len(x) // batch), settings.epochs(len(x))
    optimiser = torch.optim.AdamW(
        [
            {"params": [network.flat_weights], "weight_decay": settings.weight_decay},
            {"params": [network.flat_biases], "weight_decay": 0.0},
        ],
        lr=rate,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=batches * epochs, pct_start=0.1, cycle_momentum=False
    )
    scored = set(settings.scored(len(x)))
    for epoch in range(1, epochs + 1):
        order = torch.randperm(len(x), generator=generator)
        total = torch.zeros(len(arms), dtype=x.dtype)
        for rows in order[: batches * batch].view(batches, batch):
            output = network(x[rows]).detach().requires_grad_()
            losses = torch.stack([arm.loss(out, rows) for arm, out in zip(arms, output.unbind(0), strict=True)])
            (gradient,) = torch.autograd.grad(losses.sum(), output)
            network.backward(gradient)
            optimiser.step()
            schedule.step()
            total += losses.detach()
        if epoch in scored:
            yield epoch, (total / batches).tolist()
