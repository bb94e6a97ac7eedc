"""The target in numbers: centre, spread, tail, outliers, zeros, or class counts.

A histogram goes with them.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.training.columns import is_whole

Values = NDArray[np.float64]
TAIL_SHARE = 0.05
MOST_BINS = 40
MANY_ZEROS = 0.25
"""From this share on zeros are a group of their own, and outliers are looked for among the rest."""


@dataclass(frozen=True)
class Fences:
    """Where outliers begin, in the target's unit.

    That is judged on the scale, linear or logarithmic, on which the target is more symmetric.
    """

    low: float
    high: float
    scale: str

    def outside(self, values: Values) -> NDArray[np.bool_]:
        """Mark the outliers."""
        return (values < self.low) | (values > self.high)


def value_statistics(values: Values) -> dict[str, Any]:
    """Return a numeric target's statistics as plain numbers, None where undefined."""
    found = fences(values)
    median = float(np.median(values))
    return {
        "mean": plain(values.mean()),
        "std": plain(values.std(ddof=1)) if len(values) > 1 else None,
        "median": plain(median),
        "mad": plain(np.median(np.abs(values - median))),
        "min": plain(values.min()),
        "max": plain(values.max()),
        "skew": skewness(values),
        "tail_index": tail_index(values),
        "zero_share": plain(np.mean(values == 0)),
        "negative_share": plain(np.mean(values < 0)),
        "integer_share": plain(np.mean(values == np.round(values))),
        "outlier_share": 0.0 if found is None else plain(found.outside(values).mean()),
        "unique": len(np.unique(values)),
    }


def class_statistics(codes: NDArray[np.int64], levels: tuple[str, ...]) -> dict[str, Any]:
    """Return each class's rows and share, the imbalance, and the rarest class.

    The imbalance is the largest class over the smallest.
    """
    counts = np.bincount(codes, minlength=len(levels))
    return {
        "counts": {level: int(count) for level, count in zip(levels, counts, strict=True)},
        "priors": {level: float(count / counts.sum()) for level, count in zip(levels, counts, strict=True)},
        "imbalance": float(counts.max() / max(counts.min(), 1)),
        "minority": levels[int(counts.argmin())],
    }


def label_statistics(y: Values, labels: tuple[str, ...]) -> dict[str, Any]:
    """Return each label's rows and share, how many a row has, and the rarest.

    The imbalance is all noes of the matrix over all yeses.
    """
    counts = y.sum(axis=0)
    return {
        "counts": {label: int(count) for label, count in zip(labels, counts, strict=True)},
        "priors": {label: float(count / len(y)) for label, count in zip(labels, counts, strict=True)},
        "imbalance": float((y.size - counts.sum()) / max(counts.sum(), 1.0)),
        "minority": labels[int(counts.argmin())],
        "labels_per_row": float(counts.sum() / len(y)),
    }


def skewness(values: Values) -> float | None:
    """Return the third standardised moment; None for a constant."""
    spread = values.std()
    if not spread > 1e-12 * np.abs(values).max():
        return None
    return plain(np.mean(((values - values.mean()) / spread) ** 3))


def tail_index(values: Values) -> float | None:
    """Hill's estimate of how fast the target's tail falls off.

    The tail is the largest 5 % of the distances from the median. Below 2 the variance, below 1 even the mean is ruled
    by single rows; above 4 the tail is harmless. None with fewer than 200 rows, or when that share is one spike.

    Source:
        Hill, "A simple general approach to inference about the tail of a distribution", 1975,
        doi:10.1214/aos/1176343247.
    """
    distance = np.sort(np.abs(values - np.median(values)))
    k = int(TAIL_SHARE * len(values))
    if k < 10 or distance[-k - 1] <= 0:
        return None
    mean_log = float(np.mean(np.log(distance[-k:] / distance[-k - 1])))
    return plain(1 / mean_log) if mean_log > 0 else None


def fences(values: Values) -> Fences | None:
    """Return Tukey's outer fences, or None where the quartiles coincide.

    They lie 3 interquartile ranges beyond the quartiles.
    """
    zeros = bool(np.mean(values == 0) >= MANY_ZEROS)
    core = values[values != 0] if zeros else values  # else the zeros are the quartiles, and all others outliers
    if not len(core):
        return None
    scales = {"linear": core}
    if core.min() >= 0:
        scales["log1p"] = np.log1p(core)
    lopsided = {name: _lopsided(scaled) for name, scaled in scales.items()}
    scale = min(lopsided, key=lambda name: lopsided[name])
    low, high = np.quantile(scales[scale], [0.25, 0.75])
    if not high > low:
        return None
    ends = np.array([low - 3 * (high - low), high + 3 * (high - low)])
    with np.errstate(over="ignore"):
        below, above = np.expm1(ends) if scale == "log1p" else ends
    return Fences(
        min(float(below), 0.0) if zeros else float(below), max(float(above), 0.0) if zeros else float(above), scale
    )


def histogram(values: Values) -> dict[str, Any]:
    """Return the counts between the fences, and as `outliers` the count beyond them."""
    found = fences(values)
    outside = np.zeros(len(values), dtype=bool) if found is None else found.outside(values)
    inner = values[~outside]
    scale = "log1p" if found is not None and found.scale == "log1p" and (skewness(inner) or 0) > 1 else "linear"
    edges = _edges(inner, scale)
    counts, _ = np.histogram(inner, edges)
    low = None if found is None or not np.any(values < found.low) else plain(found.low)
    high = None if found is None or not np.any(values > found.high) else plain(found.high)
    return {
        "edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
        "outlier_low": low,
        "outlier_high": high,
        "outliers": int(outside.sum()),
        "scale": scale,
    }


def plain(number: Any) -> float | None:
    """Return a Python float, or None for what JSON cannot say (NaN, infinity)."""
    value = float(number)
    return value if math.isfinite(value) else None


def _lopsided(values: Values) -> float:
    """How unequal the two halves of the middle 75 % are, from 0 to 1.

    It is a skewness that outliers cannot move.
    """
    low, middle, high = np.quantile(values, [0.125, 0.5, 0.875])
    return float(abs(high + low - 2 * middle) / (high - low)) if high > low else 1.0


def _edges(values: Values, scale: str) -> Values:
    """Return bin edges in the target's unit.

    Whole numbers get a bin each where they are few.
    """
    low, high = float(values.min()), float(values.max())
    if is_whole(values) and high - low < MOST_BINS:
        return np.arange(low - 0.5, high + 1.0)
    bins = int(min(MOST_BINS, max(10, 2 * len(values) ** (1 / 3))))
    if scale == "log1p":
        edges = np.expm1(np.linspace(np.log1p(low), np.log1p(high), bins + 1))
        edges[0], edges[-1] = low, high  # rounding must not push the extremes out
        return edges
    if not high > low:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)
