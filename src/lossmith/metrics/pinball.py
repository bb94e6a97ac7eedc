"""Pinball loss: what a miss costs when too low and too high cost differently.

Reach for it when a level should hold with a given chance: `pinball@0.9` asks for the value that nine of ten targets
stay below. A unit of under-prediction costs `quantile`, a unit of over-prediction 1 − `quantile`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.card import UNIT_OPEN, Functional, Reference
from lossmith.metric import Metric


def pinball(
    target: NDArray[Any], prediction: NDArray[Any], *, quantile: float, sample_weight: NDArray[Any] | None = None
) -> float:
    """Mean of max(quantile · miss, (quantile − 1) · miss).

    A miss is target − prediction.
    """
    from sklearn.metrics import mean_pinball_loss

    return float(mean_pinball_loss(target, prediction, alpha=quantile, sample_weight=sample_weight))


METRIC = Metric(
    function=pinball,
    label="pinball loss",
    tasks=("regression", "count", "forecast"),
    elicits=lambda quantile: Functional("quantile", quantile),
    takes="values",
    rule="value",
    row_errors=lambda target, prediction, quantile: np.maximum(
        quantile * (target - prediction), (quantile - 1.0) * (target - prediction)
    ),
    unit="target",
    parameters={"quantile": UNIT_OPEN},
    also_known_as=("quantile loss", "quantile score"),
    training_loss="pinball_loss",
    references=(Reference("Koenker & Bassett", "Regression quantiles", 1978, "doi:10.2307/1913643"),),
)
