"""With outliers, train with absolute error.

Said in every table of "when to use which loss".

Shown false where outliers belong to the target and the measure of success rewards the mean.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import Score, compare, differences, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table


def slips(y: Tensor) -> Tensor:
    """Move one target in twenty up by five times the mean."""
    return y + 5.0 * (torch.rand(y.shape, generator=torch.Generator().manual_seed(0)) < 0.05)


def measure() -> Sequence[Figure]:
    """Compare squared and absolute error under slips of recording, and linearly on a long tail."""
    known, guessed = (sets.bikes(), Recipe()), (sets.bikes(hour=False), Recipe(hidden=0, steps=400, rate=0.02))
    return [
        _figure("outliers are slips, and squared error on clean rows counts", *known, scores.mean_square, dirty=True),
        _figure("outliers are slips, and absolute error there counts", *known, scores.mean_absolute, dirty=True),
        _figure("the features explain most of a long tail, and squared error counts", *known, scores.mean_square),
        _figure("the features explain most of a long tail, and the total counts", *known, _total),
        _figure("the long tail is real, and absolute error counts", *guessed, scores.mean_absolute),
        _figure("the long tail is real, and squared error counts", *guessed, scores.mean_square),
        _figure("the long tail is real, and the total counts", *guessed, _total),
    ]


def _figure(situation: str, table: Table, recipe: Recipe, score: Score, dirty: bool = False) -> Figure:
    ways = {name: arms.of_number(f"{name}_error_loss") for name in ("squared", "absolute")}
    # The linear model is trained to its end, as a network cannot be without overfitting.
    keep = () if recipe.hidden else (recipe.steps,)
    found = compare(table, ways, {"it": score}, recipe, spoil=slips if dirty else None, keep=keep)["it"]
    return figure(table, situation, [100.0 * gap for gap in differences(found, "squared", "absolute")])


def _total(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    return abs(float(prediction.mean() / y.mean()) - 1.0)


CLAIM = Claim(
    measure,
    effect="error that training with absolute error saves, in hundredths of the score (a share, or variances)",
    rule=Rule(low=0.0),
    instead="First ask whether the outliers are slips or sales. Slips: a bounded gradient helps. Real ones: absolute "
    "error aims at the median, and a total or a squared score wants the mean. Match the metric.",
)
