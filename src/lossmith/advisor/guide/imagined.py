"""A profile without data: what was said of the target, for the shortlist."""

from lossmith import registry
from lossmith.advisor.arguments import HEAVY_TAIL, SKEWED
from lossmith.advisor.guide.question import Question
from lossmith.advisor.profile import Profile
from lossmith.training.problem import VALUE_TASKS, Problem

CLASSES = {"binary": ("no", "yes"), "multiclass": ("first", "second", "third"), "multilabel": ("a", "b", "c")}
"""Names that stand for the user's classes."""
LEVELS = 5
"""Of an ordinal target whose levels nobody counted."""


class Said(float):
    """A number nobody measured: it compares as one, and prints as words."""

    words: str

    def __new__(cls, value: float, words: str) -> "Said":
        """Stand for `value` as `words`."""
        said = super().__new__(cls, value)
        said.words = words
        return said

    def __format__(self, form: str) -> str:
        return self.words


def imagined(question: Question) -> Profile:
    """Return the profile of a table as the question describes it.

    Args:
        question: about a table, its metric settled.
    """
    levels = _levels(question)
    forecast = question.task == "forecast"
    problem = Problem(
        target="TARGET",
        task=question.task,  # type: ignore[arg-type]
        metric=question.metric,
        levels=levels,
        positive=levels[1] if question.task == "binary" else None,
        time="TIME" if forecast else None,
        targets=levels if question.task == "multilabel" else (),
    )
    target = _values(question) if question.task in VALUE_TASKS else _classes(question, levels)
    return Profile(
        problem=problem, source="", rows=0, dropped_rows=0, columns=(), task_reason="", metric_reason="",
        target=target, histogram={}, warnings=(), history={"naive": "last value"} if forecast else {},
    )  # fmt: skip


def _levels(question: Question) -> tuple[str, ...]:
    if question.task in VALUE_TASKS:
        return ()
    if question.levels:
        return question.levels
    count = question.classes or LEVELS
    if question.task == "ordinal":
        return tuple(str(number + 1) for number in range(count))
    if question.classes is None or question.task == "binary":
        return CLASSES[question.task]
    return tuple(f"class {number + 1}" for number in range(count))


def _values(question: Question) -> dict[str, float | None]:
    """Return what the shortlist asks of a number."""
    return {
        "min": lowest(question),
        "skew": Said(2 * SKEWED, "as you said") if question.heavy_tail else 0.0,
        "outlier_share": Said(2 * HEAVY_TAIL, "some") if question.outliers or question.label_noise else 0.0,
        "zero_share": 0.0,
    }


def lowest(question: Question) -> float:
    """Return the smallest value of the target: as said, or as the metric allows."""
    if question.lowest is not None:
        return question.lowest
    import numpy as np

    refuses = registry.metric(str(question.metric)).metric.refuses
    if refuses is not None and refuses(np.array([0.0]))[0]:
        return 1.0
    if question.task == "count" or (refuses is not None and refuses(np.array([-1.0]))[0]):
        return 0.0
    return -1.0


def _classes(question: Question, levels: tuple[str, ...]) -> dict[str, object]:
    """Return what the shortlist asks of classes: the last the rarest, others alike."""
    multilabel, rows = question.task == "multilabel", 1_000_000
    rare = question.imbalance or (0.5 if multilabel else 1.0 / len(levels))
    if multilabel:
        shares = dict.fromkeys(levels, rare)
        ratio = (1.0 - rare) / rare
    else:
        shares = {level: (1.0 - rare) / (len(levels) - 1) for level in levels[:-1]} | {levels[-1]: rare}
        ratio = max(shares.values()) / rare
    counts = {level: round(rows * share) for level, share in shares.items()}
    return {"counts": counts, "priors": shares, "imbalance": ratio, "minority": levels[-1]}
