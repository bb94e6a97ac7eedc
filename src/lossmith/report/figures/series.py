"""The series in time: each origin, and the block that was forecast from it."""

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lossmith.advisor.verdict import Verdict
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Table
from lossmith.report.numbers import count, number
from lossmith.report.svg import Axis, Panel, label, line, picture, tag

TOP, BOTTOM, LEFT, RIGHT = 30, 210, 60, 24
SAMPLES = 40
"""Rows of the table at most."""


def figure(verdict: Verdict) -> Figure | None:
    """Return the series with its origins, or nothing where it is no forecast."""
    history = verdict.profile.history
    if not history or len(history["period"]) < 2:
        return None
    sizes = ((WIDE, "wide", "series"), (NARROW, "narrow", "series-s"))
    drawings = tuple(Drawing(_draw(verdict, history, width, key), screen) for width, screen, key in sizes)
    return Figure(drawings, _table(history))


def _draw(verdict: Verdict, history: Mapping[str, Any], width: int, key: str) -> Markup:
    name = verdict.profile.problem.target
    low, high, first = min(history["low"]), max(history["high"]), history["period"][0]
    margin = 0.05 * (high - low) or 0.1 * abs(high) or 0.5
    shown = f"{name}, mean of the series" if history["series"] > 1 else name
    panel = Panel(Axis(first, history["periods"], LEFT, width - RIGHT), Axis(low - margin, high + margin, BOTTOM, TOP))
    curve = panel.curve(history["period"], history["mean"], "curve")
    drawn = [panel.band(history["period"], history["low"], history["high"], "band"), curve]
    parts = [
        *_blocks(verdict, panel),
        *panel.frame(0, 4, show_x=False),
        panel.clipped(*drawn),
        *_times(history, panel, width),
        *_origins(verdict, panel),
        label(LEFT, 14, shown, "hint", room=width / 2 - LEFT),
    ]
    return picture(key, (width, BOTTOM + 36), f"{name} over time, and its origins", _told(verdict, history), *parts)


def _blocks(verdict: Verdict, panel: Panel) -> list[Markup]:
    """Shade every second block that was tested, so that neighbours can be told apart."""
    tested = list(zip(verdict.starts, verdict.starts[1:], strict=False))[: verdict.folds]
    return [
        tag(
            "rect", tag("title", f"origin {place + 1}"), class_="rope", x=panel.x(start), y=panel.y.end,
            width=panel.x(end) - panel.x(start), height=panel.y.start - panel.y.end,
        )
        for place, (start, end) in enumerate(tested) if place % 2 == 0
    ]  # fmt: skip


def _origins(verdict: Verdict, panel: Panel) -> list[Markup]:
    lines = [line(panel.x(start), TOP, panel.x(start), BOTTOM, "zero faint") for start in verdict.starts[:-1]]
    if lines:
        lines.append(label(panel.x(verdict.starts[0]) - 5, 14, "first origin ▸", "hint", "end"))
    return lines


def _times(history: Mapping[str, Any], panel: Panel, width: int) -> list[Markup]:
    """Write when it was, at a few points of the line."""
    longest = max(len(text) for text in history["time"])
    wanted = max(2, int((width - LEFT - RIGHT) / (9.0 * longest + 16)))
    every = math.ceil(len(history["time"]) / wanted)
    ticks = list(zip(history["period"], history["time"], strict=True))[::every]
    places = [(panel.x(period), text) for period, text in ticks]
    return [label(x, BOTTOM + 18, text, "tick", "middle") for x, text in places if x + 4.5 * longest <= width]


def _told(verdict: Verdict, history: Mapping[str, Any]) -> str:
    first, last = history["time"][0], history["time"][-1]
    made = max(len(verdict.starts) - 1, 0)
    return (
        f"{count(history['series'], 'series', 'series')} from {first} to {last}, {number(min(history['low']))} to "
        f"{number(max(history['high']))}. {count(made, 'origin')}, of which {verdict.folds} were finished; the shaded "
        "stretches are what was forecast from every second one."
    )


def _table(history: Mapping[str, Any]) -> Table:
    every = max(1, math.ceil(len(history["period"]) / SAMPLES))
    rows = zip(history["time"], history["mean"], history["low"], history["high"], strict=True)
    return Table(
        ("From", "Mean", "Lowest", "Highest"),
        tuple((time, number(mean), number(low), number(high)) for time, mean, low, high in list(rows)[::every]),
    )
