"""Cost matrix: what decisions cost on average, each pair of classes at its price.

Reach for it when mistakes cost differently: `cost_matrix: 0,5;1,0` has a row for each true class and a column for each
one named, in the order of the levels. The cheapest class is then known from the probabilities alone.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import LEAST_COST_CLASS, NON_NEGATIVE, Reference
from lossmith.metric import Metric, Prices

Array = NDArray[Any]


def cost_matrix(
    target: NDArray[Any], prediction: NDArray[Any], *, prices: Prices, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean over the rows of the price at (true class, named class)."""
    from sklearn.metrics import confusion_matrix

    # scikit-learn counts; it has no metric that prices what it counted
    share = confusion_matrix(
        target, prediction, labels=np.arange(len(prices)), normalize="all", sample_weight=sample_weight
    )
    return float((share * np.asarray(prices)).sum())


def from_counts(tp: Array, fp: Array, fn: Array, tn: Array, *, prices: Prices) -> Array:
    """Return the same from tables of true and false positives and negatives."""
    (right_no, false_alarm), (miss, right_yes) = prices
    total: Array = right_no * tn + false_alarm * fp + miss * fn + right_yes * tp
    return np.asarray(total / (tp + fp + fn + tn))


METRIC = Metric(
    function=cost_matrix,
    label="mean cost",
    tasks=("binary", "multiclass", "ordinal"),
    elicits=lambda prices: LEAST_COST_CLASS,
    takes="labels",
    rule="least_cost",
    binary_rule="threshold",
    unit="cost",
    parameters={"prices": NON_NEGATIVE},
    is_matrix=True,
    from_counts=from_counts,
    also_known_as=("cost-sensitive loss",),
    references=(Reference("Elkan", "The foundations of cost-sensitive learning", 2001, "IJCAI 2001, 973-978"),),
)
