"""Squared error underfits when the targets have outliers.

Said of regression with a few wild targets.

Shown false if the network fits its training rows no worse with outliers among them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, split
from benchmarks.claims.elementary import squared
from benchmarks.claims.networks import Recipe, Stack, train

SHARE, SIZE = 0.05, 10.0
"""One target in twenty is moved up by ten standard deviations."""


def measure() -> Sequence[Figure]:
    """Fit diabetes with and without outliers; look at the training rows that were left alone."""
    return [
        _figure("the model is linear", Recipe(hidden=0, steps=500, rate=0.03)),
        _figure("the network is wide and trained to the end", Recipe(hidden=128, steps=800, rate=0.01)),
    ]


def _figure(situation: str, recipe: Recipe) -> Figure:
    table, parts = sets.diabetes(), split(sets.diabetes(), repeats=2)
    x, y = table.x[parts.learn], table.y[parts.learn]
    moved = torch.rand(y.shape, generator=torch.Generator().manual_seed(0)) < SHARE
    clean, dirty = (train(x, [t], squared, 1, recipe)[0] for t in (y, y + SIZE * moved))
    rise = _error(dirty, x, y, ~moved) - _error(clean, x, y, ~moved)
    test_x, test_y = table.x[parts.test], table.y[parts.test]
    everywhere = torch.ones_like(test_y, dtype=torch.bool)
    fresh = [float(_error(stack, test_x, test_y, everywhere).mean()) for stack in (clean, dirty)]
    note = f"fresh rows: squared error {fresh[0]:.2f} without outliers, {fresh[1]:.2f} with them"
    return interval(situation, rise.tolist(), FOLDS, note)


def _error(stack: Stack, x: Tensor, y: Tensor, rows: Tensor) -> Tensor:
    return (squared(stack(x), y) * rows).sum(1) / rows.sum(1)


CLAIM = Claim(
    measure,
    effect="rise of the squared error on untouched training rows, in variances of the target",
    rule=Rule(low=0.02),
    instead="A stiff model may be pulled away from the bulk, which looks like underfitting. A flexible one bends to "
    "every outlier: it overfits. In both, fresh rows suffer.",
)
