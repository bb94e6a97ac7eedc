"""Log loss: how surprising the true classes are to the predicted probabilities.

Reach for it when the probabilities themselves are used, not only a decision. A confident mistake costs most.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import CLASS_PROBABILITIES, Reference
from lossmith.metric import Metric


def log_loss(target: NDArray[Any], prediction: NDArray[Any], *, sample_weight: NDArray[Any] | None = None) -> float:
    """Mean of −log of the probability given to the true class.

    Args:
        target: class numbers from 0 to K − 1, not every class need occur; or a matrix (n, K) of 0 and 1 for labels,
            each of which counts like a row of its own.
        prediction: probabilities (n, K), of classes with rows summing to 1 as far as float32 can tell.
        sample_weight: how much each row counts (n,).
    """
    from sklearn.metrics import log_loss as mean_log_loss

    # scikit-learn keeps probabilities one epsilon of their dtype away from 0 and 1. In float64 a wrong certainty costs
    # 36 nats whatever dtype the network had; the rows are summed anew because float32 rounding would be warned of.
    probability = np.asarray(prediction, dtype=np.float64)
    if np.ndim(target) == 2:
        weight = None if sample_weight is None else np.repeat(sample_weight, probability.shape[1])
        return float(mean_log_loss(np.ravel(target), probability.ravel(), labels=[0, 1], sample_weight=weight))
    probability = probability / probability.sum(axis=1, keepdims=True)
    return float(
        mean_log_loss(target, probability, labels=np.arange(probability.shape[1]), sample_weight=sample_weight)
    )


METRIC = Metric(
    function=log_loss,
    label="log loss",
    tasks=("binary", "multiclass", "ordinal", "multilabel"),
    elicits=CLASS_PROBABILITIES,
    takes="probabilities",
    rule="probability",
    unit="nats",
    also_known_as=("cross entropy", "negative log likelihood", "nll"),
    references=(Reference("Good", "Rational decisions", 1952, "doi:10.1111/j.2517-6161.1952.tb00104.x"),),
)
