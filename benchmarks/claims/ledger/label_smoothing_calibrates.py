"""Label smoothing improves calibration.

Said since networks trained far too long were found overconfident.

Shown false where a network that is not overconfident becomes worse calibrated.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import RATES, compare, differences, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table


def measure() -> Sequence[Figure]:
    """Compare calibration with and without smoothing of 0.1, for networks stopped late and in time."""
    return [
        _figure("the network was trained far too long on noisy labels (credit)", sets.german(), 4, late=True),
        _figure("training was stopped in time on noisy labels (credit)", sets.german(), 4, late=False),
        _figure("the labels are clear and training was long (digits)", sets.digits(), 1, late=True),
    ]


def _figure(situation: str, table: Table, repeats: int, late: bool) -> Figure:
    found = _found(table, repeats, late)
    means = {name: 100.0 * sum(errors) / len(errors) for name, errors in found.items()}
    note = f"calibration error {means['plain']:.1f} points without, {means['smoothed']:.1f} with"
    return figure(table, situation, [100.0 * gap for gap in differences(found, "plain", "smoothed")], note)


def _found(table: Table, repeats: int, late: bool) -> dict[str, list[float]]:
    ways = {
        "plain": arms.of_class("cross_entropy_loss", table.classes),
        "smoothed": arms.of_class("label_smoothing_cross_entropy_loss", table.classes),
    }
    recipe = Recipe(steps=400)
    keep, rates = ((400,), (1.0,)) if late else ((), RATES)
    return compare(
        table, ways, {"it": scores.calibration}, recipe, repeats=repeats, keep=keep, rates=rates, choose=scores.log_loss
    )["it"]


CLAIM = Claim(
    measure,
    effect="calibration error that smoothing removes, in percentage points",
    rule=Rule(low=0.0),
    instead="Smoothing makes a network less sure, by about the same amount everywhere. That can help one that is too "
    "sure and harms one that was right to be. Measure; stopping in time or one temperature often does more.",
)
