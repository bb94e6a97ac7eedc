"""F1: the harmonic mean of precision and recall of the positive class.

Reach for it when only the positive class matters, both missed and falsely named. The best threshold is half the best
F1, so a cut at 0.5 is nearly always too high.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import THRESHOLDED, Reference
from lossmith.metric import Metric

Array = NDArray[Any]


def f1(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """2 TP / (2 TP + FP + FN) of class 1; 0 when it neither occurs nor is predicted."""
    from sklearn.metrics import f1_score

    return float(f1_score(target, prediction, pos_label=1, zero_division=0.0, sample_weight=sample_weight))


def from_counts(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    """Return the same from tables of true and false positives and negatives."""
    mentioned = 2.0 * tp + fp + fn
    return np.asarray(np.divide(2.0 * tp, mentioned, out=np.zeros_like(mentioned), where=mentioned > 0.0))


METRIC = Metric(
    function=f1,
    label="F1",
    tasks=("binary",),
    elicits=THRESHOLDED,
    takes="labels",
    rule="threshold",
    higher_is_better=True,
    fewest_positives=4,
    from_counts=from_counts,
    also_known_as=("f1 score", "dice"),
    references=(
        Reference(
            "Lipton et al.", "Optimal thresholding of classifiers to maximize F1 measure", 2014, "arXiv:1402.1892"
        ),
    ),
)
