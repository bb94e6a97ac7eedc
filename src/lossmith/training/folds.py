"""Splits, stratified: outer folds that judge, and an inner part that chooses.

The inner part is taken from the training rows.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from lossmith.training.labels import rarest

Rows = NDArray[np.int64]
Array = NDArray[Any]

BINS = 10
"""Strata of a numeric target: a fold without its share of the tail says little about the tail."""

MANY_GROUPS = 1000
"""Above which each group gets a stratum and counts as one: scikit-learn weighs every group against every fold."""


def outer(y: Array, classes: int, folds: int, seed: int, groups: Rows | None = None) -> Iterator[tuple[Rows, Rows]]:
    """Yield (training rows, test rows) of each fold; a group is never in both."""
    if groups is not None and len(np.unique(groups)) > MANY_GROUPS:
        yield from _of_many_groups(y, classes, folds, seed, groups)
        return
    splitter = (StratifiedKFold if groups is None else StratifiedGroupKFold)(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class rarer than the folds is told by the profile
        yield from splitter.split(np.zeros((len(y), 1)), strata(y, classes, folds), groups)


def _of_many_groups(y: Array, classes: int, folds: int, seed: int, groups: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield folds of whole groups, each in the stratum of its rarest class or mean."""
    numbers, bins = np.unique(groups, return_inverse=True)[1], strata(y, classes, folds)
    if classes:
        rarity = np.argsort(np.argsort(np.bincount(bins), kind="stable"))
        of_group = np.full(numbers.max() + 1, len(rarity))
        np.minimum.at(of_group, numbers, rarity[bins])
    else:
        of_group = np.round(np.bincount(numbers, bins) / np.bincount(numbers)).astype(np.int64)
    for _, test in outer(of_group, 1, folds, seed):
        tested = np.isin(numbers, test)
        yield np.flatnonzero(~tested), np.flatnonzero(tested)


def seed_of(seed: int, repeat: int, fold: int) -> int:
    """Return the seed of one fold, which no other fold or repeat shares."""
    return int(np.random.SeedSequence([seed, repeat, fold]).generate_state(1)[0])


def inner(y: Array, classes: int, share: float, seed: int, groups: Rows | None = None) -> tuple[Rows, Rows]:
    """Split a training part into rows to learn from and rows to choose by.

    The latter are about `share` of it; whole groups, if rows are grouped, and then the split is taken that comes
    nearest to `share` and holds the most classes on either side.
    """
    parts = max(2, round(1.0 / share))
    if groups is None:
        return next(outer(y, classes, parts, seed))

    def unlike(split: tuple[Rows, Rows]) -> tuple[int, float]:
        held = sum(len(np.unique(y[part])) for part in split) if classes else 0
        return -held, abs(len(split[1]) / len(y) - share)

    return min(outer(y, classes, min(parts, len(np.unique(groups))), seed, groups), key=unlike)


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
    """Return class numbers, each row's rarest label, or bins of a numeric target.

    Each bin has at least `smallest` rows, or else there is only one bin.
    """
    if y.ndim == 2:
        return rarest(y)
    if classes:
        return y.astype(np.int64)
    edges = np.unique(np.quantile(y, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, y, side="left")  # "left", so that a spike at 0 is a stratum of its own
    counts = np.bincount(bins)
    return bins if counts[counts > 0].min() >= smallest else np.zeros(len(y), dtype=np.int64)
