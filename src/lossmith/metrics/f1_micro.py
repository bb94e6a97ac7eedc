"""Micro F1: one F1 over all decisions on all classes or labels together.

Reach for it when every decision counts the same, whichever label it is about. With exactly one class a row it is the
accuracy under another name.
"""

from typing import Any

from numpy.typing import NDArray

from lossmith.card import THRESHOLDED, Reference
from lossmith.metric import Metric
from lossmith.metrics.f1 import from_counts


def f1_micro(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """2 TP / (2 TP + FP + FN), counted over all classes at once.

    Args:
        target: class numbers, or a matrix (n, labels) of 0 and 1.
        prediction: the same.
        sample_weight: one factor a row.
    """
    from sklearn.metrics import f1_score

    return float(f1_score(target, prediction, average="micro", zero_division=0.0, sample_weight=sample_weight))


METRIC = Metric(
    function=f1_micro,
    label="micro F1",
    tasks=("multiclass", "multilabel"),
    elicits=THRESHOLDED,
    takes="labels",
    rule="argmax",
    multilabel_rule="shared_threshold",
    higher_is_better=True,
    from_counts=from_counts,
    also_known_as=("micro f1", "micro f1 score"),
    references=(
        Reference(
            "Lipton et al.", "Optimal thresholding of classifiers to maximize F1 measure", 2014, "arXiv:1402.1892"
        ),
    ),
)
