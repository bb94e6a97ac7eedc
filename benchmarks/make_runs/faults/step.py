"""Faults of the optimiser's step."""

import torch

from benchmarks.make_runs.faults.case import Case, Change, recipe
from benchmarks.make_runs.setup import Data, Recipe, Task


def times(factor: float) -> Change:
    """Multiply the learning rate."""
    return recipe(lr=lambda lr: lr * factor)


def _extreme(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """A rate that overflows, whatever the optimiser does to the gradient's scale."""
    return recipe(lr=2e3 if old.optimizer.startswith("sgd") else 1e18)(task, data, old, generator)


def _missing_rows(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Two training rows are not numbers."""
    x, y = data.train
    x = x.clone()
    x[torch.randperm(len(x), generator=generator)[:2]] = torch.nan
    return Data((x, y), data.validation, data.test), old


def tiny_batches(size: int, factor: float, epochs: int) -> Change:
    """Train on few rows in batches of one or two, with the rate of larger ones."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        x, y = data.train
        least = 2 if _normalised(task, old) else 1
        changed = recipe(batch=max(size, least), epochs=epochs, lr=lambda lr: lr * factor)
        return changed(task, Data((x[:450], y[:450]), data.validation, data.test), old, generator)

    return change


def _normalised(task: Task, old: Recipe) -> bool:
    """Return whether the network has batch norm, which needs two rows."""
    built = task.build(old.net, task.draw(0, torch.Generator().manual_seed(0), 4)[0], task.outputs)
    return any("BatchNorm" in type(part).__name__ for part in built.modules())


FAULTS: dict[str, tuple[Case, ...]] = {
    "lr_too_high": tuple(Case("", level, times(factor)) for level, factor in enumerate((8, 30, 150))),
    "lr_too_low": (
        Case("", 0, times(1 / 12)),
        Case("", 1, times(1 / 80)),
        Case("decayed_too_early", 2, recipe(schedule="early")),
        Case("", 2, times(1 / 600)),
    ),
    "nan_inf": (
        Case("log_zero", 0, recipe(broken="log_zero")),
        Case("sqrt_zero", 1, recipe(broken="sqrt_zero")),
        Case("input_nan", 2, _missing_rows),
        Case("lr_extreme", 0, _extreme),
    ),
    "batch_too_small": tuple(
        Case("", level, tiny_batches(size, factor, epochs), recipe(batch=32, epochs=lambda epochs: 6 * epochs))
        for level, (size, factor, epochs) in enumerate(((2, 2.0, 9), (1, 2.5, 5), (1, 4.0, 5)))
    ),
    "no_zero_grad": tuple(Case("", level, recipe(reset=False)) for level in range(3)),
    "frozen_params": tuple(
        Case(variant, level, recipe(frozen=variant)) for level, variant in enumerate(("body", "head_bias_only", "all"))
    ),
}
