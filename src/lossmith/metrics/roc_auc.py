"""ROC AUC: the chance that a random positive ranks above a random negative.

Reach for it when only the order counts, and no cut is set yet. Avoid it when positives are rare and only the top of
the list is used: average precision looks there.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import RANKING, Reference
from lossmith.metric import Metric


def roc_auc(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Area under the ROC curve; ties count half.

    Of several labels a row, the mean over those of which both values occur.

    Args:
        target: class numbers 0 and 1, or a matrix (n, K) of 0 and 1 for labels.
        prediction: probabilities (n, 2), or of each label (n, K).
        sample_weight: how much each row counts (n,).

    Raises:
        ValueError: only one class occurs.
    """
    from sklearn.metrics import roc_auc_score

    if np.ndim(target) == 2:
        told = np.ptp(target, axis=0) > 0
        if not told.any():
            raise ValueError("ROC AUC needs a label with rows of both values. Found none. Try fewer folds.")
        return float(roc_auc_score(target[:, told], prediction[:, told], average="macro", sample_weight=sample_weight))
    found = np.unique(target)
    if len(found) < 2:
        raise ValueError(
            f"ROC AUC needs rows of both classes. Found only class {', '.join(str(c) for c in found) or 'none'}. "
            "Try fewer folds, or stratified ones."
        )
    return float(roc_auc_score(target, np.asarray(prediction)[:, 1], sample_weight=sample_weight))


METRIC = Metric(
    function=roc_auc,
    label="ROC AUC",
    tasks=("binary", "multilabel"),
    elicits=RANKING,
    takes="probabilities",
    rule="probability",
    higher_is_better=True,
    also_known_as=("auc", "auroc", "c statistic"),
    references=(
        Reference(
            "Hanley & McNeil",
            "The meaning and use of the area under a ROC curve",
            1982,
            "doi:10.1148/radiology.143.1.7063747",
        ),
    ),
)
