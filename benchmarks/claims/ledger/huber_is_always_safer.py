"""Huber is always safer than squared error.

Said because it is quadratic near the target and linear far away: "the best of both".

Shown false by one problem where it makes the error that counts larger by 1 % or more.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import compare, differences, figure
from benchmarks.claims.ledger.outliers_call_for_mae import slips
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table


def measure() -> Sequence[Figure]:
    """Compare with squared error where outliers are slips, and, with a linear model, where the tail is real."""
    known, guessed = (sets.bikes(), Recipe()), (sets.bikes(hour=False), Recipe(hidden=0, steps=400, rate=0.02))
    return [
        _figure("outliers are slips and clean rows count", *known, 1.0, dirty=True),
        _figure("the features explain most of a long tail, delta is one mean of the target", *known, 1.0),
        _figure("the features explain most of a long tail, delta is small beside the target", *known, 0.01),
        _figure("the long tail is real, delta is one mean of the target", *guessed, 1.0),
        _figure("the long tail is real, delta is small beside the target", *guessed, 0.01),
    ]


def _figure(situation: str, table: Table, recipe: Recipe, delta: float, dirty: bool = False) -> Figure:
    ways = {"squared": arms.of_number("squared_error_loss"), "huber": arms.of_number("huber_loss", delta=delta)}
    keep = () if recipe.hidden else (recipe.steps,)
    found = compare(table, ways, {"it": scores.mean_square}, recipe, spoil=slips if dirty else None, keep=keep)["it"]
    return figure(table, situation, [100.0 * gap for gap in differences(found, "squared", "huber", relative=True)])


CLAIM = Claim(
    measure,
    effect="mean squared error on fresh rows that Huber saves, in % (100 × log ratio)",
    rule=Rule(low=-1.0, always=True),
    instead="Huber aims between median and mean. Against slips that is safer; on a skewed target it predicts too "
    "little in sum. Its delta is in the target's unit: far below the usual error it is absolute error.",
)
