"""Cost: what mistakes cost on average, each miss and false alarm at its price.

Reach for it when you can put a price on each mistake: `cost: FN=5,FP=1`. The best cut is then known from the
probabilities alone, FP / (FP + FN).
"""

from typing import Any

from numpy.typing import NDArray

from lossmith.card import NON_NEGATIVE, THRESHOLDED, Reference
from lossmith.metric import Metric

Array = NDArray[Any]


def cost(
    target: NDArray[Any], prediction: NDArray[Any], *,
    FN: float, FP: float, sample_weight: NDArray[Any] | None = None,  # noqa: N803
) -> float:  # fmt: skip
    """Mean cost of a row: `FN` for a class 1 called 0, `FP` for a class 0 called 1."""
    from sklearn.metrics import confusion_matrix

    share = confusion_matrix(target, prediction, labels=[0, 1], normalize="all", sample_weight=sample_weight)
    return float(FN * share[1, 0] + FP * share[0, 1])


def from_counts(tp: Array, fp: Array, fn: Array, tn: Array, *, FN: float, FP: float) -> Array:  # noqa: N803
    """Return the same from tables of true and false positives and negatives."""
    share: Array = (FN * fn + FP * fp) / (tp + fp + fn + tn)
    return share


METRIC = Metric(
    function=cost,
    label="cost",
    tasks=("binary",),
    elicits=lambda FN, FP: THRESHOLDED,  # noqa: N803
    takes="labels",
    rule="threshold",
    unit="cost",
    parameters={"FN": NON_NEGATIVE, "FP": NON_NEGATIVE},
    from_counts=from_counts,
    also_known_as=("misclassification cost",),
    references=(Reference("Elkan", "The foundations of cost-sensitive learning", 2001, "IJCAI 2001, 973-978"),),
)
