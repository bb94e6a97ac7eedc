"""Every metric of a task, with parameters that stand for the user's own."""

import math
from collections.abc import Iterator

from lossmith import registry
from lossmith.card import Interval
from lossmith.metric import Metric, written


def metrics_of(task: str) -> Iterator[str]:
    """Yield each metric of a table's task as one string.

    Example:
        >>> [metric for metric in metrics_of("binary") if metric.startswith("cost:")]
        ['cost: FN=5,FP=1']
    """
    from importlib import import_module

    classes = 2 if task == "binary" else 3
    for name, entry in registry.metrics().items():
        if task in entry["tasks"]:
            yield name + _parameters(import_module(entry["module"]).METRIC, classes)


def _parameters(metric: Metric, classes: int) -> str:
    if metric.is_matrix:
        rows = range(classes)
        prices = [[0.0 if row == column else 1.0 if row else 5.0 for column in rows] for row in rows]
        return f": {written(prices)}"
    values = [f"{key}={_value(interval, place):g}" for place, (key, interval) in enumerate(metric.parameters.items())]
    if not values:
        return ""
    return f"@{values[0].partition('=')[2]}" if len(values) == 1 else f": {','.join(values)}"


def _value(interval: Interval, place: int) -> float:
    """Return a value inside that nobody takes for a default."""
    if math.isinf(interval.high):
        return 1.0 if place else 5.0
    return interval.low + (0.9 if interval.low == 0.0 else 0.5) * (interval.high - interval.low)
