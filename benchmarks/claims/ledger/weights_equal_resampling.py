"""Class weights and resampling are the same thing.

Said because both make a rare class count more.

Shown false if the two, with the same factor, end in different predictions.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, of_seeds
from benchmarks.claims.elementary import cross_entropy
from benchmarks.claims.networks import Recipe, train
from benchmarks.claims.paths import COPIES, apart
from benchmarks.claims.sets import Table

FACTOR = 19


def measure() -> Sequence[Figure]:
    """Find the dearest twentieth of districts with a weight of 19, with 19 copies, and with 1 in 19 of the others."""
    table = sets.dear(1500, 0)
    rare = table.y == 1
    copied = table.rows(torch.arange(len(rare)).repeat_interleave(torch.where(rare, FACTOR, 1)))
    generator = torch.Generator().manual_seed(0)
    fewer = table.rows(rare | (torch.rand(len(rare), generator=generator) < 1.0 / FACTOR))
    full, batch = Recipe(steps=150), Recipe(steps=150, batch=64)
    return [
        _figure("rare rows are copied and every step sees all rows", table, copied, full),
        _figure("rare rows are copied and a step sees 64 rows", table, copied, batch),
        _figure("common rows are left out", table, fewer, full),
    ]


def _figure(situation: str, table: Table, resampled: Table, recipe: Recipe) -> Figure:
    weight = torch.where(table.y == 1, float(FACTOR), 1.0)
    order = torch.randperm(len(weight), generator=torch.Generator().manual_seed(1))
    weighted = _probabilities(table, table.x, recipe, weight)
    # The same weights with the rows in another order: how far other batches alone take the predictions.
    floor = apart(weighted, _probabilities(table.rows(order), table.x, recipe, weight[order]))
    gap = apart(weighted, _probabilities(resampled, table.x, recipe))
    note = f"10 first weights; other batches alone: {sum(floor) / COPIES:.3f}"
    return of_seeds(situation, [a - b for a, b in zip(gap, floor, strict=True)], note)


def _probabilities(table: Table, asked: Tensor, recipe: Recipe, weight: Tensor | None = None) -> Tensor:
    weight = torch.ones(len(table.y)) if weight is None else weight / weight.mean()
    x, y, w = (values.expand(COPIES, *values.shape) for values in (table.x, table.y, weight))
    stack = train(x, [y, w], lambda z, y, w: w * cross_entropy(z, y), 1, recipe)[0]
    return stack(asked.expand(COPIES, -1, -1))[..., 0].sigmoid()


CLAIM = Claim(
    measure,
    effect="root mean squared difference of the predicted probabilities, above that of batches drawn anew",
    rule=Rule(high=0.01),
    instead="They agree in the mean. In small batches copies leave out what weights keep, so the noise differs; "
    "leaving rows out throws knowledge away. Both distort probabilities by the same factor.",
)
