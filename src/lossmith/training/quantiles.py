"""Distributions as quantiles: which ones to predict, and what to make of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossmith.card import Functional
from lossmith.domains import LocationScale, Spread
from lossmith.metric import ChosenMetric

Array = NDArray[np.float64]

FINE = tuple((2 * k + 1) / 400 for k in range(200))
"""Levels whose quantiles stand for a whole distribution when a mean is taken of it."""
DENSE = 0.1
"""Levels at most this far apart may be interpolated between."""


def wanted(
    spread: Spread, params: Mapping[str, Any], metric: ChosenMetric
) -> tuple[tuple[float, ...], Functional | None]:
    """Return the levels to predict, and what to make of their quantiles.

    Raises:
        ValueError: the metric asks for neither quantiles nor a mean.
    """
    if not isinstance(spread, LocationScale):
        return tuple(float(level) for level in params["levels"]), None
    if metric.levels:
        return metric.levels, None
    asked = metric.elicits
    if asked.name == "quantile" and asked.level is not None:
        return (asked.level,), asked
    if asked.name != "mean":
        raise ValueError(f"A distribution should be asked for a mean or quantiles. Found {metric.label}: the {asked}.")
    return FINE, asked


def of(spread: Spread, columns: Tensor, levels: tuple[float, ...]) -> Array:
    """Return the quantiles (n, levels) of what the columns describe.

    A scale beyond all bounds is cut there, so that what it gives stays a number.
    """
    if isinstance(spread, LocationScale):
        columns = torch.cat([columns[:, :1], columns[:, 1:].clamp(spread.low, spread.high)], dim=1)
    return np.asarray(spread.quantiles(columns, torch.tensor(levels, dtype=columns.dtype)))


def reduced(quantiles: Array, point: Functional | None) -> Array:
    """Return quantiles (n, levels) as they are, or the one number they come to."""
    if point is None:
        return quantiles
    if point.name == "quantile":
        return quantiles[:, 0]
    if point.of == "log1p":
        return np.asarray(np.expm1(np.log1p(np.maximum(quantiles, 0.0)).mean(axis=1)))
    return np.asarray(quantiles.mean(axis=1))


def levels_of(metric: ChosenMetric) -> tuple[float, ...]:
    """Return the levels whose quantiles a metric is about.

    Raises:
        ValueError: it is about something else.
    """
    if not metric.levels:
        raise ValueError(
            f"Quantiles need a metric that asks for them. Found `{metric}`. Try training for `crps` or "
            "`interval_score@0.9`."
        )
    return metric.levels


def share_inside(target: NDArray[Any], quantiles: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> float:
    """Return the share of targets between the outermost quantiles (n, levels).

    Example:
        >>> share_inside(np.array([1.0, 5.0]), np.array([[0.0, 2.0], [0.0, 2.0]]))
        0.5
    """
    inside = (quantiles[:, 0] <= target) & (target <= quantiles[:, -1])
    return float(np.average(inside, weights=sample_weight))


def at_levels(quantiles: NDArray[Any], known: Sequence[float], wanted: Sequence[float]) -> Array:
    """Return quantiles (n, wanted) from those at `known` levels (n, known).

    Between known levels they are interpolated linearly.

    Raises:
        ValueError: a level lies beyond the known ones, or between two that lie too far apart.

    Example:
        >>> at_levels(np.array([[1.0, 2.0]]), (0.45, 0.55), (0.5,))
        array([[1.5]])
    """
    columns = []
    for level in wanted:
        place = int(np.searchsorted(known, level - 1e-9))
        if place < len(known) and abs(known[place] - level) <= 1e-9:
            columns.append(quantiles[:, place])
            continue
        if place in (0, len(known)) or known[place] - known[place - 1] > DENSE + 1e-9:
            shown = ", ".join(f"{value:g}" for value in known) if len(known) < 5 else f"{known[0]:g} to {known[-1]:g}"
            raise ValueError(f"A level should be one that was trained: {shown}. Found {level:g}. Try one of those.")
        share = (level - known[place - 1]) / (known[place] - known[place - 1])
        columns.append((1.0 - share) * quantiles[:, place - 1] + share * quantiles[:, place])
    return np.stack(columns, axis=1)
