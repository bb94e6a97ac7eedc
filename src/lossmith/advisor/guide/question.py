"""What a person can say of a problem without data, checked and completed."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lossmith import registry
from lossmith.advisor.guide import costs as prices
from lossmith.advisor.guide.fields import fields
from lossmith.advisor.settle import DEFAULT_METRICS
from lossmith.training.problem import TASKS, VALUE_TASKS

NEEDS = ("probabilities", "robustness", "calibration", "speed")
CLASS_TASKS = tuple(task for task in TASKS if task not in VALUE_TASKS)
METRICS_FOR_NEEDS = {
    "robustness": ("mae", "robust against odd rows: a median hardly moves with them"),
    "probabilities": ("crps", "it judges a whole predicted distribution"),
    "calibration": ("crps", "it judges a whole predicted distribution"),
}
"""What a number is scored by where only a need was said."""


@dataclass(frozen=True)
class Question:
    """A task, what is scored, and what is known of the target; everything settled."""

    task: str
    metric: str
    metric_reason: str
    imbalance: float | None = None
    """Share of the rarest class, or of a yes among several labels."""
    classes: int | None = None
    outliers: bool = False
    heavy_tail: bool = False
    label_noise: float = 0.0
    needs: tuple[str, ...] = ()
    costs: Mapping[str, float] = field(default_factory=dict)
    lowest: float | None = None
    """Smallest value the target can take, where it is known."""
    levels: tuple[str, ...] = ()
    """Classes that were named by their prices."""
    threshold: float | None = None
    """Where the prices say that true probabilities should be cut."""

    @property
    def of_table(self) -> bool:
        """Whether `lossmith advise` can answer it from a table."""
        return self.task in TASKS


def every_task() -> tuple[str, ...]:
    """Return the tasks the guide answers, tables first."""
    return (*TASKS, *fields())


def read(
    task: str | None = None,
    metric: str | None = None,
    *,
    imbalance: float | None = None,
    classes: int | None = None,
    outliers: bool = False,
    heavy_tail: bool = False,
    label_noise: float = 0.0,
    needs: Sequence[str] = (),
    costs: str | Mapping[str, float] = "",
    lowest: float | None = None,
) -> Question:
    """Settle what was left open, and refuse what does not fit together.

    Raises:
        ValueError: the message says what should hold, what was found and what to try.
    """
    paid = prices.parsed(costs) if isinstance(costs, str) and costs else dict(costs or {})
    task = _task(task, metric, paid, classes)
    told = {"imbalance": imbalance, "classes": classes, "outliers": outliers, "heavy_tail": heavy_tail,
            "label_noise": label_noise, "lowest": lowest}  # fmt: skip
    _refuse_unfit(task, told, paid)
    _refuse_odd(task, imbalance, classes, label_noise, needs)
    facts: dict[str, Any] = {**told, "needs": tuple(needs), "costs": paid}
    if task not in TASKS:
        return Question(task, *_field_metric(task, metric), **facts)
    found = prices.priced(paid, task) if paid else None
    chosen, reason = (found.metric, found.reason) if found else _metric(task, metric, needs)
    if found and metric is not None and str(registry.metric(metric)) != str(registry.metric(found.metric)):
        raise ValueError(
            f"Costs should come without a metric, for they are one. Found `{metric}` beside `{found.metric}`."
        )
    if found and found.levels and classes not in (None, len(found.levels)):
        raise ValueError(f"Costs should price every class. Found {len(found.levels)} prices for {classes} classes.")
    chosen = str(registry.metric(chosen))
    _refuse_lowest(chosen, lowest)
    if table := registry.metric(chosen).parameters.get("prices"):
        if classes not in (None, len(table)):
            raise ValueError(
                f"A table of prices should fit the classes. Found {len(table)} rows for {classes} classes."
            )
        facts["classes"] = len(table)
    if found:
        facts |= {"levels": found.levels, "threshold": found.threshold}
    return Question(task, chosen, reason, **facts)


def _task(task: str | None, metric: str | None, paid: Mapping[str, float], classes: int | None) -> str:
    """Return the task, which metric, prices and the number of classes may tell."""
    known = every_task()
    if task is not None:
        if task not in known:
            near = difflib.get_close_matches(task, [*known, "classification"], n=2)
            names = dict.fromkeys(name for n in near for name in (("binary", "multiclass") if n not in known else (n,)))
            hint = f" Did you mean {' or '.join(names)}?" if names else ""
            raise ValueError(f"A task should be one of {', '.join(known)}. Found {task!r}.{hint}")
        return task
    if paid and (told := prices.task_of(paid)):
        return told
    if metric is not None:
        of_fields = [name for name, facts in fields().items() if metric in facts.metrics]
        if len(of_fields) == 1:
            return of_fields[0]
        return _task_of(metric, classes)
    raise ValueError(f"The guide needs to know the task. Found none. Try --task with one of {', '.join(known)}.")


def _task_of(metric: str, classes: int | None) -> str:
    """Return the first task of a metric that has so many classes.

    Raises:
        ValueError: it has none; the message names metrics of many classes, its own relatives first.
    """
    asked = registry.metric(metric)
    tasks = [str(task) for task in asked.metric.tasks]
    if classes is None or classes < 3 or "binary" not in tasks:
        return tasks[0]
    fitting = [task for task in tasks if task in ("multiclass", "ordinal")]
    if not fitting:
        many = [name for name, entry in registry.metrics().items() if "multiclass" in entry["tasks"]]
        related = [name for name in many if name.startswith(asked.name)]
        labels = f", or with several labels a row {asked} with --task multilabel" if "multilabel" in tasks else ""
        raise ValueError(
            f"`{asked}` should score two classes. Found --classes {classes}. "
            f"Try {' or '.join(related) or 'one of ' + ', '.join(many)}{labels}."
        )
    return fitting[0]


def _refuse_unfit(task: str, told: Mapping[str, Any], paid: Mapping[str, float]) -> None:
    """Refuse facts that make no sense for the task."""
    of_values = ("outliers", "heavy_tail", "lowest")
    wrong: tuple[str, ...]
    if task in VALUE_TASKS:
        wrong, about = ("imbalance", "classes"), "classes"
    elif task in CLASS_TASKS:
        wrong, about = of_values, "a target that is a number"
    else:
        wrong, about = (*of_values, "classes"), "a table"
    said = [name for name in wrong if told[name] not in (None, False)]
    if said:
        option = "--" + said[0].replace("_", "-")
        raise ValueError(f"`{option}` is about {about}. Found it with the task {task}. Try leaving it out.")
    if paid and task not in TASKS:
        raise ValueError(f"`--costs` is about a table. Found it with the task {task}. Try leaving it out.")


def _refuse_odd(task: str, imbalance: float | None, classes: int | None, noise: float, needs: Sequence[str]) -> None:
    """Refuse numbers out of range and needs that do not exist."""
    if classes is not None and (classes < 2 or (task == "binary" and classes != 2)):
        raise ValueError(f"`--classes` should be 2 for binary, and 2 or more else. Found {classes}.")
    count = classes or {"multiclass": 3, "ordinal": 5}.get(task, 2)
    most = 1.0 / count if task in CLASS_TASKS and task != "multilabel" else 0.5
    if imbalance is not None and not 0.0 < imbalance <= most:
        raise ValueError(
            f"`--imbalance` should be the share of the rarest class: above 0, at most {most:.3g}. Found {imbalance:g}."
        )
    if not 0.0 <= noise < 0.5:
        raise ValueError(f"`--label-noise` should be the share of wrong labels, from 0 to below 0.5. Found {noise:g}.")
    for need in needs:
        if need not in NEEDS:
            raise ValueError(f"A need should be one of {', '.join(NEEDS)}. Found {need!r}.")


def _field_metric(task: str, metric: str | None) -> tuple[str, str]:
    known = fields()[task].metrics
    if metric is None:
        return next(iter(known)), "the usual one of the field"
    if metric not in known:
        raise ValueError(f"For {task} the metric should be one of {', '.join(known)}. Found {metric!r}.")
    return metric, "you asked for it"


def _metric(task: str, metric: str | None, needs: Sequence[str]) -> tuple[str, str]:
    """Return the metric of a table and why."""
    if metric is not None:
        asked = registry.metric(metric)
        if task not in asked.metric.tasks:
            fits = ", ".join(name for name, entry in registry.metrics().items() if task in entry["tasks"])
            raise ValueError(f"The metric should fit the task, {task}. Found `{asked}`. Try one of {fits}.")
        if task == "binary" and len(asked.parameters.get("prices", "no")) != 2:
            raise ValueError("For binary a table of prices should be two by two. Found another. Try cost: FN=10,FP=1.")
        return metric, "you asked for it"
    for need in needs:
        if task in VALUE_TASKS and need in METRICS_FOR_NEEDS:
            name, why = METRICS_FOR_NEEDS[need]
            if task in registry.metrics()[name]["tasks"]:
                return name, f"none was given: {why}"
    name, why = DEFAULT_METRICS[task]  # type: ignore[index]
    return name, f"none was given: {why}"


def _refuse_lowest(metric: str, lowest: float | None) -> None:
    import numpy as np

    chosen = registry.metric(metric).metric
    if lowest is not None and chosen.refuses is not None and chosen.refuses(np.array([lowest]))[0]:
        raise ValueError(f"{chosen.label} needs {chosen.needs}. Found --lowest {lowest:g}. Try mae, or another metric.")
