"""What the table holds: column kinds, the task, the target's shape, and warnings in plain words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lossmith.training.problem import Problem

Kind = Literal["number", "category", "date", "id", "constant", "text"]


@dataclass(frozen=True)
class Column:
    """One feature column."""

    name: str
    kind: Kind
    missing: int
    unique: int
    used: bool
    why: str = ""
    """Why it is not used, or why it is taken for this kind."""


@dataclass(frozen=True)
class Notice:
    """Something a person should look at, with the rows (0-based data row numbers) that show it."""

    code: str
    message: str
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """Everything later stages and the report need to know about the data."""

    problem: Problem
    """Settled: task, metric, levels and positive label are filled in."""
    source: str
    rows: int
    """Rows with a known target."""
    dropped_rows: int
    """Rows left out because the target is missing."""
    columns: tuple[Column, ...]
    task_reason: str
    metric_reason: str
    target: Mapping[str, Any]
    """Statistics: for values `mean, std, median, mad, min, max, skew, tail_index, zero_share, negative_share,
    integer_share, outlier_share, unique`; for classes `counts` (label → rows), `priors`, `imbalance`, `minority`."""
    histogram: Mapping[str, Any]
    """Values: `edges`, `counts`, `outlier_low`, `outlier_high` (fences or null), `outliers` (how many), `scale`
    (linear or log1p). Classes: `labels`, `counts`."""
    warnings: tuple[Notice, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Profile":
        """Read what `to_json` wrote."""
        return cls(
            **{
                **data,
                "problem": Problem.from_json(data["problem"]),
                "columns": tuple(Column(**column) for column in data["columns"]),
                "warnings": tuple(
                    Notice(**{**w, "rows": tuple(w["rows"]), "columns": tuple(w["columns"])}) for w in data["warnings"]
                ),
            }
        )
