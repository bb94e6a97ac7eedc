"""Balanced accuracy: the share of right rows in each class, then averaged.

Reach for it when a rare class matters as much as a common one. It asks for the class that would be most likely if all
were equally common, so probabilities are divided by the class shares before the decision.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import BALANCED_CLASS, Reference
from lossmith.metric import Metric

Array = NDArray[Any]


def balanced_accuracy(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean recall of the classes that occur in `target`."""
    # Counted here: scikit-learn's takes a millisecond, and a decision rule is tuned thousands of times.
    weight = np.ones(len(target)) if sample_weight is None else sample_weight
    held = np.bincount(target, weights=weight)
    right = np.bincount(target, weights=weight * (target == prediction))
    return float(np.mean(right[held > 0.0] / held[held > 0.0]))


def from_counts(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    """Return the same from tables of true and false positives and negatives."""
    positives, negatives = tp + fn, tn + fp
    caught = np.divide(tp, positives, out=np.zeros_like(positives), where=positives > 0.0)
    cleared = np.divide(tn, negatives, out=np.zeros_like(negatives), where=negatives > 0.0)
    return np.asarray((caught + cleared) / 2.0)


METRIC = Metric(
    function=balanced_accuracy,
    label="balanced accuracy",
    tasks=("binary", "multiclass"),
    elicits=BALANCED_CLASS,
    takes="labels",
    rule="prior",
    binary_rule="threshold",
    higher_is_better=True,
    unit="share",
    from_counts=from_counts,
    also_known_as=("macro recall", "balanced accuracy score"),
    references=(
        Reference("Brodersen et al.", "The balanced accuracy and its posterior", 2010, "doi:10.1109/ICPR.2010.764"),
    ),
)
