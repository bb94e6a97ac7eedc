"""Pictures of a loss under test: curves, one outlier's pull, its minimiser."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.figures.portrait import upright
from lossmith.report.numbers import floats, number
from lossmith.report.svg import Axis, Panel, label, line, picture, tag

WIDTH, LEFT, RIGHT = 380, 60, 26
SAMPLES = 9
BEYOND = 10.0
"""How far beyond nine tenths of the values a value must lie to leave the picture."""
SMALL = 0.1
"""What is smaller never decides the height of the picture."""
BEST = "best constant"
STYLES = ("curve", "curve second", "curve thirdly")
Picture = Mapping[str, Any]


def figures(portrait: Picture) -> list[tuple[str, str, Figure]]:
    """Return title, sentence and figure of each part that was measured."""
    makers: dict[str, tuple[str, Callable[[Picture], Figure]]] = {
        "curve": ("Value and gradient", _curve),
        "outlier": ("One outlier's pull", _outlier),
        "minimiser": ("What it is minimised by", _minimiser),
    }
    return [
        (title, portrait[part]["said"], make(portrait[part]))
        for part, (title, make) in makers.items()
        if portrait.get(part)
    ]


def _curve(found: Picture) -> Figure:
    xs, lines = floats(found["x"]), found["lines"]
    across, top = Axis(xs[0], xs[-1], LEFT, WIDTH - RIGHT), 8.0 + 18 * len(lines)
    parts: list[Markup] = []
    for row, (style, one) in enumerate(zip(STYLES, lines, strict=False)):
        parts.append(line(LEFT, 12 + 18 * row, LEFT + 26, 12 + 18 * row, style))
        parts.append(label(LEFT + 34, 16 + 18 * row, one["label"], "hint", room=WIDTH - LEFT - 40))
    for name, key, start in (("loss", "value", top), ("gradient", "gradient", top + 140)):
        drawn = [floats(one[key]) for one in lines]
        panel = Panel(across, upright(_shown([y for ys in drawn for y in ys]), start + 124, start + 24))
        parts.append(label(LEFT, start + 14, name, "hint"))
        parts += panel.frame(5, 4, show_x=key == "gradient")
        if across.low < 0 < across.high:
            parts.append(line(across(0), panel.y.end, across(0), panel.y.start, "zero faint"))
        parts.append(panel.clipped(*(panel.curve(xs, ys, s) for ys, s in zip(drawn, STYLES, strict=False))))
    parts.append(label(WIDTH - RIGHT, top + 298, found["x_label"], "hint", "end", room=WIDTH - 20))
    told = f"Loss, and below it its gradient, against: {found['x_label']}. {found['said']}"
    svg = picture("check-curve", (WIDTH, top + 306), "Value and gradient", told, *parts)
    return Figure((Drawing(svg),), _numbers(found, xs))


def _shown(values: Sequence[float]) -> list[float]:
    """Return the values that the axis must hold.

    A few that lie far beyond the others leave the picture, or nothing else would be seen in it.
    """
    known = sorted(abs(value) for value in values if math.isfinite(value))
    usual = max(SMALL, known[int(0.9 * (len(known) - 1))] if known else 0.0)
    far = bool(known) and known[-1] > BEYOND * usual
    return [max(-2.0 * usual, min(2.0 * usual, v)) for v in values] if far else list(values)


def _numbers(found: Picture, xs: Sequence[float]) -> Table:
    lines = found["lines"]
    every = max(1, (len(xs) - 1) // (SAMPLES - 1))
    head = [found["x_label"]]
    for one in lines:
        head += [f"Loss, {one['label']}", f"Gradient, {one['label']}"]
    rows = [
        (number(xs[k]), *(number(one[key][k]) for one in lines for key in ("value", "gradient")))
        for k in range(0, len(xs), every)
    ]
    return Table(tuple(head), tuple(rows))


def _outlier(found: Picture) -> Figure:
    """Draw pull by distance, both by powers of ten."""
    xs, ys = ([math.log10(max(v, 1e-6)) for v in floats(found[key])] for key in ("x", "pull"))
    across = Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    low, high = min(-0.5, *ys), max(0.5, *ys)
    panel = Panel(across, Axis(low - 0.05 * (high - low), high + 0.05 * (high - low), 208, 26))
    parts = [label(LEFT, 14, "pull, as a multiple of the first", "hint")]
    for axis, draw in ((panel.y, _level), (across, _place)):
        first, last = math.ceil(axis.low), math.floor(axis.high)
        step = max(1, math.ceil((last - first) / 4))
        parts += [part for power in range(first, last + 1, step) for part in draw(panel, power)]
    parts.append(line(across.start, 208, across.end, 208, "base"))
    parts.append(panel.clipped(panel.curve(xs, ys, "curve")))
    parts += [tag("circle", cx=across(x), cy=panel.y(y), r=3, class_="mark full") for x, y in zip(xs, ys, strict=True)]
    parts.append(label(WIDTH - RIGHT, 242, found["x_label"], "hint", "end", room=WIDTH - 20))
    svg = picture("check-outlier", (WIDTH, 250), "Pull of one outlier", found["said"], *parts)
    rows = tuple((_power(x), number(pull)) for x, pull in zip(found["x"], found["pull"], strict=True))
    return Figure((Drawing(svg),), Table((found["x_label"], "Pull, as a multiple of the first"), rows))


def _level(panel: Panel, power: int) -> list[Markup]:
    y = panel.y(power)
    return [
        line(panel.x.start, y, panel.x.end, y, "grid"),
        label(LEFT - 6, y + 4, _power(10.0**power), "tick", "end"),
    ]


def _place(panel: Panel, power: int) -> list[Markup]:
    return [label(panel.x(power), 224, _power(10.0**power), "tick", "middle")]


def _power(value: float) -> str:
    return f"{value:,g}" if 1e-4 <= value < 1e6 else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _minimiser(found: Picture) -> Figure:
    best = {} if found["found"] is None else {BEST: found["found"]}
    marks = {**best, **found["against"]}
    span = max(marks.values()) - min(0.0, *marks.values()) or 1.0
    across = Axis(min(0.0, *marks.values()) - 0.08 * span, max(marks.values()) + 0.12 * span, 118, WIDTH - 30)
    bottom = 20 + 30 * len(marks)
    parts: list[Markup] = []
    for value, text in across.tick_labels(4):
        parts.append(line(across(value), 8, across(value), bottom, "grid"))
        parts.append(label(across(value), bottom + 16, text, "tick", "middle"))
    for row, (name, value) in enumerate(marks.items()):
        y = 26.0 + 30 * row
        parts.append(label(2, y + 4, name, "strong" if name == BEST else "", room=112))
        parts.append(tag("circle", cx=across(value), cy=y, r=5, class_="mark full" if name == BEST else "mark open"))
        parts.append(label(across(value) + 10, y + 4, number(value), "tick"))
    svg = picture("check-minimiser", (WIDTH, bottom + 24), "Minimiser", found["said"], *parts)
    rows = tuple((name, number(value)) for name, value in marks.items())
    return Figure((Drawing(svg),), Table(("What", "Value"), rows))
