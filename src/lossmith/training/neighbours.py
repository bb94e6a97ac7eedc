"""The metrics that the user might have asked for instead.

Their scores come from the same trained networks, for next to nothing.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training import decision
from lossmith.training.problem import VALUE_TASKS

Array = NDArray[Any]

MOST = 6
"""Neighbours at most: a table of more is not read."""
SERVED = {"labels": ("labels", "probabilities"), "probabilities": ("labels", "probabilities")}
"""Class probabilities serve metrics of either kind; any other prediction only metrics of its own kind."""


class Predicted(NamedTuple):
    """Predictions, as the network gives them, beside what they should have been."""

    prediction: Array
    target: Array
    sample_weight: Array | None = None


def neighbours(asked: ChosenMetric, task: str, target: Array) -> tuple[str, ...]:
    """Return the names of the metrics near the one that was asked for.

    They have no parameters, fit the task and the target, and can be had from the same predictions. Those that ask for
    something else come first, one for each thing that can be asked for, before a second for any. Of metrics that are
    the same training loss only one counts.

    Args:
        asked: the metric that was asked for.
        task: as in `Problem.task`.
        target: every known target value, or class numbers.

    Example:
        >>> "rmse" in neighbours(registry.metric("mae"), "regression", np.array([-1.0, 0.0, 2.0]))
        True
    """
    if asked.metric.in_naive_misses:
        return ()  # the target is then measured in a unit in which other metrics mean something else
    found = [registry.metric(name) for name, entry in registry.metrics().items() if not entry["parameters"]]
    fitting = [metric for metric in found if metric.name != asked.name and _serves(metric, asked, task, target)]
    # Those defined for every target come first, in the target's own unit before others.
    fitting.sort(key=lambda metric: (metric.metric.refuses is not None, metric.metric.unit != "target", metric.name))
    asking, trained, turns = {str(asked.elicited(task)): 1}, {asked.metric.training_loss} - {""}, []
    for metric in fitting:
        wanted, own = str(metric.elicited(task)), metric.metric.training_loss
        if own in trained:  # R² beside RMSE: the same order, told twice
            continue
        turns.append((asking.get(wanted, 0), metric.name))
        asking[wanted] = asking.get(wanted, 0) + 1
        trained |= {own} - {""}
    return tuple(name for _, name in sorted(turns, key=lambda turn: turn[0])[:MOST])


def score(metric: ChosenMetric, task: str, chosen_by: Predicted, tested_on: Predicted) -> float | None:
    """Score a network under another metric, under that metric's own decision rule.

    Args:
        metric: the other metric.
        task: as in `Problem.task`.
        chosen_by: the validation rows, which tune the rule.
        tested_on: the test rows.

    Returns:
        The score; None where the metric cannot score these predictions.
    """
    rule = metric.rule(task)
    try:
        params = decision.tuned(rule, chosen_by.prediction, chosen_by.target, metric, chosen_by.sample_weight)
        found = _scored(metric, rule, params, tested_on)
    except (ValueError, TypeError, IndexError, ArithmeticError):  # another form of prediction than it knows
        return None
    return found if math.isfinite(found) else None


def plain_score(metric: ChosenMetric, rule: str, params: Mapping[str, Any], tested_on: Predicted) -> float | None:
    """Score under the rule that nobody tuned, such as a cut at 0.5.

    Returns:
        The score; None where no rule is tuned, or where the metric refuses what the plain rule gives.
    """
    plain = decision.plain(rule, params)
    if plain is None:
        return None
    try:
        found = _scored(metric, *plain, tested_on)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _scored(metric: ChosenMetric, rule: str, params: Mapping[str, Any], rows: Predicted) -> float:
    return metric(rows.target, decision.decide(rule, rows.prediction, params), rows.sample_weight)


def _serves(metric: ChosenMetric, asked: ChosenMetric, task: str, target: Array) -> bool:
    """Whether a metric fits task and target, and takes what the networks give."""
    kind = asked.takes(task)
    if task not in metric.metric.tasks or metric.takes(task) not in SERVED.get(kind, (kind,)):
        return False
    if metric.levels != asked.levels:  # other quantiles than the networks give
        return False
    refuses = metric.metric.refuses
    return task not in VALUE_TASKS or refuses is None or not bool(np.any(refuses(target)))
