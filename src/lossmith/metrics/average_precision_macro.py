"""Macro average precision: how clean the top of each label's ranking is.

The labels' values are averaged, so that rare ones matter as much as common ones. Reach for it when rows are looked up
label by label. Noisy for labels with few positive rows. Of several classes each is ranked against all the others.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import RANKING, Reference
from lossmith.metric import Metric


def average_precision_macro(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean of the average precision of every class that occurs.

    Args:
        target: class numbers from 0 to K − 1.
        prediction: probabilities (n, K).
        sample_weight: one factor a row.

    Raises:
        ValueError: no class has both a row that holds it and one that does not.
    """
    from sklearn.metrics import average_precision_score

    scores = np.asarray(prediction)
    truth = np.arange(scores.shape[1]) == np.asarray(target)[:, None]
    told = truth.any(axis=0) & ~truth.all(axis=0)
    if not told.any():
        raise ValueError("Macro average precision needs rows that differ. Found one class only. Try fewer folds.")
    return float(average_precision_score(truth[:, told], scores[:, told], average="macro", sample_weight=sample_weight))


METRIC = Metric(
    function=average_precision_macro,
    label="macro average precision",
    tasks=("multiclass",),
    elicits=RANKING,
    takes="probabilities",
    rule="probability",
    higher_is_better=True,
    also_known_as=("macro ap", "mean average precision", "map macro"),
    references=(
        Reference(
            "Davis & Goadrich",
            "The relationship between precision-recall and ROC curves",
            2006,
            "doi:10.1145/1143844.1143874",
        ),
    ),
)
