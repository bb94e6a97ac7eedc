"""Faults of the data: too little, wrong, unbalanced, on odd scales, in order."""

from dataclasses import replace

import torch
from torch import Tensor

from benchmarks.make_runs.faults.case import Case, Change, recipe
from benchmarks.make_runs.setup import Data, Recipe, Rows, Task


def few(part: int, epochs: int) -> Change:
    """Train a wide network long on a small part of the rows."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        x, y = data.train
        rows = len(x) // part
        shape = replace(old.net, width=3 * old.net.width, dropout=0.0)
        small = replace(old, net=shape, batch=16, epochs=epochs, weight_decay=0.0)
        return Data((x[:rows], y[:rows]), data.validation, data.test), small

    return change


def enough(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """All rows, for as many steps."""
    whole = task.data(int(generator.initial_seed()))
    steps = old.epochs * (len(data.train[0]) // old.batch)
    return whole, replace(old, epochs=max(1, steps // (len(whole.train[0]) // old.batch)))


def noisy(share: float) -> Change:
    """Give a share of the labels at random, or add noise with outliers to numbers."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        return data.labels(lambda y: _noised(task, y, share, generator)), old

    return change


def _noised(task: Task, y: Tensor, share: float, generator: torch.Generator) -> Tensor:
    if y.is_floating_point():
        tails = torch.randn(y.shape, generator=generator) / torch.rand(y.shape, generator=generator).clamp(0.02).sqrt()
        changed = y + 1.6 * share * y.std() * tails
        return changed.abs().round() if task.kind == "counts" else changed
    chosen = torch.rand(y.shape, generator=generator) < share
    if task.kind in ("multilabel", "binary"):
        return torch.where(chosen, 1 - y, y)
    other = (y + torch.randint(1, task.outputs, y.shape, generator=generator)) % task.outputs
    return torch.where(chosen, other, y)


def permuted(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Labels of other rows."""
    return data.labels(lambda y: y[torch.randperm(len(y), generator=generator)]), old


def unbalanced(share: float) -> Change:
    """One class has a share of the rows; the others divide the rest, at least one row each."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        classes = task.classes or 2
        major = 0 if task.kind == "binary" else int(torch.randint(classes, (1,), generator=generator))
        seed = int(generator.initial_seed())
        parts = [
            _shares(
                task, seed, rows, [share if label == major else (1 - share) / (classes - 1) for label in range(classes)]
            )
            for rows in (len(data.train[0]), len(data.validation[0]))
        ]
        return Data(parts[0], parts[1], data.test), old

    return change


def _shares(task: Task, seed: int, rows: int, shares: list[float]) -> Rows:
    """Draw rows with given shares of the classes."""
    x, y = task.draw(seed, torch.Generator().manual_seed(seed * 77 + rows), 10 * rows)
    kept = [torch.nonzero(y == label)[: max(1, round(rows * share)), 0] for label, share in enumerate(shares)]
    chosen = torch.cat(kept)
    return x[chosen], y[chosen]


def mixed_scales(power: float) -> Change:
    """Every feature in units of its own."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        scales = 10 ** (power * torch.rand(data.train[0].shape[-1], generator=generator))
        return data.inputs(lambda x: x * scales), old

    return change


def scaled(factor: float, offset: float = 0.0) -> Change:
    """All features in other units, or far from 0."""
    return lambda task, data, old, generator: (data.inputs(lambda x: x * factor + offset), old)


def plain(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Return the rows as they were drawn."""
    return task.data(int(generator.initial_seed())), old


def ordered(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Rows sorted by target and never shuffled."""
    x, y = data.train
    order = torch.argsort(y if y.ndim == 1 else y.float() @ 2.0 ** torch.arange(y.shape[1]), stable=True)
    return recipe(shuffle=False)(task, Data((x[order], y[order]), data.validation, data.test), old, generator)


FAULTS: dict[str, tuple[Case, ...]] = {
    "overfitting": tuple(
        Case("", level, few(part, epochs), enough) for level, (part, epochs) in enumerate(((5, 40), (10, 60), (22, 90)))
    ),
    "label_noise": tuple(Case("", level, noisy(share)) for level, share in enumerate((0.22, 0.35, 0.5))),
    "bad_labels": tuple(Case("", level, permuted) for level in range(3)),
    "class_imbalance": tuple(Case("", level, unbalanced(share)) for level, share in enumerate((0.85, 0.94, 0.985))),
    "unnormalized_inputs": (
        Case("mixed", 0, mixed_scales(1.3), plain),
        Case("offset", 0, scaled(1.0, 5.0), plain),
        Case("pixel", 1, scaled(120.0), plain),
        Case("mixed", 1, mixed_scales(2.5), plain),
        Case("offset", 2, scaled(1.0, 60.0), plain),
        Case("mixed", 2, mixed_scales(3.5), plain),
    ),
    "not_shuffled": tuple(Case("sorted", level, ordered) for level in range(3)),
}
