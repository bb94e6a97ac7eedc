"""Trains candidates side by side: on several splits, at several learning rates.

On a split they share initial weights and, with the same sampling, batches. Candidates, splits and rates in, one
`Fitted` out for each combination: the weights of its best epoch by the user's metric, its decision rule tuned on the
validation rows, and its history. One that diverges ends alone, and the company makes no difference to anyone's result
but in rounding.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate

import torch
from torch import Generator, Tensor

from lossmith.metric import ChosenMetric
from lossmith.training.arm import Arm
from lossmith.training.fitted import Features, Fitted, Split
from lossmith.training.network import StackedMLP
from lossmith.training.objective import Objective
from lossmith.training.optimiser import BlockAdamW, one_cycle
from lossmith.training.problem import Candidate
from lossmith.training.sampling import Stream
from lossmith.training.settings import Settings


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


def train(
    candidates: Sequence[Candidate],
    split: Split,
    metric: ChosenMetric,
    settings: Settings,
    rates: Sequence[float],
    seed: int,
    deadline: float = math.inf,
) -> list[Fitted]:
    """Train `candidates` side by side on one split; see `train_together`."""
    return train_together(candidates, [split], metric, settings, rates, [seed], deadline)[0]


def train_together(
    candidates: Sequence[Candidate],
    splits: Sequence[Split],
    metric: ChosenMetric,
    settings: Settings,
    rates: Sequence[float],
    seeds: Sequence[int],
    deadline: float = math.inf,
) -> list[list[Fitted]]:
    """Train every candidate on every split at every rate, as one stack of networks.

    Args:
        candidates: each with its loss, link and decision rule.
        splits: training and validation rows; all with the same schedule (`Settings.schedule`).
        metric: chooses the best epoch and tunes the decision rule.
        settings: network, schedule, batch size.
        rates: peak learning rates.
        seeds: one per split: initial weights and batch order, the same for every candidate.
        deadline: `time.time()` at which to give up.

    Returns:
        For each split, one result per candidate and rate: all rates of the first candidate, then those of the next.

    Raises:
        OutOfTimeError: the deadline passed.
        ValueError: the splits' schedules differ.
    """
    began = time.perf_counter()
    stack = _Stack(candidates, splits, metric, settings, rates, seeds)
    for epoch, losses in stack.epochs():
        if time.time() > deadline:
            raise OutOfTimeError
        stack.validate(epoch, losses)
    seconds = (time.perf_counter() - began) / len(stack.arms)
    fitted = {key: arm.fitted(settings, seconds) for key, arm in stack.arms.items()}
    pairs = [(candidate, rate) for candidate in range(len(candidates)) for rate in range(len(rates))]
    return [[fitted[rate, candidate, place] for candidate, rate in pairs] for place in range(len(splits))]


class _Stack:
    """Networks of all combinations; those of one rate lie together."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        splits: Sequence[Split],
        metric: ChosenMetric,
        settings: Settings,
        rates: Sequence[float],
        seeds: Sequence[int],
    ) -> None:
        schedules = {settings.schedule(split.pace) for split in splits}
        if len(schedules) != 1:
            raise ValueError(f"Splits trained together should have one schedule. Found {len(schedules)}.")
        self.settings, (self.schedule,) = settings, schedules
        self.scored = set(settings.scored(splits[0].pace))
        self.arms = {
            (rate_place, candidate_place, place): Arm(candidate, split, metric, rate)
            for rate_place, rate in enumerate(rates)
            for candidate_place, candidate in enumerate(candidates)
            for place, split in enumerate(splits)
        }
        self.running = list(self.arms)
        features = max(split.x_train.shape[1] for split in splits)
        outputs = max(arm.link.outputs for arm in self.arms.values())
        self.x = torch.cat([_padded(split.x_train, features) for split in splits])
        self.x_valid = [_padded(split.x_valid, features) for split in splits]
        firsts = [0, *accumulate(len(split.y_train) for split in splits)]
        ways = dict.fromkeys((candidate.sampling, place) for candidate in candidates for place in range(len(splits)))
        self.streams = {(way, place): Stream(splits[place], way, seeds[place]) for way, place in ways}
        self.firsts = torch.tensor([firsts[place] for _, place in ways])[:, None]
        self.network = StackedMLP(
            len(self.arms), features, settings.hidden, outputs, self.x.dtype, residual=settings.residual
        )
        for place, (split, seed) in enumerate(zip(splits, seeds, strict=True)):
            copies = [copy for copy, key in enumerate(self.running) if key[2] == place]
            self.network.initialise(copies, split.x_train.shape[1], Generator().manual_seed(seed))
        self._arrange(0)

    def _arrange(self, taken: int) -> None:
        """Set the optimiser and the objective up for the copies that are running."""
        rates = [self.arms[key].rate for key in self.running]
        self.optimiser = BlockAdamW(self.network, rates, self.settings.weight_decay, taken)
        places = {way: place for place, way in enumerate(self.streams)}
        streams = [places[self.arms[key].candidate.sampling, key[2]] for key in self.running]
        keys = [(rate, candidate, stream) for (rate, candidate, _), stream in zip(self.running, streams, strict=True)]
        self.objective = Objective([self.arms[key] for key in self.running], keys)
        self.places = torch.tensor(streams)

    def epochs(self) -> Iterator[tuple[int, list[float]]]:
        """Train, yielding number and mean losses of each epoch to be scored."""
        batch, batches, epochs = self.schedule
        parts = iter(one_cycle(batches * epochs))
        for epoch in range(1, epochs + 1):
            order = self._order(batch, batches)
            self.objective.begin(order, recorded=epoch in self.scored)
            for number, rows in enumerate(order + self.firsts):
                self.network.backward(self.objective.gradient(self.network(self._shared(self.x[rows])), number))
                self.optimiser.step(next(parts))
            if epoch in self.scored:
                yield epoch, self.objective.losses()
            if not self.running:
                return

    def validate(self, epoch: int, losses: Sequence[float]) -> None:
        """Score every copy on its validation rows; keep weights that are the best yet."""
        alive = []
        for copy, (key, loss) in enumerate(zip(self.running, losses, strict=True)):
            arm, output = self.arms[key], self.network.output(copy, self.x_valid[key[2]])
            arm.epochs.append(epoch)
            arm.train_curve.append(loss)
            if arm.validate(output, epoch):
                arm.state = self.network.copy_state(copy, arm.split.x_train.shape[1])
            if math.isfinite(loss) or torch.isfinite(output).all():
                alive.append(copy)
        if len(alive) < len(self.running):
            self._keep(alive)

    def _keep(self, copies: Sequence[int]) -> None:
        """Go on without the rest: weights that are no longer numbers stay so."""
        self.running = [self.running[copy] for copy in copies]
        if self.running:
            self.network.keep(copies)
            self._arrange(self.optimiser.taken)

    def _order(self, batch: int, batches: int) -> Tensor:
        """Draw an epoch's rows of every stream: (batches, streams, batch)."""
        orders = [stream.epoch(batches * batch).view(batches, batch) for stream in self.streams.values()]
        return torch.stack(orders, dim=1)

    def _shared(self, x: Tensor) -> Tensor:
        """Hand each copy the batch of its stream (streams, n, f); of one, without a copy."""
        return x.expand(len(self.running), -1, -1) if len(x) == 1 else x.index_select(0, self.places)


def _padded(x: Features, features: int) -> Tensor:
    """Return x with columns of zeros up to `features`.

    Folds may know different categories.
    """
    values = torch.from_numpy(x)
    return torch.nn.functional.pad(values, (0, features - values.shape[1]))
