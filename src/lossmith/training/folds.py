"""Splits, stratified: outer folds that judge, and an inner part that chooses.

The inner part is taken from the training rows.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

Rows = NDArray[np.int64]
Array = NDArray[Any]

BINS = 10
"""Strata of a numeric target: a fold without its share of the tail says little about the tail."""


def outer(y: Array, classes: int, folds: int, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield (training rows, test rows) of each fold."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class rarer than the folds is told by the profile
        yield from splitter.split(np.zeros((len(y), 1)), strata(y, classes, folds))


def inner(y: Array, classes: int, share: float, seed: int) -> tuple[Rows, Rows]:
    """Split a training part into rows to learn from and rows to choose by.

    The latter are about `share` of it.
    """
    parts = max(2, round(1.0 / share))
    return next(outer(y, classes, parts, seed))


def sample(y: Array, classes: int, rows: int, seed: int) -> Rows:
    """Return at most `rows` rows, with every stratum in its share."""
    if len(y) <= rows:
        return np.arange(len(y))
    order = np.random.default_rng(seed).permutation(len(y))
    bins = strata(y, classes, 2)[order]
    # Walk the strata in turn by rank within each: taking a prefix of that order keeps the shares.
    rank = np.empty(len(y))
    for stratum in np.unique(bins):
        members = np.flatnonzero(bins == stratum)
        rank[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(order[np.argsort(rank, kind="stable")[:rows]])


def strata(y: Array, classes: int, smallest: int) -> NDArray[np.int64]:
    """Return class numbers, or bins of a numeric target.

    Each bin has at least `smallest` rows, or else there is only one bin.
    """
    if classes:
        return y.astype(np.int64)
    edges = np.unique(np.quantile(y, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, y, side="left")  # "left", so that a spike at 0 is a stratum of its own
    counts = np.bincount(bins)
    return bins if counts[counts > 0].min() >= smallest else np.zeros(len(y), dtype=np.int64)
