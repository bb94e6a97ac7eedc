"""Trains candidates on one fold of the user's examples.

All start from the same weights and see the same batches.

As with a table, each keeps the weights of its best epoch by the user's metric, with its decision rule tuned on the
validation examples. Each batch is read once, for all candidates.
"""

import copy
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call

from lossmith.metric import ChosenMetric
from lossmith.training.arm import Arm, OwnLoss
from lossmith.training.engine import OutOfTimeError
from lossmith.training.fitted import Array, Features, Fitted, Split
from lossmith.training.links import Anchor
from lossmith.training.own.examples import Examples, Inputs, Places
from lossmith.training.own.factory import Factory, fresh, seeded, shaped
from lossmith.training.own.losses import on_device
from lossmith.training.own.settings import OwnSettings
from lossmith.training.own.stacks import Apart, Copies, Course, State, Together
from lossmith.training.problem import Candidate
from lossmith.training.sampling import ORDER

TIMED = 5
"""Steps taken to see how long one lasts; the first does not count."""
LARGE_BATCH = 512
"""Examples at a time where nothing is learned from them."""


@dataclass(frozen=True)
class Sources:
    """What the user brought: a factory, examples and losses of their own."""

    model: Factory
    examples: Examples
    losses: Mapping[str, OwnLoss] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained(Fitted):
    """One candidate, trained: `Fitted` whose features are places in the dataset."""

    module: nn.Module = field(default_factory=nn.Module)
    weights: Mapping[str, Tensor] = field(default_factory=dict)
    examples: Examples = field(default_factory=lambda: Examples(()))
    device: str = "cpu"

    def predict(self, x: Features, anchor: Anchor | None = None) -> Array:
        """Return predictions in the target's unit, or probabilities (n, classes).

        They are as the module gives them, before the decision rule. Examples have no anchor. What a dataset draws at
        random as it is read, it draws the same for every candidate.
        """
        with seeded(0):
            batches = self.examples.batches(_in_order(places(x)))
            return np.concatenate([self.predict_batch(inputs) for inputs in batches])

    def predict_batch(self, inputs: Inputs) -> Array:
        """Return the same for one batch of inputs."""
        output = evaluated(self.module, dict(self.weights), inputs.to(torch.device(self.device)))
        return self.link.inverse(shaped(output, self.link).cpu())


def column(places: Places) -> Features:
    """Return places in the dataset as the one feature of a split."""
    return places[:, None].astype(np.float64)


def places(x: Features) -> Places:
    """Return the places that `column` wrote."""
    return x[:, 0].astype(np.int64)


def train_modules(
    candidates: Sequence[Candidate],
    split: Split,
    metric: ChosenMetric,
    sources: Sources,
    settings: OwnSettings,
    rate: float,
    seed: int,
    deadline: float,
) -> list[Trained]:
    """Train every candidate on one split at one learning rate.

    Args:
        candidates: each with its loss, link and decision rule.
        split: its features are places in the dataset, see `column`.
        metric: chooses the best epoch and tunes the decision rule.
        sources: the factory, the dataset, and losses of the user's own.
        settings: schedule, device and precision.
        rate: peak learning rate.
        seed: initial weights, batch order, dropout masks.
        deadline: `time.time()` at which to give up.

    Raises:
        OutOfTimeError: the deadline passed.
    """
    began = time.perf_counter()
    with seeded(seed):
        race = _Race(candidates, split, metric, sources, settings, rate, seed)
        race.run(deadline)
    seconds = (time.perf_counter() - began) / len(candidates)
    return race.trained(seconds)


def step_seconds(
    candidates: Sequence[Candidate], split: Split, metric: ChosenMetric, sources: Sources, settings: OwnSettings
) -> float:
    """Return the seconds that a step of all candidates takes here, reading included.

    A foreign module's cost cannot be told from its shape, so that this is timed: the median of a few steps.
    """
    with seeded(0):
        race = _Race(candidates, split, metric, sources, settings, settings.learning_rate, seed=0)
        rows = [race.learn[: race.batch]] * TIMED
        times = [time.perf_counter()]
        for inputs in sources.examples.batches(rows):
            race._step(0, rows[0], inputs)
            times.append(time.perf_counter())
    return float(np.median(np.diff(times)[1:]))


class _Race:
    """All candidates on one split."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        split: Split,
        metric: ChosenMetric,
        sources: Sources,
        settings: OwnSettings,
        rate: float,
        seed: int,
    ) -> None:
        self.split, self.sources, self.settings, self.seed = split, sources, settings, seed
        self.device = torch.device(settings.device)
        own = on_device(sources.losses, self.device)
        self.arms = [Arm(candidate, split, metric, rate, own.get(candidate.loss)) for candidate in candidates]
        self.losses: list[OwnLoss] = [own.get(arm.candidate.loss) or arm.criterion.to(self.device) for arm in self.arms]
        self.targets = [arm.target.to(self.device) for arm in self.arms]
        self.learn = places(split.x_train)
        self.batch, self.batches, self.epochs = settings.schedule(len(self.learn))
        first = next(sources.examples.batches([self.learn[: self.batch]]))
        self.module = fresh(sources.model, seed, self.device, first)
        course = Course(rate, self.batches * self.epochs, settings, self.device)
        self.copies: Copies = (Together if settings.together else Apart)(self.module, len(self.arms), course)
        self.best: list[State] = [{} for _ in self.arms]

    def run(self, deadline: float) -> None:
        """Train all epochs, scoring the validation examples after some."""
        scored, nothing = set(self.settings.scored(len(self.learn))), torch.zeros(len(self.arms), dtype=torch.float64)
        total = nothing
        orders = list(self._orders())
        for step, inputs in enumerate(self.sources.examples.batches(orders)):
            if time.time() > deadline:
                raise OutOfTimeError
            total = total + self._step(step, orders[step], inputs).cpu()
            epoch, left = divmod(step + 1, self.batches)
            if not left and epoch in scored:
                self._validate(epoch, (total / self.batches).tolist())
            if not left:
                total = nothing

    def trained(self, seconds: float) -> list[Trained]:
        """Return what training came to."""
        found = []
        for arm, weights in zip(self.arms, self.best, strict=True):
            fitted = arm.fitted(self.settings, seconds)
            found.append(Trained(**vars(fitted), module=self.module, weights=weights,
                                 examples=self.sources.examples, device=self.settings.device))  # fmt: skip
        return found

    def _orders(self) -> Iterator[Places]:
        """Draw the places of every batch of every epoch."""
        generator = Generator().manual_seed(self.seed + ORDER)
        for _ in range(self.epochs):
            order = torch.randperm(len(self.learn), generator=generator)[: self.batches * self.batch]
            yield from (self.learn[part.numpy()] for part in torch.split(order, self.batch))

    def _step(self, step: int, rows: Places, inputs: Inputs) -> Tensor:
        at = torch.from_numpy(np.searchsorted(self.learn, rows)).to(self.device)

        def loss_of(number: int, output: Tensor) -> Tensor:
            arm = self.arms[number]
            seen = arm.link.seen(shaped(output, arm.link))
            target = self.targets[number][at]
            value = self.losses[number](seen, target.to(seen.dtype) if target.is_floating_point() else target)
            return value.mean()

        return self.copies.step(inputs.to(self.device), loss_of, self.seed + step)

    def _validate(self, epoch: int, losses: Sequence[float]) -> None:
        """Score every candidate; keep weights that are the best yet."""
        states = [self.copies.state(number) for number in range(len(self.arms))]
        outputs: list[list[Tensor]] = [[] for _ in self.arms]
        for inputs in self.sources.examples.batches(_in_order(places(self.split.x_valid))):
            moved = inputs.to(self.device)
            for number, arm in enumerate(self.arms):
                outputs[number].append(shaped(evaluated(self.module, states[number], moved), arm.link).cpu())
        for number, arm in enumerate(self.arms):
            arm.epochs.append(epoch)
            arm.train_curve.append(losses[number])
            if arm.validate(torch.cat(outputs[number]), epoch):
                self.best[number], arm.state = states[number], []


def evaluated(module: nn.Module, weights: State, inputs: Inputs) -> Tensor:
    """Return the output of a module in evaluation, with other weights than its own."""
    mode = module.training
    with torch.no_grad():
        output: Tensor = functional_call(module.eval(), weights, inputs.args, dict(inputs.kwargs or {}))
    module.train(mode)
    return output


def alone(module: nn.Module, weights: State) -> nn.Module:
    """Return a module of its own with these weights, ready to predict."""
    own = copy.deepcopy(module)
    with torch.no_grad():
        for name, value in {**dict(own.named_parameters()), **dict(own.named_buffers())}.items():
            value.copy_(weights[name])
    return own.eval()


def _in_order(rows: Places) -> Iterator[Places]:
    return (rows[start : start + LARGE_BATCH] for start in range(0, len(rows), LARGE_BATCH))
