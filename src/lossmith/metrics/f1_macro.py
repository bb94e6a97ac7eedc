"""Macro F1: the F1 of each class or label, then averaged.

Rare ones count as much as common ones. Reach for it when both misses and false alarms count. Noisy where a class has
few rows. It asks for cuts below one half for all but the easiest classes, so these are tuned.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import THRESHOLDED, Reference
from lossmith.metric import Metric
from lossmith.metrics.f1 import from_counts


def f1_macro(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean F1 over the classes that occur in target or prediction.

    A class without a hit has 0.

    Args:
        target: class numbers, or a matrix (n, labels) of 0 and 1.
        prediction: the same.
        sample_weight: one factor a row.
    """
    if target.ndim > 1:
        from sklearn.metrics import f1_score

        return float(f1_score(target, prediction, average="macro", zero_division=0.0, sample_weight=sample_weight))
    # Counted here: scikit-learn's takes two milliseconds, and a decision rule is tuned thousands of times.
    weight = np.ones(len(target)) if sample_weight is None else sample_weight
    size = int(max(target.max(), prediction.max())) + 1
    held, said = (np.bincount(labels, weights=weight, minlength=size) for labels in (target, prediction))
    right = np.bincount(target, weights=weight * (target == prediction), minlength=size)
    occurs = held + said > 0.0
    return float(np.mean(2.0 * right[occurs] / (held + said)[occurs]))


METRIC = Metric(
    function=f1_macro,
    label="macro F1",
    tasks=("multiclass", "multilabel"),
    elicits=THRESHOLDED,
    takes="labels",
    rule="prior",
    multilabel_rule="thresholds",
    higher_is_better=True,
    from_counts=from_counts,
    also_known_as=("macro f1", "macro f1 score"),
    references=(Reference("Opitz & Burst", "Macro F1 and macro F1", 2019, "arXiv:1911.03347"),),
)
