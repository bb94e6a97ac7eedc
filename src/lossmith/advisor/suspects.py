"""Looks for wrong targets: rows that a network contradicts out of fold.

Classes that overlap contradict a network just as wrong labels do, and in part of the rows nobody can tell which it is.
But overlap thins out where the network is surest, and wrong labels do not: they do not know how sure it is. So the
share of contradicted rows among the surest ones is what wrong labels can explain, and a row is named only where they
explain a good part of the contradictions around it, and its features speak clearly against its label. This is the
counting of confident learning (Northcutt, Jiang and Chuang 2021), made shy.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.advisor.suspicion import Suspect, Suspicion
from lossmith.advisor.trials import Trial
from lossmith.training.problem import Problem

Array = NDArray[Any]

FEWEST_FOLDS = 3
MOST_SHOWN = 20
FEWEST_ROWS = 30
"""Rows predicted to be of a class, below which nothing is said about it."""
SUREST, SUREST_ROWS = 0.1, 60
"""The surest tenth, or as many rows where that is fewer, though never more than a third."""
EXPLAINED = 1 / 3
"""Share of the contradictions around a row that wrong labels must explain, for it to be named."""
CLEAR = 7.0
"""How many times likelier another class must be: more, the less of the contradictions wrong labels can explain. In
tests/test_suspects.py that finds nine in ten labels flipped among separable classes, and names at most one row in a
thousand where classes overlap by nature."""
OVERLAP = 0.05
"""Share of the surest rows contradicted, from which silence would be misleading where no row can be named."""
ONE_IN = 10.0
"""Tables without a wrong number among which one would have a row named."""


def suspicion(chosen: Sequence[Trial], problem: Problem) -> Suspicion | None:
    """Look at the out-of-fold predictions of one candidate, one trial per fold.

    Only the first repeat is looked at. None where too few folds were finished, or nothing was kept.
    """
    kept = [trial.held_out for trial in chosen if trial.repeat == 0 and trial.held_out]
    if len(kept) < FEWEST_FOLDS:
        return None
    parts = {key: np.concatenate([np.asarray(held[key]) for held in kept]) for key in kept[0]}
    if "likeliest" in parts:
        return _of_labels(parts, problem.levels)
    return _of_numbers(parts)


def _of_labels(parts: dict[str, Array], levels: Sequence[str]) -> Suspicion:
    odds, surest = suspect_labels(parts["given"], parts["likeliest"], parts["doubt"], parts["chance"], len(levels))
    order = np.argsort(-odds, kind="stable")[: np.count_nonzero(odds)]
    found = [
        Suspect(int(parts["rows"][i]), levels[parts["given"][i]], levels[parts["likeliest"][i]], _three(odds[i]))
        for i in order[:MOST_SHOWN]
    ]
    looked_at = len(odds)
    return Suspicion(tuple(found), len(order), looked_at, _label_sentence(len(order), looked_at, surest))


def _label_sentence(count: int, looked_at: int, surest: float) -> str:
    if count:
        labels = "1 label looks" if count == 1 else f"{count} labels look"
        return (
            f"{labels} wrong ({count / looked_at:.1%} of the rows): networks that had not seen them are sure of "
            "another class. Look at them before trusting small differences; where classes overlap, a rare true case "
            "looks the same."
        )
    if surest >= OVERLAP:
        return (
            f"Even where the networks are surest, {surest:.0%} of the labels contradict them. Classes that overlap and "
            "labels that are wrong look the same here: no row can be named."
        )
    return ""


def suspect_labels(given: Array, likeliest: Array, doubt: Array, chance: Array, classes: int) -> tuple[Array, float]:
    """Return how clearly features speak against labels, and how noisy labels look.

    Args:
        given: class numbers as they stand (n,).
        likeliest: the network's class (n,).
        doubt: probability that it is not that (n,).
        chance: probability of the given class (n,).
        classes: how many there are.

    Returns:
        Odds (n,), 0 for a row that is not suspected; and the share of contradictions among the surest rows.
    """
    from sklearn.isotonic import IsotonicRegression

    odds, prior = np.zeros(len(given)), np.bincount(given, minlength=classes) / len(given)
    wrong = (given != likeliest).astype(np.float64)
    groups = {label: np.flatnonzero(likeliest == label) for label in range(classes)}
    groups = {label: rows for label, rows in groups.items() if len(rows) >= FEWEST_ROWS}
    tops = {label: rows[_surest(doubt[rows])] for label, rows in groups.items()}
    together = float(np.mean(np.concatenate([wrong[top] for top in tops.values()]))) if tops else 0.0
    for label, rows in groups.items():
        # A network's own doubt may be far off; how often it was contradicted at this doubt is not.
        around = IsotonicRegression(y_min=0.0, y_max=1.0).fit(doubt[rows], wrong[rows]).predict(doubt[rows])
        own = (wrong[tops[label]].sum() + 0.5) / (len(tops[label]) + 1.0)  # few rows: none is no proof of none
        floor = (float(own) + together) / 2.0
        torn = wrong[rows] == 1.0
        at, rate = rows[torn], np.clip(around[torn], 1e-9, 1.0)
        of_given = rate * np.clip(chance[at] / np.maximum(doubt[at], 1e-300), 1e-9, 1.0)
        # By the probabilities, and by what the features alone say: a rare class is not wrong for being rare.
        clear = (1.0 - rate) / of_given * np.minimum(1.0, prior[given[at]] / prior[label])
        explained = min(1.0, floor / max(float(wrong[rows].mean()), 1e-9))
        odds[at] = np.where((floor / rate >= EXPLAINED) & (clear * explained >= CLEAR), clear, 0.0)
    return odds, together


def _surest(doubt: Array) -> Array:
    """Return the places of the surest rows."""
    count = math.ceil(max(SUREST * len(doubt), min(len(doubt) / 3, SUREST_ROWS)))
    return np.argsort(doubt, kind="stable")[:count]


def _of_numbers(parts: dict[str, Array]) -> Suspicion:
    size = suspect_numbers(parts["given"], parts["predicted"])
    order = np.argsort(-size, kind="stable")[: np.count_nonzero(size)]
    found = [
        Suspect(int(parts["rows"][i]), f"{parts['given'][i]:g}", f"{parts['predicted'][i]:.3g}", _three(size[i]))
        for i in order[:MOST_SHOWN]
    ]
    told = ""
    if found:
        targets = "1 target lies" if len(order) == 1 else f"{len(order)} targets lie"
        told = (
            f"{targets} further from what networks predict that had not seen them than the tail of the misses "
            "explains. Look for typing errors and mixed units."
        )
    return Suspicion(tuple(found), len(order), len(size), told)


def suspect_numbers(given: Array, predicted: Array) -> Array:
    """Return how far each miss lies beyond the usual, 0 where it does not.

    Misses are ratios where all numbers are above 0, else differences. The tail of the misses is drawn on from their
    90 % and 99 % quantiles as a power law, heavier than any that falls off faster; a row is named beyond the point that
    one table in ten without a wrong number would reach.
    """
    none = np.zeros(len(given))
    if len(given) < 100 or not np.all(np.isfinite(predicted)):
        return none
    positive = bool(np.all(given > 0) and np.all(predicted > 0))
    miss = np.abs(np.log(given / predicted) if positive else given - predicted)
    near, far = np.quantile(miss, [0.9, 0.99])
    if not far > near > 0.0:
        return none
    limit = far * (far / near) ** math.log10(0.01 * len(given) * ONE_IN)
    return np.where(miss > limit, miss / far, 0.0)


def _three(value: float) -> float:
    return float(f"{value:.3g}")
