"""Who gets the gradient: each group's share of the examples, and of the pull."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.numbers import percent
from lossmith.report.svg import label, picture, tag

WIDTH, LEFT, ROOM, BAR, GAP = 360, 2, 66, 13, 18
STYLES = ("bar", "bar other", "bar third")


@dataclass(frozen=True)
class Series:
    """A loss and its groups' shares of the pull."""

    name: str
    pull: tuple[float, ...]


def figure(key: str, group: Sequence[str], examples: Sequence[float], series: Sequence[Series]) -> Figure:
    """Draw a block of bars for each group, one bar a loss."""
    svg = _draw(key, group, examples, series)
    rows = tuple(
        (name, percent(share), *(percent(one.pull[index]) for one in series))
        for index, (name, share) in enumerate(zip(group, examples, strict=True))
    )
    return Figure((Drawing(svg),), Table(("Group", "Of the examples", *(one.name for one in series)), rows))


def _draw(key: str, group: Sequence[str], examples: Sequence[float], series: Sequence[Series]) -> Markup:
    parts, y = _legend(series), 12.0 + 20 * len(series)
    for index, (name, share) in enumerate(zip(group, examples, strict=True)):
        parts.append(label(LEFT, y + 14, f"{name}: {percent(share)} of the examples"))
        y += 20
        for style, one in zip(STYLES, series, strict=False):
            parts += _bar(y, one.pull[index], style)
            y += GAP
        y += 8
    told = "; ".join(
        f"{one.name}: " + ", ".join(f"{name} {percent(pull)}" for name, pull in zip(group, one.pull, strict=True))
        for one in series
    )
    return picture(key, (WIDTH, y), "Share of the gradient by group", f"{told}.", *parts)


def _legend(series: Sequence[Series]) -> list[Markup]:
    parts: list[Markup] = []
    for row, (style, one) in enumerate(zip(STYLES, series, strict=False)):
        parts.append(tag("rect", x=LEFT, y=4 + 20 * row, width=14, height=10, class_=style))
        parts.append(label(LEFT + 22, 14 + 20 * row, f"{one.name}: share of its gradient", "hint", room=WIDTH - 30))
    return parts


def _bar(y: float, share: float, style: str) -> list[Markup]:
    width = max(0.0, share) * (WIDTH - LEFT - ROOM)
    return [
        tag("rect", x=LEFT, y=y, width=max(width, 1.0), height=BAR, class_=style),
        label(LEFT + width + 7, y + 11, percent(share), "tick"),
    ]
