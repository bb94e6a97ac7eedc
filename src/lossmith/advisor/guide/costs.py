"""Prices of mistakes, turned into a quantile, a threshold or a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lossmith.metric import written
from lossmith.training.problem import VALUE_TASKS

VALUES = frozenset({"over", "under"})
BINARY = frozenset({"FN", "FP"})


@dataclass(frozen=True)
class Priced:
    """The metric that prices stand for, and why."""

    metric: str
    reason: str
    levels: tuple[str, ...] = ()
    """The classes that were priced, if the user named classes."""
    threshold: float | None = None
    """Of the positive class's probability, where true probabilities should be cut."""


def parsed(text: str) -> dict[str, float]:
    """Read `over=1,under=3`.

    Raises:
        ValueError: it is no list of names with prices from 0 up, or prices nothing.
    """
    form = "Try over=1,under=3, or FN=10,FP=1, or a price for each class: cat=1,dog=5."
    costs: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            price = float(value)
        except ValueError:
            raise ValueError(f"Costs should be names with numbers. Found {part.strip()!r}. {form}") from None
        if not name or name in costs or not 0.0 <= price < float("inf"):
            raise ValueError(f"Costs should be different names with numbers from 0 up. Found {part.strip()!r}. {form}")
        costs[name] = price
    return costs


def task_of(costs: Mapping[str, float]) -> str | None:
    """Return the task that the names of the prices tell, if any."""
    if set(costs) <= VALUES:
        return "regression"
    return "binary" if set(costs) <= BINARY else None


def priced(costs: Mapping[str, float], task: str) -> Priced:
    """Return the metric that weighs mistakes as `costs` does.

    Args:
        costs: `over` and `under` for a number, `FN` and `FP` for two classes, or the price of a mistake on each class.
        task: of a table.

    Raises:
        ValueError: the prices do not fit the task.

    Example:
        >>> priced({"over": 1.0, "under": 3.0}, "regression").metric
        'pinball@0.75'
    """
    names = set(costs)
    if task in VALUE_TASKS:
        return _quantile(costs, task)
    if names & (VALUES | BINARY) and (task != "binary" or names != BINARY):
        wanted = "FN=10,FP=1, both" if task == "binary" else "a price for each class: low=1,high=5"
        raise ValueError(f"Costs should fit the task, {task}. Found {', '.join(sorted(names))}. Try {wanted}.")
    if task == "multilabel":
        raise ValueError("Costs should be of one target. Found multilabel. Try binary, once for each label.")
    if names == BINARY:
        return _threshold(costs["FN"], costs["FP"])
    return _classes(costs, task)


def _quantile(costs: Mapping[str, float], task: str) -> Priced:
    if set(costs) != VALUES or min(costs.values()) <= 0.0:
        found = ", ".join(f"{name}={price:g}" for name, price in costs.items())
        raise ValueError(
            f"For {task}, costs should be over and under, both above 0. Found {found}. Try over=1,under=3."
        )
    over, under = costs["over"], costs["under"]
    level = float(f"{under / (over + under):.6g}")
    reason = (
        f"predicting one unit too low costs {under:g}, too high {over:g}: the cheapest prediction is the quantile at "
        f"level under/(over + under) = {level:g} (the newsvendor's)"
    )
    return Priced(f"pinball@{level:g}", reason)


def _threshold(missed: float, false_alarm: float) -> Priced:
    if missed <= 0.0 or false_alarm <= 0.0:
        raise ValueError(
            f"Both mistakes should cost something, or one decision is always best. Found FN={missed:g}, "
            f"FP={false_alarm:g}. Try FN=10,FP=1."
        )
    cut = float(f"{false_alarm / (false_alarm + missed):.4g}")
    reason = (
        f"a missed positive costs {missed:g}, a false alarm {false_alarm:g}: say yes from the probability FP/(FP + FN) "
        f"= {cut:g} (Elkan 2001)"
    )
    return Priced(f"cost: FN={missed:g},FP={false_alarm:g}", reason, threshold=cut)


def _classes(costs: Mapping[str, float], task: str) -> Priced:
    """Price every mistake on a class the same, whichever class is named instead."""
    if len(costs) < 2 or (task == "binary" and len(costs) != 2) or not all(costs.values()):
        count = "two classes" if task == "binary" else "every class, two at least"
        found = ", ".join(f"{name}={price:g}" for name, price in costs.items())
        raise ValueError(f"For {task}, costs should price {count}, above 0. Found {found}. Try low=1,high=5.")
    if task == "binary":
        (_, no), (positive, yes) = costs.items()
        of_two = _threshold(yes, no)
        return replace(of_two, reason=f"{of_two.reason}; positive is {positive!r}, named last", levels=tuple(costs))
    rows = [[0.0 if row == column else price for column in costs] for row, price in costs.items()]
    reason = "a mistake on a class costs its price: name the class of least expected cost, Σ price × probability"
    return Priced(f"cost_matrix: {written(rows)}", reason, tuple(costs))
