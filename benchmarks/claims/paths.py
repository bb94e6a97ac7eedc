"""Two trainings from the same first weights on the same rows, and how far apart their predictions end."""

from collections.abc import Sequence

from torch import Tensor

from benchmarks.claims.networks import Loss, Recipe, train
from benchmarks.claims.sets import Table

COPIES = 10
"""Trainings, each from first weights of its own."""


def outputs(table: Table, loss: Loss, recipe: Recipe, *extra: Tensor, gather: Loss | None = None) -> Tensor:
    """Train on a whole table, and return the single output of each copy and row (k, n).

    Args:
        table: features, and the target that `loss` takes.
        loss: one value a row.
        recipe: how to train.
        *extra: more of a row for the loss, as a weight, each (n,).
        gather: makes one value a network of one a row; the mean if none is named.
    """
    x = table.x.expand(COPIES, -1, -1)
    targets = [y.expand(COPIES, *y.shape) for y in (table.y, *extra)]
    stack = train(x, targets, loss, 1, recipe, gather=gather or (lambda values: values.mean(1)))[0]
    return stack(x)[..., 0]


def probabilities(table: Table, loss: Loss, recipe: Recipe, *extra: Tensor, gather: Loss | None = None) -> Tensor:
    """Return the sigmoid of `outputs`; 0.5 where training has diverged beyond numbers."""
    return outputs(table, loss, recipe, *extra, gather=gather).sigmoid().nan_to_num(nan=0.5)


def apart(first: Tensor, second: Tensor) -> Sequence[float]:
    """Return the root mean squared difference of each copy's predictions."""
    return [float(gap) for gap in (first - second).square().mean(1).sqrt()]
