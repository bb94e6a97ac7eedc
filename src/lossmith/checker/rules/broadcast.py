"""Silent broadcasting mixes elements that do not belong together.

What it finds: a value that is the mean over all pairs of predictions and targets, or that changes when a trailing axis
of length 1 is dropped.
Why it matters: every prediction is pulled towards every target, so all predictions become the mean.
Fix: give both the same shape: `prediction.squeeze(-1)` or `target.unsqueeze(-1)`.
"""

import itertools
import statistics

from lossmith.checker import health
from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Drop trailing axes; then compare with the mean over all pairs."""
    for words, fix, change in health.flattenings(case):
        inputs = case.ordinary[0]
        given, flat = case.number(inputs), case.number(change(inputs))
        if given is not None and flat is not None and abs(given - flat) > 1e-6 * (1.0 + abs(given)):
            told = f"{words}: the value is {given:.4g}, with the trailing axis dropped {flat:.4g}."
            return Found(told, inputs, f"{given:.6g}; with the trailing axis dropped {flat:.6g}", fix=fix)
    return _middle(case) or _all_pairs(case)


def _middle(case: Case) -> Found | None:
    """Give a middle axis of length 1 to the argument that lacks it.

    Dropping it from the others must agree.
    """
    inputs = case.ordinary[0]
    for words, fix, wider, narrower in health.widenings(case):
        found = numbers(case, [inputs, wider(inputs), narrower(inputs)])
        if found is None:
            continue
        given, wide, narrow = found
        room = 1e-6 * (1.0 + abs(given))
        if abs(wide - narrow) <= room < abs(given - wide):
            told = f"{words}: the value is {given:.4g}, with shapes that match {wide:.4g}."
            return Found(told, inputs, f"{given:.6g}; with shapes that match {wide:.6g}", fix=fix)
    return None


def _all_pairs(case: Case) -> Found | None:
    """Compare a batch with the mean over every prediction beside every target."""
    if len(case.pairs) != 1 or not case.batch or case.coupled:
        return None
    prediction, target = case.pairs[0]
    if case.batch_axes[prediction] is None or case.batch_axes[target] is None:
        return None
    for inputs in case.ordinary[:2]:
        given = numbers(case, [inputs])
        own = numbers(case, (_pair(case, inputs, i, i, target) for i in range(case.batch)))
        both = itertools.product(range(case.batch), repeat=2)
        crossed = numbers(case, (_pair(case, inputs, i, j, target) for i, j in both))
        if given is None or own is None or crossed is None:
            return None
        value, mean, all_pairs = given[0], statistics.fmean(own), statistics.fmean(crossed)
        room = 1e-6 * (1.0 + abs(value))
        if abs(value - all_pairs) > room or abs(value - mean) <= room:
            return None
    told = (
        f"The value is the mean over all pairs of predictions and targets, {value:.4g}, not over examples, {mean:.4g}."
    )
    return Found(told, inputs, f"{value:.6g}, the mean over all pairs; over examples it is {mean:.6g}")


def _pair(case: Case, inputs: Inputs, i: int, j: int, target: int) -> Inputs:
    one, other = case.rows(inputs, [i]), case.rows(inputs, [j])
    return [b if place == target else a for place, (a, b) in enumerate(zip(one, other, strict=True))]
