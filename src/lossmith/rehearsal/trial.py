"""One short training, with or without a remedy, judged on held-out rows."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, Subset

from lossmith.rehearsal.case import Case, Seen
from lossmith.rehearsal.looks import pairing
from lossmith.rehearsal.setup import Pair, Setup
from lossmith.training.own.examples import Inputs

HELD_OUT = 0.2
MEASURES = {
    "classes": "balanced error",
    "binary": "balanced error",
    "numbers": "squared error as a share of the targets' variance",
    "own": "the training's own loss",
}
TRIVIAL = {"numbers": 1.0, "binary": 0.5}


@dataclass
class Trial:
    """A training that remedies may change before it begins.

    Attributes:
        setup: model, loss, batches and optimizer.
        held: batches that are not learned from.
        kind: what the targets are: classes, binary, numbers, or own where the loss itself must judge.
        case: the same training, to look at.
        inputs: what is done to a batch's inputs.
        output: what is done to the model's output before the loss.
        threshold: above which an output means 1.
        clip: largest length of the gradient; 0 for none.
        warm: share of the steps in which the rate rises.
    """

    setup: Setup
    held: DataLoader[Any]
    kind: str
    case: Case
    inputs: Callable[[Inputs], Inputs] = lambda inputs: inputs
    output: Callable[[Tensor], Tensor] = lambda output: output
    threshold: float = 0.0
    clip: float = 0.0
    warm: float = 0.0

    def put_out(self, inputs: Inputs) -> Tensor:
        """Return the output of the model, as it goes into the loss."""
        return self.output(self.setup.output(self.inputs(inputs)))

    @property
    def batch_size(self) -> int:
        """How many rows a batch has."""
        return self.setup.data.batch_size or len(self.case.batch[1])


def begin(case: Case, seed: int) -> Trial:
    """Return a fresh training; a fifth of the rows is held out if none were given."""
    setup = replace_seed(case, seed).fresh()
    held = setup.valid
    if held is None:
        setup.data, held = _parted(setup.data, seed)
    return Trial(setup, held, kind_of(case), case, threshold=_threshold(case))


def replace_seed(case: Case, seed: int) -> Case:
    """Return the same training with other random numbers."""
    return Case(case.build, case.seed + seed, case.seconds)


def kind_of(case: Case) -> str:
    """Return what the targets are."""
    y, out = case.target, case.outputs
    if y is None:
        return "own"
    if case.classes:
        return "classes"
    if case.binary:
        return "binary"
    plain = [size for size in y.shape if size != 1] == [size for size in out.shape if size != 1]
    return "numbers" if plain and y.is_floating_point() else "own"


def found(case: Case) -> set[str]:
    """Return what the look at output, loss and target says of a training."""
    seen: Seen = pairing.look(case)
    return {finding.rule for finding in seen.findings}


def train(trial: Trial, steps: int, told: Callable[[Tensor, Tensor, Any], None] = lambda *_: None) -> None:
    """Learn for so many steps, or until the loss is no number.

    `told` hears loss, output and target of each.
    """
    setup = trial.setup
    setup.model.train()
    rates = [float(group["lr"]) for group in setup.optimizer.param_groups]
    for step, (inputs, target) in enumerate(itertools.islice(_endless(setup), steps)):
        share = min(1.0, (step + 1) / max(1.0, trial.warm * steps))
        for group, rate in zip(setup.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * share
        setup.optimizer.zero_grad()
        output = trial.put_out(inputs)
        loss = setup.value(output, target)
        if not math.isfinite(float(loss.detach())):
            told(loss.detach(), output.detach(), target)
            return
        loss.backward()  # type: ignore[no-untyped-call]
        if trial.clip:
            torch.nn.utils.clip_grad_norm_(setup.model.parameters(), trial.clip)
        setup.optimizer.step()
        told(loss.detach(), output.detach(), target)


@torch.no_grad()
def judge(trial: Trial) -> float:
    """Return how far off the training ended: 0 is perfect, guessing is the most."""
    setup = trial.setup
    setup.model.eval()
    pairs = [(trial.put_out(inputs), target) for inputs, target in setup.batches(trial.held)]
    if trial.kind == "own":
        losses = [float(setup.value(output, target)) for output, target in pairs]
        return sum(losses) / len(losses)
    output, target = (torch.cat(part) for part in zip(*pairs, strict=True))
    if trial.kind == "numbers":
        y = target.double().reshape(-1)
        error = float((output.double().reshape(-1) - y).square().mean() / y.var(correction=0).clamp_min(1e-12))
        return min(error, TRIVIAL["numbers"]) if math.isfinite(error) else TRIVIAL["numbers"]
    if trial.kind == "classes":
        return _balanced(output.argmax(1).reshape(-1), target.reshape(-1), bool(output.isfinite().all()))
    answered = (output.reshape(-1) > trial.threshold).long()
    return _balanced(answered, target.reshape(-1).long(), bool(output.isfinite().all()))


def _balanced(answered: Tensor, target: Tensor, finite: bool) -> float:
    """Return one minus the mean recall of the classes that occur."""
    classes = [int(label) for label in torch.unique(target) if label >= 0]
    recalls = [float((answered[target == label] == label).double().mean()) for label in classes]
    guessed = 1 - 1 / max(len(classes), 1)
    return min(1 - sum(recalls) / len(recalls), guessed) if finite else guessed


def _threshold(case: Case) -> float:
    """Return 0.5 where the model puts out probabilities, else 0."""
    out = case.outputs
    return 0.5 if bool((out >= 0).all()) and bool((out <= 1).all()) else 0.0


def _endless(setup: Setup) -> Iterator[Pair]:
    return itertools.chain.from_iterable(setup.batches() for _ in itertools.count())


def _parted(data: DataLoader[Any], seed: int) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Return batches to learn from and batches to judge by.

    Raises:
        ValueError: the rows cannot be told apart.
    """
    dataset: Any = data.dataset
    if isinstance(dataset, IterableDataset) or len(dataset) < 10:
        raise ValueError(
            "Held-out rows should be there to judge by. Found a stream, or fewer than ten. Try returning `valid_data`."
        )
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed)).tolist()
    held = round(HELD_OUT * len(dataset))
    kept = Subset(dataset, sorted(order[held:]))
    return loader_like(data, kept, shuffles(data)), loader_like(data, Subset(dataset, sorted(order[:held])), False)


def shuffles(data: DataLoader[Any]) -> bool:
    """Whether rows come in a new order each time."""
    sampler = getattr(data.batch_sampler, "sampler", data.sampler)
    return isinstance(sampler, RandomSampler) or type(sampler).__name__.startswith("WeightedRandom")


def loader_like(data: DataLoader[Any], dataset: Any, shuffle: bool, size: int = 0) -> DataLoader[Any]:
    """Return batches of other rows, or another size, collated in the same way."""
    return DataLoader(dataset, size or data.batch_size or 32, shuffle=shuffle, collate_fn=data.collate_fn)
