"""The shape of each loss and of its gradient: how hard a miss of each size pulls."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lossmith.advisor.verdict import Standing, Verdict
from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.numbers import floats, number
from lossmith.report.svg import Axis, Panel, label, line, picture
from lossmith.report.words import settings

SIZE = (310, 250)
SAMPLES = 9


@dataclass(frozen=True)
class Portrait:
    """One loss; candidates that differ in their decision rule alone share it."""

    ids: tuple[str, ...]
    call: str
    x: tuple[float, ...]
    value: tuple[float, ...]
    gradient: tuple[float, ...]
    x_label: str


def figures(verdict: Verdict) -> list[tuple[Portrait, Figure]]:
    """Return a drawing for each different loss."""
    return [(item, figure(item, f"shape-{index}")) for index, item in enumerate(portraits(verdict.standings))]


def portraits(standings: Sequence[Standing]) -> list[Portrait]:
    """Collect the different shapes, in ranking order."""
    found: dict[tuple[object, ...], Portrait] = {}
    for standing in standings:
        shape, call = standing.portrait, settings(standing.candidate)
        x, value, gradient = (floats(shape.get(part, ())) for part in ("x", "value", "gradient"))
        if not any(map(math.isfinite, value)) or len(x) < 2:
            continue
        key = (call, x, value)
        ids = (*found[key].ids, standing.candidate.id) if key in found else (standing.candidate.id,)
        found[key] = Portrait(ids, call, x, value, gradient, str(shape.get("x_label", "")))
    return list(found.values())


def figure(item: Portrait, key: str) -> Figure:
    """Return the drawing of one loss with its numbers."""
    every = max(1, (len(item.x) - 1) // (SAMPLES - 1))
    triples = list(zip(item.x, item.value, item.gradient, strict=False))[::every]
    rows = tuple(tuple(number(value) for value in triple) for triple in triples)
    return Figure((Drawing(draw(item, key)),), Table((item.x_label or "x", "Loss", "Gradient"), rows))


def draw(item: Portrait, key: str) -> Markup:
    """Draw the loss above and its gradient below, over the same axis."""
    across = Axis(item.x[0], item.x[-1], 44, SIZE[0] - 14)
    above = Panel(across, upright(item.value, 124, 24))
    below = Panel(across, upright(item.gradient, 228, 152))
    parts = [label(44, 14, "loss", "hint"), label(44, 144, "gradient (dashed)", "hint")]
    for panel, values, style in ((above, item.value, "curve solid"), (below, item.gradient, "curve dashed")):
        parts += panel.frame(5, 4, show_x=panel is below)
        if across.low < 0 < across.high:
            parts.append(line(across(0), panel.y.end, across(0), panel.y.start, "zero faint"))
        parts.append(panel.clipped(panel.curve(item.x, values, style)))
    told = f"Loss and gradient against {item.x_label}. {_told(item)}"
    return picture(key, SIZE, f"Shape of {item.call}", told, *parts)


def _told(item: Portrait) -> str:
    pulls = [abs(value) for value in item.gradient if math.isfinite(value)]
    return f"The steepest gradient drawn is {number(max(pulls))}." if pulls else "No gradient was drawn."


def upright(values: Sequence[float], bottom: float, top: float) -> Axis:
    """Return an axis that holds all values, and zero."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(0.0, *known), max(0.0, *known)
    margin = 0.06 * (high - low) or 0.5
    return Axis(low - (margin if low < 0 else 0.0), high + margin, bottom, top)
