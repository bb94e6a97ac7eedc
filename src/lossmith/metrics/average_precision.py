"""Average precision: how clean the top of the ranking is.

It is averaged over every place the positives take. Reach for it when positives are rare and a list is worked off from
the top. Noisy when there are few of them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import RANKING, Reference
from lossmith.metric import Metric


def average_precision(
    target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None
) -> float:
    """Sum over the ranking of precision times the gain in recall.

    Args:
        target: class numbers 0 and 1.
        prediction: probabilities (n, 2).
        sample_weight: how much each row counts (n,).

    Raises:
        ValueError: no row is positive.
    """
    from sklearn.metrics import average_precision_score

    if not np.any(np.asarray(target) == 1):
        raise ValueError("Average precision needs positive rows. Found none. Try fewer folds, or stratified ones.")
    return float(average_precision_score(target, np.asarray(prediction)[:, 1], sample_weight=sample_weight))


METRIC = Metric(
    function=average_precision,
    label="average precision",
    tasks=("binary",),
    elicits=RANKING,
    takes="probabilities",
    rule="probability",
    higher_is_better=True,
    fewest_positives=10,
    also_known_as=("ap", "auprc", "pr auc"),
    references=(
        Reference(
            "Davis & Goadrich",
            "The relationship between precision-recall and ROC curves",
            2006,
            "doi:10.1145/1143844.1143874",
        ),
    ),
)
