"""RMSE and MSE as losses give the same model.

Said because a root keeps the order: the minimum is at the same place.

Shown false if the trained models predict differently.
"""

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.elementary import squared
from benchmarks.claims.networks import Loss, Recipe
from benchmarks.claims.paths import COPIES, outputs


def measure() -> Sequence[Figure]:
    """Fit rented bikes linearly with both; predictions are averaged over ten first weights."""
    whole = Recipe(hidden=0, steps=1000, rate=0.02)
    return [
        _figure("every step sees all rows", whole, _root_of_mean),
        _figure("a step sees 8 rows", replace(whole, batch=8, rate=0.003, steps=2500), _root_of_mean),
        _figure("the root is taken of each row's square", whole, _mean_of_roots),
    ]


def _figure(situation: str, recipe: Recipe, gather: Loss) -> Figure:
    table = sets.bikes(1500, 0)
    first, second = (outputs(table, squared, recipe, gather=way).mean(0) for way in (None, gather))
    gap = float((first - second).square().mean().sqrt() / first.std())
    note = f"mean prediction {float(first.mean()):.2f} with MSE, {float(second.mean()):.2f}; {COPIES} first weights"
    return exact(situation, gap, note)


def _root_of_mean(values: Tensor) -> Tensor:
    return values.mean(1).sqrt()


def _mean_of_roots(values: Tensor) -> Tensor:
    return values.clamp(min=1e-12).sqrt().mean(1)  # the root has no slope at 0


CLAIM = Claim(
    measure,
    effect="difference of the predictions, in their standard deviations",
    rule=Rule(high=0.02),
    instead="True of the whole data at once. In batches the root divides each batch's gradient by its own RMSE, which "
    "plays down batches with outliers; of single rows it is absolute error.",
)
