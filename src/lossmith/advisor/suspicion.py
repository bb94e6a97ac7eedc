"""Targets that look wrong, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Suspect:
    """One row whose target does not look like its features."""

    row: int
    """In the table, counted from 0."""
    given: str
    """The target as it stands there."""
    expected: str
    """The likelier class, or the number that was predicted without this row."""
    odds: float
    """Of a class: how many times likelier the features make it than the given one. Of a number: its miss in units of
    the 99 % quantile of all misses."""


@dataclass(frozen=True)
class Suspicion:
    """What out-of-fold predictions say about wrong targets."""

    rows: tuple[Suspect, ...]
    """Worst first, 20 at most."""
    count: int
    """Suspects in all."""
    looked_at: int
    """Rows that were predicted without having been learned from."""
    sentence: str
    """What to make of it; empty where there is nothing to say."""

    @property
    def share(self) -> float:
        """Suspects as a share of the rows looked at."""
        return self.count / self.looked_at if self.looked_at else 0.0

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Suspicion":
        """Read what `asdict` wrote."""
        return cls(**{**data, "rows": tuple(Suspect(**row) for row in data["rows"])})
