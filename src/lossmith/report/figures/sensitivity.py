"""The candidates under the metric that was asked for and under its neighbours.

The darker a cell, the nearer to the best of its column.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from lossmith.advisor.verdict import Difference, Neighbour, Verdict
from lossmith.report import words
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Table
from lossmith.report.numbers import NOTHING, Scale
from lossmith.report.svg import LETTER, label, line, picture, tag

WHITE = 0.1
"""Behind the best of its column by this share or more, a cell has no shade."""
DARKEST = 0.5
"""Of the shade: text must stay readable on it."""
WIDEST = 150.0
"""Of a column: with few metrics the numbers should not drift apart."""


@dataclass(frozen=True)
class Column:
    """One metric: every candidate's score, and how far it is behind the best."""

    label: str
    asked: bool
    scores: Mapping[str, str]
    ranks: Mapping[str, int]
    behind: Mapping[str, float]
    best: str
    theory: str
    better: frozenset[str]
    """Measurably better than the recommended candidate, under this metric."""


@dataclass(frozen=True)
class Layout:
    """Where things go: on a narrow screen names stand above their cells."""

    width: int
    left: int
    head: int
    step: int
    cell: int

    @property
    def tall(self) -> bool:
        """Whether names stand above their cells, and metrics upright."""
        return self.left == 0


DESK = Layout(WIDE, left=250, head=44, step=34, cell=30)
PHONE = Layout(NARROW, left=0, head=150, step=54, cell=28)


def figure(verdict: Verdict) -> Figure | None:
    """Return the table as a drawing, or nothing where no other metric was scored."""
    found = columns(verdict)
    if len(found) < 2:
        return None
    ids = [standing.candidate.id for standing in verdict.standings if standing.score is not None]
    drawings = (
        Drawing(draw(found, ids, verdict.recommended, DESK, "metrics"), "wide"),
        Drawing(draw(found, ids, verdict.recommended, PHONE, "metrics-s"), "narrow"),
    )
    rows = tuple((key, *(column.scores.get(key, NOTHING) for column in found)) for key in ids)
    return Figure(drawings, Table(("Candidate", *(column.label for column in found)), rows))


def columns(verdict: Verdict) -> list[Column]:
    """Return a column for the metric that was asked for, then one per neighbour."""
    known = {s.candidate.id: s.score for s in verdict.standings if s.score is not None and math.isfinite(s.score)}
    if not known:
        return []
    higher = bool(verdict.metric["higher_is_better"])
    asked = _column(str(verdict.metric["label"]), known, higher, verdict.reference, words.scale(verdict), asked=True)
    return [asked, *(_neighbour(found) for found in verdict.neighbours if found.scores)]


def answers(verdict: Verdict) -> list[tuple[str, ...]]:
    """Say for each other metric who would be best, and how sure that is.

    Metric, what it asks for, theory's choice, the best, its difference from the recommended one, and in words.
    """
    found: list[tuple[str, ...]] = []
    for other in verdict.neighbours:
        seen, theory = other.differences.get(other.best), other.theory or NOTHING
        theory += "" if other.listed or not other.theory else " (not trained)"
        found.append((other.label, other.asks_for, theory, other.best, *_compared(other, seen)))
    return found


def _compared(other: Neighbour, seen: Difference | None) -> tuple[str, str]:
    if seen is None:
        return NOTHING, "the recommended one"
    numbers = _scale(other)
    told = f"{numbers.difference(seen.mean)} {numbers.interval(seen.low, seen.high)}"
    return told, words.CONCLUSIONS[seen.conclusion]


def _scale(other: Neighbour) -> Scale:
    halves = [(found.high - found.low) / 2 for found in other.differences.values()]
    return Scale.of(other.scores.values(), halves)


def _neighbour(other: Neighbour) -> Column:
    better = frozenset(key for key, found in other.differences.items() if found.conclusion == "better")
    return _column(other.label, other.scores, other.higher_is_better, other.theory, _scale(other), better)


def _column(
    name: str, scores: Mapping[str, float], higher: bool, theory: str, numbers: Scale,
    better: frozenset[str] = frozenset(), asked: bool = False,
) -> Column:  # fmt: skip
    ordered = sorted(scores, key=lambda key: -scores[key] if higher else scores[key])
    best = scores[ordered[0]]
    whole = 1.0 - best if higher else abs(best)  # as differences are shares of the error
    behind = {key: abs(score - best) / whole if whole else float(score != best) for key, score in scores.items()}
    texts = {key: numbers.score(score) for key, score in scores.items()}
    ranks = {key: 1 + ordered.index(key) for key in ordered}
    return Column(name, asked, texts, ranks, behind, ordered[0], theory, better)


def draw(found: Sequence[Column], ids: Sequence[str], recommended: str, layout: Layout, key: str) -> Markup:
    """Draw a row per candidate and a column per metric."""
    wide = min(WIDEST, (layout.width - layout.left) / len(found))
    if layout.tall:  # the metrics' names stand upright: as much room as the longest takes
        layout = replace(layout, head=min(layout.head, 24 + int(LETTER * max(len(column.label) for column in found))))
    parts = [part for place, column in enumerate(found) for part in _head(column, layout, place, wide)]
    for index, name in enumerate(ids):
        top = layout.head + index * layout.step
        parts.append(line(0, top, layout.width, top, "rule"))
        shown = "name strong" if name == recommended else "name"
        room = layout.width if layout.tall else layout.left - 24
        parts.append(label(0, top + (16 if layout.tall else 22), name, shown, room=room))
        y = top + layout.step - layout.cell
        parts += [
            _cell(column, name, layout, layout.left + place * wide, y, wide) for place, column in enumerate(found)
        ]
    told = "; ".join(f"{column.label}: {column.best} is best" for column in found)
    size = (layout.width, layout.head + layout.step * len(ids) + 4)
    return picture(key, size, "The candidates under each metric", f"{told}.", *parts)


def _head(column: Column, layout: Layout, place: int, wide: float) -> list[Markup]:
    """Write a column's name: in one or two lines, or upright where there is no room."""
    x, style = layout.left + (place + 0.5) * wide, "tick strong" if column.asked else "tick"
    if layout.tall:
        text = label(x + 4, layout.head - 8, column.label, style, room=layout.head - 10)
        return [tag("g", text, transform=f"rotate(-90 {x + 4:.1f} {layout.head - 8})")]
    lines = _broken(column.label)
    return [
        label(x, layout.head - 10 - 15 * (len(lines) - 1 - row), text, style, "middle", room=wide - 4)
        for row, text in enumerate(lines)
    ]


def _broken(text: str) -> list[str]:
    """Break a name before its brackets, or at the space nearest to its middle."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    spaces = [place for place in spaces if text[place + 1 :].startswith("(")] or spaces
    if len(text) < 12 or not spaces:
        return [text]
    at = min(spaces, key=lambda place: abs(place - len(text) / 2))
    return [text[:at], text[at + 1 :]]


def _cell(column: Column, name: str, layout: Layout, x: float, y: float, wide: float) -> Markup:
    """Draw one score: shade for nearness, ring for the best, marks beside the text."""
    score = column.scores.get(name)
    if score is None:
        return label(x + wide / 2, y + 18, NOTHING, "hint", "middle")
    shade = DARKEST * max(0.0, 1.0 - column.behind[name] / WHITE)
    best = name == column.best
    size = {"x": x + 2, "y": y + 1, "width": wide - 4, "height": layout.cell - 4, "rx": 3}
    parts = [tag("rect", class_="bar", fill_opacity=f"{shade:.2f}", **size)]
    parts += [tag("rect", class_="ring", **size)] if best else []
    text = str(column.ranks[name]) if layout.tall else score
    mark = ("◇ " if name == column.theory else "") + text + (" ▲" if name in column.better else "")
    parts.append(label(x + wide / 2, y + layout.cell / 2 + 4, mark, "cell strong" if best else "cell", "middle"))
    tip = f"{name}, {column.label}: {score}, rank {column.ranks[name]}"
    return tag("g", tag("title", tip), *parts)
