"""Trains candidates side by side, on one split or on several.

On a split they share initial weights, batches and learning rate. Candidates and splits in, one `Fitted` out for each
pair: the weights of its best epoch by the user's metric, its decision rule tuned on the validation rows, and its
history. A pair that diverges ends alone, and the company makes no difference to anyone's result but in rounding.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Generator, Tensor

from lossmith.metric import ChosenMetric
from lossmith.training.arm import Arm
from lossmith.training.fitted import Features, Fitted, Split
from lossmith.training.network import StackedMLP
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

ORDER = 2**32
"""Added to a seed, gives the batch order a stream of its own: it must not hang on how many weights were drawn."""


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
    rate: float,
    seed: int,
    deadline: float = math.inf,
) -> list[Fitted]:
    """Train `candidates` side by side on one split; see `train_together`."""
    return train_together(candidates, [split], metric, settings, rate, [seed], deadline)[0]


def train_together(
    candidates: Sequence[Candidate],
    splits: Sequence[Split],
    metric: ChosenMetric,
    settings: Settings,
    rate: float,
    seeds: Sequence[int],
    deadline: float = math.inf,
) -> list[list[Fitted]]:
    """Train every candidate on every split, as one stack of networks.

    Args:
        candidates: each with its loss, link and decision rule.
        splits: training and validation rows; all with the same schedule (`Settings.schedule`).
        metric: chooses the best epoch and tunes the decision rule.
        settings: network, schedule, batch size.
        rate: peak learning rate.
        seeds: one per split: initial weights and batch order, the same for every candidate.
        deadline: `time.time()` at which to give up.

    Returns:
        For each split, one result per candidate.

    Raises:
        OutOfTimeError: the deadline passed.
        ValueError: the splits' schedules differ.
    """
    began = time.perf_counter()
    stack = _Stack(candidates, splits, metric, settings, seeds)
    for epoch, losses in stack.epochs(rate):
        if time.time() > deadline:
            raise OutOfTimeError
        stack.validate(epoch, losses)
    seconds = (time.perf_counter() - began) / len(stack.arms)
    fitted = [arm.fitted(rate, settings.hidden, seconds) for arm in stack.arms]
    return [fitted[place :: len(splits)] for place in range(len(splits))]


class _Stack:
    """Networks of all pairs; those of one candidate lie together, one per split."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        splits: Sequence[Split],
        metric: ChosenMetric,
        settings: Settings,
        seeds: Sequence[int],
    ) -> None:
        self.settings, self.count = settings, len(splits)
        schedules = {settings.schedule(len(split.y_train)) for split in splits}
        if len(schedules) != 1:
            raise ValueError(f"Splits trained together should have one schedule. Found {len(schedules)}.")
        (self.schedule,) = schedules
        self.scored = set(settings.scored(len(splits[0].y_train)))
        self.arms = [Arm(candidate, split, metric) for candidate in candidates for split in splits]
        self.orders = [Generator().manual_seed(seed + ORDER) for seed in seeds]
        features = max(split.x_train.shape[1] for split in splits)
        outputs = max(arm.link.outputs for arm in self.arms)
        self.x = [_padded(split.x_train, features) for split in splits]
        self.x_valid = [_padded(split.x_valid, features) for split in splits]
        self.network = StackedMLP(len(self.arms), features, settings.hidden, outputs, self.x[0].dtype)
        for place, (split, seed) in enumerate(zip(splits, seeds, strict=True)):
            generator = Generator().manual_seed(seed)
            self.network.initialise(range(place, len(self.arms), self.count), split.x_train.shape[1], generator)

    def epochs(self, rate: float) -> Iterator[tuple[int, list[float]]]:
        """Train, yielding number and mean losses of each epoch to be scored."""
        batch, batches, epochs = self.schedule
        optimiser = torch.optim.AdamW(
            [
                {"params": [self.network.flat_weights], "weight_decay": self.settings.weight_decay},
                {"params": [self.network.flat_biases], "weight_decay": 0.0},
            ],
            lr=rate,
            fused=True,
        )
        rates = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rate, total_steps=batches * epochs, pct_start=0.1, cycle_momentum=False
        )
        for epoch in range(1, epochs + 1):
            order = self._order(batch, batches)
            total = torch.zeros(len(self.arms), dtype=self.x[0].dtype)
            for rows in order:
                total += self._step(rows)
                optimiser.step()
                rates.step()
            if epoch in self.scored:
                yield epoch, (total / batches).tolist()

    def validate(self, epoch: int, losses: Sequence[float]) -> None:
        """Score every pair on its validation rows; keep weights that are the best yet."""
        for place, x in enumerate(self.x_valid):
            copies = range(place, len(self.arms), self.count)
            outputs = self.network.outputs(copies, x)
            for copy, output in zip(copies, outputs, strict=True):
                arm = self.arms[copy]
                arm.epochs.append(epoch)
                arm.train_curve.append(losses[copy])
                if arm.validate(output, epoch):
                    arm.state = self.network.copy_state(copy, arm.split.x_train.shape[1])

    def _order(self, batch: int, batches: int) -> Tensor:
        """Draw an epoch's rows: (batches, splits, batch)."""
        orders = [
            torch.randperm(len(x), generator=generator)[: batches * batch].view(batches, batch)
            for x, generator in zip(self.x, self.orders, strict=True)
        ]
        return torch.stack(orders, dim=1)

    def _step(self, rows: Tensor) -> Tensor:
        """Compute the gradients of one batch per split; return every pair's mean loss."""
        x = torch.stack([values[places] for values, places in zip(self.x, rows, strict=True)])
        copies = len(self.arms) // self.count
        x = x.expand(copies, *x.shape).reshape(len(self.arms), *x.shape[1:])
        output = self.network(x).detach().requires_grad_()
        losses = [self._losses(candidate, output, rows) for candidate in range(copies)]
        together = torch.cat(losses)
        (gradient,) = torch.autograd.grad(together.sum(), output)
        self.network.backward(gradient)
        return together.detach()

    def _losses(self, candidate: int, output: Tensor, rows: Tensor) -> Tensor:
        """Return one candidate's mean loss on each split.

        Its rows of all splits go through the loss at once.
        """
        arms = self.arms[candidate * self.count : (candidate + 1) * self.count]
        own = output[candidate * self.count : (candidate + 1) * self.count]
        target = torch.cat([arm.target[places] for arm, places in zip(arms, rows, strict=True)])
        values: Tensor = arms[0].criterion(arms[0].link.seen(_started(own, arms, rows)), target).view(self.count, -1)
        weights = [arm.weight for arm in arms]
        if any(weight is not None for weight in weights):
            ones = torch.ones(rows.shape[1], dtype=values.dtype)
            of_rows = [ones if w is None else w[places] for w, places in zip(weights, rows, strict=True)]
            values = values * torch.stack(of_rows)
        return values.mean(1)


def _started(output: Tensor, arms: Sequence[Arm], rows: Tensor) -> Tensor:
    """Return outputs of all splits in one, each row taken to its anchor if any."""
    starts = [arm.start for arm in arms if arm.start is not None]
    if not starts:
        return output.flatten(0, 1)
    pairs = [(step[places], offset[places]) for (step, offset), places in zip(starts, rows, strict=True)]
    step, offset = (torch.stack(values) for values in zip(*pairs, strict=True))
    return (output[..., 0] * step + offset).flatten()[:, None]


def _padded(x: Features, features: int) -> Tensor:
    """Return x with columns of zeros up to `features`.

    Folds may know different categories.
    """
    values = torch.from_numpy(x)
    return torch.nn.functional.pad(values, (0, features - values.shape[1]))
