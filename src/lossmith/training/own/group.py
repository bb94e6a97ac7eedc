"""One process's work: all candidates on one fold at one learning rate or several."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cloudpickle

from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training.engine import OutOfTimeError
from lossmith.training.group import Group, Outcome, Part, Row, write_row
from lossmith.training.own.engine import Sources, train_modules
from lossmith.training.own.settings import OwnSettings
from lossmith.training.problem import Candidate

RAISED = (ValueError, TypeError, ArithmeticError, RuntimeError, LookupError, AttributeError)
"""What a loss of the user's own may raise amid training; it then fails alone."""


@dataclass(frozen=True)
class OwnGroup(Group):
    """A group whose sources are here, or in a file that each process reads once."""

    sources: Sources | Path = Path()


@contextmanager
def shared(sources: Sources, jobs: int) -> Iterator[Sources | Path]:
    """Put the sources where every process can read them, for as long as they train.

    With each task the dataset would be sent anew. cloudpickle writes lambdas and classes of a notebook too.
    """
    if jobs <= 1:
        yield sources
        return
    with tempfile.TemporaryDirectory(prefix="lossmith-") as folder:
        file = Path(folder) / "sources"
        with file.open("wb") as stream:
            cloudpickle.dump(sources, stream)
        yield file


def run_own_group(group: OwnGroup) -> list[Row]:
    """Train the group; return a row per candidate, none if the budget ended first."""
    metric = registry.metric(group.metric)
    company = {"company": len(group.candidates)}
    try:
        return [
            company | write_row(found, part, group, metric)
            for part in group.parts
            for rate in group.rates
            for found in _train(group, part, rate, metric)
        ]
    except OutOfTimeError:
        return []


def _train(group: OwnGroup, part: Part, rate: float, metric: ChosenMetric) -> list[Outcome]:
    """Train all side by side, or each alone if one loss raises, to name the culprit."""
    try:
        return list(_trained(group, group.candidates, part, rate, metric))
    except RAISED:
        return [_alone(group, candidate, part, rate, metric) for candidate in group.candidates]


def _alone(group: OwnGroup, candidate: Candidate, part: Part, rate: float, metric: ChosenMetric) -> Outcome:
    try:
        return _trained(group, (candidate,), part, rate, metric)[0]
    except RAISED as error:
        return candidate, rate, f"{type(error).__name__}: {error}"


def _trained(
    group: OwnGroup, candidates: tuple[Candidate, ...], part: Part, rate: float, metric: ChosenMetric
) -> list[Outcome]:
    if not isinstance(group.settings, OwnSettings):
        raise TypeError(f"Own modules need their own settings. Found {type(group.settings).__name__}.")
    sources = _read(group.sources) if isinstance(group.sources, Path) else group.sources
    return list(train_modules(candidates, part.split, metric, sources, group.settings, rate, part.seed, group.deadline))


@cache
def _read(file: Path) -> Sources:
    with file.open("rb") as stream:
        found: Sources = cloudpickle.load(stream)  # a file of ours, written a moment ago
    return found


class _Counter:
    """A file that only counts what is written."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        """Count."""
        self.size += len(data)
        return len(data)


def size_to_send(sources: Sources) -> float:
    """Return the bytes of the sources as other processes would get them.

    Infinity where they cannot be sent: an open file, a lock.
    """
    counter = _Counter()
    try:
        cloudpickle.dump(sources, counter)
    except Exception:  # whatever an object of the user's own raises when it is pickled
        return float("inf")
    return counter.size
