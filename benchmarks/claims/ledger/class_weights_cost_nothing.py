"""Class weights repair imbalance and cost nothing.

Said where `class_weight="balanced"` is the advice for any uneven classes.

Shown false if the probabilities get worse.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import compare, differences, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table


def measure() -> Sequence[Figure]:
    """Weight the rare class by the inverse of its share; judge ranking and probabilities."""
    return [
        *_figures("dear districts, 5 %", sets.dear(), 19.0),
        *_figures("bad credit, 30 %", sets.german(), 7.0 / 3.0),
    ]


def _figures(name: str, table: Table, weight: float) -> list[Figure]:
    ways = {
        "plain": arms.of_positive("binary_cross_entropy_loss"),
        "weighted": arms.of_positive("weighted_binary_cross_entropy_loss", positive_weight=weight),
    }
    found = compare(table, ways, {"ranking": scores.ranking, "log loss": scores.log_loss}, Recipe(rate=0.02))
    return [
        _figure(table, f"only the ranking counts ({name})", found["ranking"]),
        _figure(table, f"the probabilities count ({name})", found["log loss"]),
    ]


def _figure(table: Table, situation: str, found: dict[str, list[float]]) -> Figure:
    return figure(table, situation, [100.0 * gap for gap in differences(found, "weighted", "plain", relative=True)])


CLAIM = Claim(
    measure,
    effect="error added by the weights, in % (100 × log ratio) of log loss or of 1 − average precision",
    rule=Rule(high=3.0),
    instead="Weights move every probability towards the rare class: the network predicts a world with other shares. "
    "Where probabilities, costs or sums count, leave the loss alone and move the cut.",
)
