"""The smallest facts about a table: one column, one notice."""

from dataclasses import dataclass

from lossmith.training.columns import Kind


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
    """Something a person should look at, with the data rows (from 0) that show it."""

    code: str
    message: str
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
