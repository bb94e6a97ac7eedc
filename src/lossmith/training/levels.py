"""Ordered levels: from a score on their scale, 0 to K − 1, to one of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""From cuts half-way between levels to cuts that give every level its share."""


def score(prediction: Array) -> Array:
    """Return the predicted level as a number (n,): the mean, of probabilities (n, K).

    Example:
        >>> score(np.array([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8]])).tolist()
        [0.5, 1.8]
    """
    return prediction if prediction.ndim == 1 else np.asarray(prediction @ np.arange(prediction.shape[1]))


def half_way(levels: int) -> list[float]:
    """Return the cuts that round a score to the nearest level."""
    return [place + 0.5 for place in range(levels - 1)]


def cut_points(prediction: Array, target: Array, sample_weight: Array | None) -> list[list[float]]:
    """Return cuts worth trying, from low to high.

    A mean level hugs the middle: rounded, the outer levels are hardly ever said. Squared error wants that; kappa wants
    decisions that spread as the truth does, which cuts at the shares of the levels give. Between the two runs one
    number to choose, so that few validation rows suffice; K − 1 free cuts would fit their noise.

    Args:
        prediction: scores (n,) or probabilities (n, K).
        target: numbers of levels.
        sample_weight: how much each row counts (n,).
    """
    levels = prediction.shape[1] if prediction.ndim == 2 else int(target.max()) + 1
    weight = np.ones(len(target)) if sample_weight is None else sample_weight
    below = np.cumsum(np.bincount(target.astype(np.int64), weight, minlength=levels))[:-1] / weight.sum()
    shares = np.quantile(score(prediction), np.minimum(below, 1.0), weights=weight, method="inverted_cdf")
    rounded = np.array(half_way(levels))
    return [((1.0 - blend) * rounded + blend * shares).tolist() for blend in BLENDS]


def decide(prediction: Array, cuts: list[float]) -> Array:
    """Return the number of cuts below each score, which is its level."""
    return np.searchsorted(np.asarray(cuts), score(prediction), side="left")
