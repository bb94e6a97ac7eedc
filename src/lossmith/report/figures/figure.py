"""A figure as the template shows it: drawings, and the numbers behind them."""

from dataclasses import dataclass

from markupsafe import Markup

WIDE, NARROW = 1000, 340
"""Two drawings of one figure, each with text of the size it should have: one for desks and paper, one for phones."""


@dataclass(frozen=True)
class Table:
    """The numbers of a figure, for those who cannot see it and those who want them."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """One SVG; `screen` is `wide`, `narrow` or `any`."""

    svg: Markup
    screen: str = "any"


@dataclass(frozen=True)
class Figure:
    """Drawings with the table that says the same."""

    drawings: tuple[Drawing, ...]
    table: Table


@dataclass(frozen=True)
class Layout:
    """Where rows go: on a narrow screen names stand above their marks."""

    width: int
    left: int
    right: int
    step: int
    drop: int
    """From a row's top to its marks."""
    ticks: int
