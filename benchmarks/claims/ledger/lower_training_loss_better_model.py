"""A lower training loss means a better model.

Said by every progress bar.

Shown false if fresh rows are predicted worse at the lower training loss.
"""

from collections.abc import Sequence

import torch

from benchmarks.claims import arms, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import Arm, Split, figure, split
from benchmarks.claims.elementary import cross_entropy, squared
from benchmarks.claims.networks import Loss, Recipe, Stack, train
from benchmarks.claims.sets import Table

STEPS = (1, 40, 1000)


def measure() -> Sequence[Figure]:
    """Follow squared error on diabetes; and compare a focal loss, whose value is lower, on dear districts."""
    table, parts = sets.diabetes(), split(sets.diabetes(), repeats=4)
    stacks = train(table.x[parts.learn], [table.y[parts.learn]], squared, 1, Recipe(steps=1000), keep=STEPS)
    return [
        _figure("training has just begun", table, parts, stacks[0], stacks[1], squared),
        _figure("training goes on for long", table, parts, stacks[1], stacks[2], squared),
        _of_losses(),
    ]


def _of_losses() -> Figure:
    """Judge a network trained with focal loss by log loss."""
    table, parts = sets.dear(), split(sets.dear())
    plain, focal = Arm(cross_entropy), arms.of_positive("sigmoid_focal_loss")
    first, second = (
        train(table.x[parts.learn], [table.y[parts.learn]], arm.loss, 1, Recipe(steps=150))[0] for arm in (plain, focal)
    )
    situation = "the lower number is of another loss (focal loss, judged by log loss)"
    return _figure(situation, table, parts, first, second, cross_entropy, focal.loss)


def _figure(
    situation: str, table: Table, parts: Split, before: Stack, after: Stack, judge: Loss, after_loss: Loss | None = None
) -> Figure:
    x, y = table.x[parts.learn], table.y[parts.learn]
    high, low = float(judge(before(x), y).mean()), float((after_loss or judge)(after(x), y).mean())
    fresh = [judge(stack(table.x[parts.test]), table.y[parts.test]).mean(1) for stack in (before, after)]
    gains = 100.0 * torch.log(fresh[0] / fresh[1])
    note = f"training loss {high:.2f}, then {low:.2f}; fresh rows {fresh[0].mean():.2f}, then {fresh[1].mean():.2f}"
    return figure(table, situation, gains.tolist(), note)


CLAIM = Claim(
    measure,
    effect="error on fresh rows that goes with the lower training loss, saved in % (100 × log ratio)",
    rule=Rule(low=0.0),
    instead="It means a better fit of the rows it has seen. Compare models on rows they have not, and by the metric "
    "that counts: values of different losses cannot be compared at all.",
)
