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
        target: class numbers from 0 to K − 1, or a matrix (n, K) of 0 and 1 for labels.
        prediction: probabilities (n, K).
        sample_weight: one factor a row.

    Raises:
        ValueError: no class has both a row that holds it and one that does not.
    """
    scores = np.asarray(prediction)
    labels = np.asarray(target)
    truth = labels == 1 if labels.ndim == 2 else np.arange(scores.shape[1]) == labels[:, None]
    told = truth.any(axis=0) & ~truth.all(axis=0)
    if not told.any():
        raise ValueError("Macro average precision needs rows that differ. Found one class only. Try fewer folds.")
    return float(np.mean(_average_precision(truth[:, told], scores[:, told], sample_weight)))


def _average_precision(truth: NDArray[Any], scores: NDArray[Any], sample_weight: NDArray[Any] | None) -> NDArray[Any]:
    """Return scikit-learn's average precision of every column, all at once.

    It takes a millisecond a label there, and validation rows are scored thirty times in every training: that would
    cost several times what the training does.
    """
    weight = np.ones(len(truth)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    order = np.argsort(-scores, axis=0, kind="stable")
    ranked, hits = np.take_along_axis(scores, order, axis=0), np.take_along_axis(truth * weight[:, None], order, axis=0)
    precision = np.cumsum(hits, axis=0) / np.cumsum(weight[order], axis=0)
    # rows of one score are called together: all have the precision at the last of them
    last = np.vstack([ranked[1:] != ranked[:-1], np.ones((1, scores.shape[1]), dtype=bool)])
    places = np.where(last, np.arange(len(truth))[:, None], len(truth))
    ends = np.minimum.accumulate(places[::-1], axis=0)[::-1]
    return np.asarray((hits * np.take_along_axis(precision, ends, axis=0)).sum(axis=0) / hits.sum(axis=0))


METRIC = Metric(
    function=average_precision_macro,
    label="macro average precision",
    tasks=("multiclass", "multilabel"),
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
