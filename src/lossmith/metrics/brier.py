"""Brier score: squared distance of the probabilities from what happened.

Reach for it when probabilities are used and one confident mistake must not decide the score, as it does in log loss.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import CLASS_PROBABILITIES, Reference
from lossmith.metric import Metric


def brier(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of (p − y)² for two classes, of Σ_k (p_k − [k = y])² for more.

    The first lies between 0 and 1, the second, Brier's own, between 0 and 2. Of several labels a row, the mean of the
    first over them.

    Args:
        target: class numbers from 0 to K − 1, not every class need occur; or a matrix (n, K) of 0 and 1 for labels.
        prediction: probabilities (n, K).
        sample_weight: one factor a row.
    """
    probability = np.asarray(prediction, dtype=np.float64)
    # by hand: scikit-learn has the form for more than two classes since 1.7 only, and refuses rows rounded to float32
    labels = np.asarray(target)
    if labels.ndim == 2:
        return float(np.average(np.square(probability - labels).mean(axis=1), weights=sample_weight))
    truth = np.arange(probability.shape[1]) == labels[:, None]
    squares = np.square(probability - truth).sum(axis=1)
    halved = squares / 2.0 if probability.shape[1] == 2 else squares
    return float(np.average(halved, weights=sample_weight))


METRIC = Metric(
    function=brier,
    label="Brier score",
    tasks=("binary", "multiclass", "ordinal", "multilabel"),
    elicits=CLASS_PROBABILITIES,
    takes="probabilities",
    rule="probability",
    also_known_as=("brier score", "quadratic score", "brier score loss"),
    training_loss="brier_loss",
    references=(
        Reference("Brier", "Verification of forecasts expressed in terms of probability", 1950, "MWR 78(1), 1-3"),
    ),
)
