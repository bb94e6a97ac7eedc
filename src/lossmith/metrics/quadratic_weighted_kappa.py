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
    if len(np.unique(target)) < 2:
        raise ValueError(
            "Quadratic weighted kappa needs rows of two levels. Found only one. Try fewer folds, or stratified ones."
        )
    # scikit-learn's cohen_kappa_score in another form: with squared distances the table of pairs comes down to moments.
    # It is called a hundred times a training, to tune the cuts, and that one would cost more than the training.
    t, p = np.asarray(target, dtype=np.float64), np.asarray(prediction, dtype=np.float64)

    def mean(values: NDArray[Any]) -> float:
        return float(np.average(values, weights=sample_weight))

    independent = mean(t**2) + mean(p**2) - 2.0 * mean(t) * mean(p)
    return 1.0 - mean((t - p) ** 2) / independent


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
