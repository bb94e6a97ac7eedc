"""Log loss does not suit imbalanced classes; weight the classes.

Said whenever the positive class is rare.

Shown false if plain log loss does as well as the weighted one once both are judged by the same decision rule.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import compare, differences, figure
from benchmarks.claims.networks import Recipe

JUDGED = {
    "rows are named from a probability of one half and F1 counts": scores.f1_at_half,
    "the cut is tuned on rows held back and F1 counts": scores.f1_at_best,
    "rows are named from a probability of one half and balanced accuracy counts": scores.balanced_at_half,
    "the cut is tuned on rows held back and balanced accuracy counts": scores.balanced_at_best,
    "only the ranking counts (average precision)": scores.ranking,
}


def measure() -> Sequence[Figure]:
    """Find the dearest twentieth of districts, with and without a weight of 19 on them."""
    ways = {
        "plain": arms.of_positive("binary_cross_entropy_loss"),
        "weighted": arms.of_positive("weighted_binary_cross_entropy_loss", positive_weight=19.0),
    }
    table = sets.dear()
    found = compare(table, ways, JUDGED, Recipe(rate=0.02))
    return [
        figure(table, name, [100.0 * gap for gap in differences(found[name], "plain", "weighted")]) for name in JUDGED
    ]


CLAIM = Claim(
    measure,
    effect="F1, balanced accuracy or average precision that weights add, in points",
    rule=Rule(low=0.0),
    instead="Log loss learns the probabilities, rare class or not. What does not suit imbalance is the cut at one "
    "half: tune the cut, or set it by what mistakes cost.",
)
