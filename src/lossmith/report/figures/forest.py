"""Forest plot: each candidate's difference from the reference, with its interval.

Right of zero is better.
"""

import math
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from lossmith.advisor.verdict import Verdict
from lossmith.report import tables
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Layout, Table
from lossmith.report.svg import Axis, label, line, picture, tag


@dataclass(frozen=True)
class ForestRow:
    """One line of the plot."""

    row: tables.Row
    span: tuple[float, float, float] | None
    """low, mean, high; (0, 0, 0) for the reference; None where nothing was judged."""
    is_reference: bool


@dataclass(frozen=True)
class Forest:
    """Everything the drawing needs."""

    rows: tuple[ForestRow, ...]
    low: float
    high: float
    rope: float
    subject: str
    reference: str


DESK = Layout(WIDE, left=250, right=740, step=46, drop=23, ticks=8)
PHONE = Layout(NARROW, left=22, right=318, step=78, drop=62, ticks=4)
TOP = 30


def figure(verdict: Verdict) -> Figure | None:
    """Return the forest plot, or nothing when no difference was judged."""
    data = forest(verdict)
    if data is None:
        return None
    drawings = (Drawing(draw(data, DESK, "forest"), "wide"), Drawing(draw(data, PHONE, "forest-s"), "narrow"))
    return Figure(drawings, table(data))


def forest(verdict: Verdict) -> Forest | None:
    """Collect the plot's data, with limits that no hopeless candidate stretches."""
    lines = []
    for standing, row in zip(verdict.standings, tables.rows(verdict), strict=True):
        seen, is_reference = standing.difference, standing.candidate.id == verdict.reference
        span = (seen.low, seen.mean, seen.high) if seen else (0.0, 0.0, 0.0) if is_reference else None
        lines.append(ForestRow(row, span if span and all(map(math.isfinite, span)) else None, is_reference))
    spans = [item.span for item in lines if item.span and not item.is_reference]
    if not spans:
        return None
    low, high = limits(spans, verdict.rope)
    subject = f"difference in {verdict.metric['label']}"
    return Forest(tuple(lines), low, high, verdict.rope, subject, verdict.reference)


def limits(spans: list[tuple[float, float, float]], rope: float) -> tuple[float, float]:
    """Return axis limits; what lies many typical spans away is cut.

    The cut is marked with an arrow.
    """
    typical = median(max(abs(low), abs(high)) for low, _, high in spans)
    reach = 3 * max(typical, rope, *(high - low for low, _, high in spans if low > -4 * typical))
    low = max(min(-1.3 * rope, *(span[0] for span in spans)), -reach)
    high = min(max(1.3 * rope, *(span[2] for span in spans)), reach)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def draw(data: Forest, layout: Layout, key: str) -> Markup:
    """Draw the plot in the given layout."""
    axis = Axis(data.low, data.high, layout.left, layout.right)
    bottom = TOP + layout.step * len(data.rows) + 6
    parts = [*_ground(data, axis, layout, bottom)]
    for index, row in enumerate(data.rows):
        parts += _row(row, axis, layout, TOP + index * layout.step)
    title = f"{data.subject} from the reference {data.reference}, with 95 % intervals"
    told = "; ".join(f"{r.row.id}: {r.row.difference} {r.row.interval}, {r.row.conclusion}" for r in data.rows)
    return picture(key, (layout.width, bottom + 44), title, f"Right of zero is better. {told}.", *parts)


def _ground(data: Forest, axis: Axis, layout: Layout, bottom: int) -> list[Markup]:
    """Draw what lies behind the rows: ROPE band, grid, zero line, direction words."""
    zero, center = axis(0.0), (layout.left + layout.right) / 2
    band = (max(axis(-data.rope), layout.left), min(axis(data.rope), layout.right))
    parts = [tag("rect", x=band[0], y=TOP - 8, width=band[1] - band[0], height=bottom - TOP + 8, class_="rope")]
    for value, text in axis.tick_labels(layout.ticks, sign=True):
        parts += [
            line(axis(value), TOP - 8, axis(value), bottom, "grid"),
            label(axis(value), bottom + 17, text, "tick", "middle"),
        ]
    parts.append(line(zero, TOP - 8, zero, bottom, "zero"))
    # Near an edge the direction words would leave the plot.
    if zero - layout.left > 60:
        parts.append(label(zero - 8, TOP - 15, "← worse", "hint", "end"))
    if layout.right - zero > 60 or layout.width - zero > 90:
        parts.append(label(zero + 8, TOP - 15, "better →", "hint"))
    parts.append(
        label(
            center, bottom + 37, f"{data.subject} (right = better)", "hint", "middle", room=layout.right - layout.left
        )
    )
    return parts


def _row(item: ForestRow, axis: Axis, layout: Layout, top: int) -> list[Markup]:
    """Draw a name, an interval and its numbers."""
    row, middle, tall = item.row, top + layout.drop, layout is PHONE
    name_class = "name strong" if row.recommended else "name"
    words_class = f"tone-{row.tone}"
    numbers = "" if item.is_reference or item.span is None else f"{row.difference} {row.interval}"
    parts = [line(0, top, layout.width, top, "rule")]
    if tall:
        parts.append(label(0, top + 17, row.id, name_class, room=layout.width))
        parts.append(label(0, top + 33, row.conclusion, words_class))
        parts.append(label(0, top + 48, numbers, "num", room=layout.width))
    else:
        parts.append(label(0, middle + 4, row.id, name_class, room=layout.left - 24))
        parts.append(
            label(
                layout.right + 16,
                middle + (-3 if numbers else 4),
                numbers or row.conclusion,
                "num" if numbers else words_class,
                room=layout.width - layout.right - 16,
            )
        )
        parts.append(label(layout.right + 16, middle + 14, row.conclusion, words_class) if numbers else Markup(""))
    return parts + (_interval(item, item.span, axis, middle) if item.span else [])


def _interval(item: ForestRow, span: tuple[float, float, float], axis: Axis, y: int) -> list[Markup]:
    """Draw an interval with its marker; an arrow where it leaves the plot."""
    low, mean, high = span
    first, last = max(axis(low), axis.start), min(axis(high), axis.end)
    tone = f"mark tone-{item.row.tone}"
    parts: list[Markup] = []
    if not item.is_reference and first < last:
        parts.append(line(first, y, last, y, tone))
    for value, at, way in ((low, first, -1), (high, last, 1)):
        if item.is_reference:
            continue
        outside = (value < axis.low) if way < 0 else (value > axis.high)
        edge = axis.start if way < 0 else axis.end
        arrow = tag("path", d=f"M{edge + 7 * -way:.1f} {y - 5}L{edge} {y}L{edge + 7 * -way:.1f} {y + 5}", class_=tone)
        parts.append(arrow if outside else line(at, y - 4, at, y + 4, tone))
    if axis.low <= mean <= axis.high:
        parts.append(_marker(item, axis(mean), y))
    tip = f"{item.row.id}: {item.row.difference} {item.row.interval}, {item.row.conclusion}"
    return [tag("g", tag("title", tip), *parts)]


def _marker(item: ForestRow, x: float, y: float) -> Markup:
    """Draw a shape per conclusion, so that colour is never alone."""
    shapes = {
        "better": f"M{x - 6:.1f} {y - 6}L{x + 7:.1f} {y}L{x - 6:.1f} {y + 6}Z",
        "worse": f"M{x + 6:.1f} {y - 6}L{x - 7:.1f} {y}L{x + 6:.1f} {y + 6}Z",
        "practically equal": f"M{x - 5:.1f} {y - 5}H{x + 5:.1f}V{y + 5}H{x - 5:.1f}Z",
        "reference": f"M{x:.1f} {y - 7}L{x + 7:.1f} {y}L{x:.1f} {y + 7}L{x - 7:.1f} {y}Z",
    }
    shape = shapes.get(item.row.conclusion)
    if shape:
        return tag("path", d=shape, class_=f"mark full tone-{item.row.tone}")
    return tag("circle", cx=x, cy=y, r=5, class_=f"mark open tone-{item.row.tone}")


def table(data: Forest) -> Table:
    """Return the numbers of the plot."""
    head = ("Candidate", "Difference", "95 % interval", "Conclusion")
    return Table(head, tuple((r.row.id, r.row.difference, r.row.interval, r.row.conclusion) for r in data.rows))
