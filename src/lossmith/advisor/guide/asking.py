"""The guide's questions, one at a time, each only where it matters."""

from collections.abc import Callable, Iterator
from typing import Any

from lossmith import registry
from lossmith.advisor.guide.fields import fields
from lossmith.advisor.guide.question import CLASS_TASKS, NEEDS, every_task, read
from lossmith.advisor.settle import DEFAULT_METRICS
from lossmith.training.problem import VALUE_TASKS

Ask = Callable[[str, tuple[str, ...]], str]
"""Puts a question with its choices, the default first; no choices: any text, empty for none."""
YES_NO = ("no", "yes")


def ask(put: Ask) -> dict[str, Any]:
    """Return the arguments of `guide`, asked for one by one.

    An answer that cannot be used is asked for again.

    Args:
        put: asks a person, and returns the answer.
    """
    said: dict[str, Any] = {"task": put("What do you predict?", every_task())}
    for key, question, choices, reading in _questions(said["task"]):
        if key == "costs" and said["metric"]:
            continue
        said[key] = _usable(put, said, key, question, choices, reading)
    return {key: value for key, value in said.items() if value is not None}


def _usable(
    put: Ask, said: dict[str, Any], key: str, question: str, choices: tuple[str, ...], reading: Callable[[str], Any]
) -> Any:
    """Ask until the answer fits what was said before."""
    why = ""
    while True:
        text = put(f"{why}{question}", choices)
        try:
            value = reading(text) if text else None
            read(**{name: kept for name, kept in {**said, key: value}.items() if kept is not None})
        except ValueError as error:
            why = f"{error}\n"
            continue
        return value


def _questions(task: str) -> Iterator[tuple[str, str, tuple[str, ...], Callable[[str], Any]]]:
    """Yield argument, question, choices and reading of what a task needs to know."""
    if task in CLASS_TASKS or task in VALUE_TASKS:
        usual = DEFAULT_METRICS[task][0]
        known = ", ".join(name for name, entry in registry.metrics().items() if task in entry["tasks"])
        yield "metric", f"What is scored: {known} (empty: {usual}, or what mistakes cost)?", (), str
        if task != "multilabel":
            prices = "over=1,under=3" if task in VALUE_TASKS else "FN=10,FP=1" if task == "binary" else "low=1,high=5"
            yield "costs", f"What do mistakes cost, such as {prices} (empty: the same)?", (), str
    else:
        yield "metric", "What is scored?", tuple(fields()[task].metrics), str
    if task in VALUE_TASKS:
        yield "heavy_tail", "Has the target a long tail upward, as prices have?", YES_NO, _yes
        yield "outliers", "Do a few targets lie far from all others?", YES_NO, _yes
        yield "lowest", "Smallest value the target can take (empty: no limit)?", (), float
    else:
        yield "imbalance", "Share of the rarest class, such as 0.02 (empty: unknown)?", (), float
        yield "label_noise", "Share of labels that are wrong, such as 0.2 (empty: few)?", (), float
    yield "needs", f"What do you need beside the metric: {', '.join(NEEDS)} (empty: nothing)?", (), _list


def _yes(text: str) -> bool:
    return text == "yes"


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
