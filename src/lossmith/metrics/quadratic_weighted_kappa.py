"""Quadratic weighted kappa: agreement on ordered levels beyond chance.

A miss by two levels counts four times one by one level. Reach for it when levels are grades and raters are compared. It
asks for the mean level, stretched until the decisions spread as the truth does: hugging the middle is punished.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEAN_LEVEL, Reference
from lossmith.metric import Metric


def quadratic_weighted_kappa(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """1 − Σ(target − prediction)² over what it would be if the two were independent.

    Args:
        target: numbers of levels, from 0.
        prediction: the same.
        sample_weight: how much each row counts (n,).

    Raises:
        ValueError: all rows are of one level.
    """
    from sklearn.metrics import cohen_kappa_score

    if len(np.unique(target)) < 2:
        raise ValueError(
            "Quadratic weighted kappa needs rows of two levels. Found only one. Try fewer folds, or stratified ones."
        )
    # without all the levels in between scikit-learn would number those that are left anew, and take far ones for near
    levels = np.arange(max(np.max(target), np.max(prediction)) + 1)
    return float(cohen_kappa_score(target, prediction, labels=levels, weights="quadratic", sample_weight=sample_weight))


METRIC = Metric(
    function=quadratic_weighted_kappa,
    label="quadratic weighted kappa",
    tasks=("ordinal",),
    elicits=MEAN_LEVEL,
    takes="labels",
    rule="cuts",
    higher_is_better=True,
    also_known_as=("qwk", "quadratic kappa", "weighted kappa"),
    references=(Reference("Cohen", "Weighted kappa", 1968, "doi:10.1037/h0026256"),),
)
