"""With imbalanced classes, train with focal loss.

Said since focal loss did well in dense object detection.

Shown false if cross-entropy with the same decision rule is not worse.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import compare, differences, figure
from benchmarks.claims.networks import Recipe

JUDGED = {
    "rows are named from a probability of one half and F1 counts": scores.f1_at_half,
    "the cut is tuned on rows held back and F1 counts": scores.f1_at_best,
    "only the ranking counts (average precision)": scores.ranking,
    "the probabilities count (calibration error)": scores.calibration,
}


def measure() -> Sequence[Figure]:
    """Find the dearest twentieth of districts with cross-entropy and with focal loss."""
    ways = {"plain": arms.of_positive("binary_cross_entropy_loss"), "focal": arms.of_positive("sigmoid_focal_loss")}
    table = sets.dear()
    found = compare(table, ways, JUDGED, Recipe(rate=0.02))
    return [figure(table, name, [100.0 * gap for gap in differences(found[name], "plain", "focal")]) for name in JUDGED]


CLAIM = Claim(
    measure,
    effect="points that focal loss (gamma 2) adds, of F1, average precision or calibration",
    rule=Rule(low=0.0),
    instead="Focal loss turns attention to hard examples, not to rare ones. Start with cross-entropy and a tuned cut; "
    "try focal loss where easy negatives outnumber all else by hundreds, and measure.",
)
