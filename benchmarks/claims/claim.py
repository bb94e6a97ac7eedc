"""A claim, the figures an experiment returns for it, and the rule that turns them into a verdict."""

import inspect
import math
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from benchmarks.claims import ledger
from lossmith.advisor.statistics import corrected

LEVEL = 0.99
"""Of every interval: some sixty are looked at, so that 95 % would err about three times."""
Word = Literal["true", "false", "true if", "not shown"]
Reading = Literal["supports", "refutes", "undecided"]


@dataclass(frozen=True)
class Figure:
    """What was measured in one situation; an exact number is an interval without width."""

    situation: str
    """A clause that can follow "true if"."""
    value: float
    low: float
    high: float
    note: str = ""
    """A counterexample, or what the number rests on."""


def exact(situation: str, value: float, note: str = "") -> Figure:
    """Return a figure that repeating would not change."""
    value = float(value) + 0.0  # no minus 0
    return Figure(situation, value, value, value, note)


def interval(situation: str, differences: Sequence[float], folds: int, note: str = "") -> Figure:
    """Return the mean of cross-validated differences with its corrected interval.

    Args:
        situation: where they were measured.
        differences: one per fold and repeat, in the direction the claim says.
        folds: in one repeat.
        note: what the number rests on.
    """
    if max(differences) == min(differences):
        return exact(situation, differences[0], note)
    found = corrected(differences, folds, LEVEL)
    return Figure(situation, found.mean, found.low, found.high, note)


def of_seeds(situation: str, values: Sequence[float], note: str = "") -> Figure:
    """Return the mean over independent seeds with its t interval."""
    # Nothing is shared between the seeds, as if there were endlessly many folds.
    return interval(situation, values, 10**9, note)


@dataclass(frozen=True)
class Rule:
    """Where a figure must lie for the claim to hold: between `low` and `high`, its whole interval.

    An interval wholly outside refutes; one across the border decides nothing.
    """

    low: float = -math.inf
    high: float = math.inf
    always: bool = False
    """Whether the claim is of every case, so that one counterexample makes it false."""

    def read(self, figure: Figure) -> Reading:
        """Say what one figure does to the claim."""
        if self.low < figure.low and figure.high < self.high:
            return "supports"
        return "refutes" if figure.high <= self.low or figure.low >= self.high else "undecided"

    def __call__(self, figures: Sequence[Figure]) -> "Verdict":
        """Return the verdict on the claim."""
        readings = tuple(self.read(figure) for figure in figures)
        holds = [figure.situation for figure, reading in zip(figures, readings, strict=True) if reading == "supports"]
        if "refutes" in readings and (self.always or not holds):
            return Verdict("false", readings)
        if len(holds) == len(figures):
            return Verdict("true", readings)
        if self.always or not holds:
            return Verdict("not shown", readings)
        return Verdict("true if", readings, tuple(holds))


@dataclass(frozen=True)
class Verdict:
    """The word on a claim, what each situation said, and where it holds."""

    word: Word
    readings: tuple[Reading, ...]
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"true if {', or if '.join(self.where)}" if self.where else self.word


@dataclass(frozen=True)
class Claim:
    """One saying: how it is measured, when it counts as true, what to say instead."""

    measure: Callable[[], Sequence[Figure]]
    effect: str
    """What the figures count, and in which unit."""
    rule: Rule
    instead: str

    @property
    def name(self) -> str:
        """The name of the claim's file."""
        return self.measure.__module__.rpartition(".")[2]

    @property
    def paragraphs(self) -> list[str]:
        """The file's docstring: the saying, who says it, what would show it false."""
        text = inspect.cleandoc(import_module(self.measure.__module__).__doc__ or "")
        return [" ".join(part.split()) for part in text.split("\n\n")]

    @property
    def saying(self) -> str:
        """The claim as people say it."""
        return self.paragraphs[0]


def claims() -> dict[str, Claim]:
    """Find every claim in the folder, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(ledger.__path__))
    return {name: import_module(f"{ledger.__name__}.{name}").CLAIM for name in names}


def to_json(claim: Claim, figures: Sequence[Figure], seconds: float) -> dict[str, Any]:
    """Return one claim's result as plain types."""
    verdict = claim.rule(figures)
    return {
        "verdict": str(verdict),
        "readings": list(verdict.readings),
        "figures": [vars(figure) for figure in figures],
        "seconds": round(seconds, 1),
    }
