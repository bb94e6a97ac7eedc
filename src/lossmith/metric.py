"""What a metric says of itself, and a metric chosen with its parameters.

In one string that is `pinball@0.9` or `cost: FN=5,FP=1`.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lossmith.card import MEDIAN_LEVEL, MOST_LIKELY_CLASS, Functional, Interval, Reference

Takes = Literal["values", "labels", "probabilities", "quantiles"]
Rule = Literal[
    "value", "positive", "probability", "argmax", "threshold", "prior", "median_level", "quantiles", "least_cost",
    "thresholds", "shared_threshold", "cuts",
]  # fmt: skip
Levels = tuple[float, ...]
Prices = tuple[tuple[float, ...], ...]
"""A row for each true class, a column for each one named."""

_DECIDED = {"median_level": MEDIAN_LEVEL, "argmax": MOST_LIKELY_CLASS}
"""What a rule without a free parameter asks for, whatever the metric asks for in other tasks."""


@dataclass(frozen=True)
class Metric:
    """A metric's file holds one function and one of these, called METRIC."""

    function: Callable[..., float]
    """`(target, prediction, **parameters, sample_weight=None) -> float`, computed by scikit-learn."""
    label: str
    """How people write it: "MAE", "ROC AUC"."""
    tasks: tuple[str, ...]
    elicits: Functional | Callable[..., Functional]
    takes: Takes
    """Point values, class numbers, class probabilities (n, classes), or quantiles (n, levels)."""
    rule: Rule
    """The decision rule that turns a network's output into what the metric takes."""
    binary_rule: Rule | None = None
    """Another rule for two classes, where one threshold says it all."""
    ordinal_rule: Rule | None = None
    """Another rule for ordered levels, which are then scored as the numbers 0 to K − 1."""
    multilabel_rule: Rule | None = None
    """Another rule for several labels a row, where target and decisions are matrices (n, labels) of 0 and 1."""
    nearest: Functional | None = None
    """Where no loss elicits what is asked for: the functional to train for instead."""
    nearest_why: str = ""
    """How near that is, as a clause."""
    levels: Levels | Callable[..., Levels] = ()
    """Levels of the quantiles it takes, if it takes any."""
    higher_is_better: bool = False
    row_errors: Callable[..., NDArray[np.float64]] | None = None
    """`(target, prediction, **parameters)`: one error per row, of which the metric is the mean; None where none is."""
    root: bool = False
    """Whether the metric is the square root of the mean of `row_errors`."""
    in_naive_misses: bool = False
    """Whether target and prediction are given as multiples of the usual miss of a series' naive forecast."""
    unit: Literal["target", "none", "share", "nats", "cost"] = "none"
    parameters: Mapping[str, Interval] = field(default_factory=dict)
    """Numeric parameters and their ranges. One: `name@value`. Several: `name: A=5,B=1`."""
    is_matrix: bool = False
    """Whether the one parameter is a square table, a number for each pair of classes: `name: 0,5;1,0`."""
    refuses: Callable[[NDArray[np.float64]], NDArray[np.bool_]] | None = None
    """Marks the target values this metric is not defined for."""
    also_known_as: tuple[str, ...] = ()
    needs: str = ""
    """What those targets should have been: "targets from 0 up"."""
    fewest_positives: int = 0
    """Positive rows below which a score is biased, beside noisy (`benchmarks.few_positives`)."""
    strictly_positive: bool = False
    """For the rule "positive": a prediction of exactly 0 is not allowed either."""
    from_counts: Callable[..., NDArray[np.float64]] | None = None
    """`(tp, fp, fn, tn, **parameters)`, arrays: the same value from many tables at once, to tune a threshold fast.
    The entries are sums of weights, so that any positive number can stand there."""
    training_loss: str = ""
    """Id of the candidate that is this metric itself, row by row and up to a constant: `huber_loss@log1p`."""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class ChosenMetric:
    """A metric with its parameters set: what one string on the command line says."""

    name: str
    metric: Metric
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Numbers by name; for a metric of a matrix its one parameter, as `Prices`."""

    def __call__(
        self, target: NDArray[Any], prediction: NDArray[Any], sample_weight: NDArray[Any] | None = None
    ) -> float:
        """Score predictions; a whole weight counts its row that many times."""
        if sample_weight is None:
            return float(self.metric.function(target, prediction, **self.parameters))
        counts = sample_weight > 0.0  # scikit-learn still looks for classes among rows that weigh nothing
        weight = sample_weight[counts]
        return float(self.metric.function(target[counts], prediction[counts], **self.parameters, sample_weight=weight))

    def error(self, score: float) -> float:
        """Score turned so that lower is better: itself, or its negative."""
        return -score if self.metric.higher_is_better else score

    def rule(self, task: str) -> Rule:
        """Which decision rule this metric wants for `task`."""
        special = {
            "binary": self.metric.binary_rule,
            "ordinal": self.metric.ordinal_rule,
            "multilabel": self.metric.multilabel_rule,
        }
        return special.get(task) or self.metric.rule

    def takes(self, task: str) -> Takes:
        """What the metric is given for `task`.

        A rule that decides on a level turns values into labels.
        """
        return "labels" if self.rule(task) == "median_level" else self.metric.takes

    def elicited(self, task: str) -> Functional:
        """The functional this metric asks for in `task`."""
        return _DECIDED.get(self.rule(task), self.elicits)

    @property
    def weighted(self) -> bool:
        """Whether rows can count differently."""
        return "sample_weight" in inspect.signature(self.metric.function).parameters

    @property
    def levels(self) -> Levels:
        """Levels of the quantiles it takes; none where it takes something else."""
        levels = self.metric.levels
        return levels(**self.parameters) if callable(levels) else levels

    @property
    def elicits(self) -> Functional:
        """The functional this metric asks for."""
        elicits = self.metric.elicits
        return elicits if isinstance(elicits, Functional) else elicits(**self.parameters)

    @property
    def label(self) -> str:
        """How people write it, parameters included."""
        if self.metric.is_matrix:
            return self.metric.label
        shown = ", ".join(
            f"{value:g}" if len(self.parameters) == 1 else f"{name} {value:g}"
            for name, value in self.parameters.items()
        )
        return f"{self.metric.label} ({shown})" if shown else self.metric.label

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        if len(self.metric.parameters) == 1:
            (value,) = self.parameters.values()
            return f"{self.name}: {written(value)}" if self.metric.is_matrix else f"{self.name}@{value:g}"
        return f"{self.name}: " + ",".join(f"{key}={value:g}" for key, value in self.parameters.items())


def choose(name: str, metric: Metric, text: str) -> ChosenMetric:
    """Read the parameters of `metric` from `text`.

    That is `"0.9"` for one, `"FN=5,FP=1"` for several.

    Raises:
        ValueError: a parameter missing, unknown, not a number, or outside its range.
    """
    names = list(metric.parameters)
    if metric.is_matrix:
        return ChosenMetric(name, metric, {names[0]: _prices(name, text)})
    form = f"{name}@VALUE" if len(names) == 1 else f"{name}: " + ",".join(f"{key}=VALUE" for key in names)
    if not names:
        if text:
            raise ValueError(f"`{name}` takes no parameters. Found {text!r}. Try `{name}`.")
        return ChosenMetric(name, metric)
    parts = [text] if len(names) == 1 and "=" not in text else [part.strip() for part in text.split(",")]
    given: dict[str, float] = {}
    for part in parts:
        key, _, value = part.rpartition("=")
        key = key.strip() or (names[0] if len(names) == 1 else "")
        if key not in metric.parameters or key in given:
            raise ValueError(f"`{name}` should be written `{form}`. Found {text!r}.")
        try:
            given[key] = float(value)
        except ValueError:
            raise ValueError(f"`{name}` should be written `{form}` with numbers. Found {value.strip()!r}.") from None
        if given[key] not in metric.parameters[key]:
            raise ValueError(f"`{key}` of `{name}` should lie in {metric.parameters[key]}. Found {given[key]:g}.")
    missing = [key for key in names if key not in given]
    if missing:
        raise ValueError(f"`{name}` should be written `{form}`. Found no value for {', '.join(missing)}.")
    if not any(given.values()):  # a metric that weighs everything by 0 prefers nothing
        raise ValueError(
            f"`{name}` should have a parameter above 0. Found {text!r}. Try `{form.replace('VALUE', '1')}`."
        )
    return ChosenMetric(name, metric, {key: given[key] for key in names})


def written(prices: Sequence[Sequence[float]]) -> str:
    """Write a matrix as one string, which reads back the same.

    Example:
        >>> written([[0.0, 5.0], [0.25, 0.0]])
        '0,5;0.25,0'
    """
    return ";".join(",".join(f"{p:g}" if float(f"{p:g}") == p else repr(float(p)) for p in row) for row in prices)


def _prices(name: str, text: str) -> Prices:
    """Read what `written` wrote, and refuse prices that prefer no decision."""
    form = f"Try `{name}: 0,5;1,0`: a row for each true class, a column for each one named."
    try:
        rows = tuple(tuple(float(price) for price in row.split(",")) for row in text.split(";"))
    except ValueError:
        raise ValueError(f"`{name}` should be a table of prices. Found {text!r}. {form}") from None
    if len(rows) < 2 or any(len(row) != len(rows) for row in rows):
        raise ValueError(f"`{name}` should have as many columns as rows, two at least. Found {text!r}. {form}")
    if not all(0.0 <= price < math.inf for row in rows for price in row):
        raise ValueError(f"`{name}` should have finite prices from 0 up. Found {text!r}. {form}")
    for place, row in enumerate(rows):
        if row[place] > min(row):
            raise ValueError(
                f"`{name}` should price no right decision above a wrong one. Found {row[place]:g} for class number "
                f"{place}, {min(row):g} for naming another. {form}"
            )
    if all(len(set(row)) == 1 for row in rows):
        raise ValueError(f"`{name}` should prefer some decision. Found one price in each row: {text!r}. {form}")
    return rows
