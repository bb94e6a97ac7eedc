"""What differences from the reference usually are, by what the metric takes.

Learned by `python -m benchmarks.usual` from real tables, where every candidate was trained with fresh seeds and scored
on rows nobody had seen. Of a candidate that too few tables had, theory says it: who elicits what the metric asks for
differs little from the reference, and who aims at something else is mostly worse.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lossmith.metric import ChosenMetric

FILE = Path(__file__).with_name("usual.json")


@dataclass(frozen=True)
class Usual:
    """Mean and deviation of differences from the reference, as shares of its error."""

    mean: float
    deviation: float


CONSISTENT = Usual(-0.01, 0.02)
"""Losses that elicit what the metric asks for, as the reference does: they differ in how fast they learn it."""
OTHER = Usual(-0.04, 0.04)
"""Losses that aim at something else: mostly worse, by much more or less."""


def usual(candidate: str, kind: str, *, consistent: bool) -> Usual:
    """Return what to expect of a candidate before anything is measured.

    Args:
        candidate: its id.
        kind: of the metric, see `kind`.
        consistent: whether it elicits what the metric asks for.
    """
    return learned().get(kind, {}).get(candidate) or (CONSISTENT if consistent else OTHER)


def kind(metric: ChosenMetric, task: str) -> str:
    """Return what a metric takes: labels, probabilities, a functional of numbers.

    Example:
        >>> from lossmith import registry
        >>> kind(registry.metric("f1"), "binary"), kind(registry.metric("mae"), "regression")
        ('labels', 'median')
    """
    takes = metric.takes(task)
    return str(metric.elicited(task)) if takes == "values" else takes


@cache
def learned() -> Mapping[str, Mapping[str, Usual]]:
    """Return what tables have taught, by kind of metric and candidate."""
    return read(json.loads(FILE.read_text(encoding="utf-8"))["kinds"]) if FILE.exists() else {}


def read(kinds: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Mapping[str, Mapping[str, Usual]]:
    """Read what `benchmarks.usual` learned."""
    return {
        kind: {key: Usual(found["mean"], found["deviation"]) for key, found in candidates.items()}
        for kind, candidates in kinds.items()
    }
