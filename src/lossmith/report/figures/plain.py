"""Three plain figures, each with its numbers: lines, dots by name, bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.numbers import number
from lossmith.report.svg import Axis, Panel, label, line, picture, tag

WIDTH, LEFT, RIGHT = 380, 60, 16
TOP, HEIGHT = 30, 170
SAMPLES = 12
STYLES = ("curve", "curve second", "curve thirdly")


@dataclass(frozen=True)
class Line:
    """One line of a picture."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Mark:
    """A value to be pointed at: across where `x` is None, upright where `y` is."""

    text: str
    x: float | None = None
    y: float | None = None


def lines(key: str, title: str, told: str, drawn: Sequence[Line], x_label: str, marks: Sequence[Mark] = (),
          *, powers: bool = False, far: float = 0.99) -> Figure:  # fmt: skip
    """Draw lines over one pair of axes; `powers` draws x by powers of ten.

    Args:
        key: unique on the page.
        title: of the drawing.
        told: what is to be seen, in words.
        drawn: at most three lines.
        x_label: below the axis.
        marks: values to be pointed at.
        powers: whether the axis goes by powers of ten.
        far: quantile of the values above which they may leave the picture.
    """
    across = [math.log10(x) if powers else x for one in drawn for x in one.x] + [
        math.log10(mark.x) if powers else mark.x for mark in marks if mark.x is not None
    ]
    top = TOP + 18 * len(drawn)
    low, high = _limits([y for one in drawn for y in one.y] + [mark.y for mark in marks if mark.y is not None], far)
    panel = Panel(Axis(*_apart(min(across), max(across)), LEFT, WIDTH - RIGHT), Axis(low, high, top + HEIGHT, top))
    parts = _names(drawn) if len(drawn) > 1 else [label(LEFT, 16, drawn[0].name, "hint")]
    parts += panel.frame(5, 4, show_x=not powers) + (_decades(panel) if powers else [])
    curves = [panel.curve([math.log10(x) if powers else x for x in one.x], one.y, style)
              for one, style in zip(drawn, STYLES, strict=False)]  # fmt: skip
    parts.append(panel.clipped(*curves))
    for mark in marks:
        parts += _marked(panel, mark, marks, powers)
    parts.append(label(WIDTH - RIGHT, top + HEIGHT + 34, x_label, "hint", "end", room=WIDTH - 40))
    svg = picture(key, (WIDTH, top + HEIGHT + 42), title, told, *parts)
    return Figure((Drawing(svg),), _line_table(drawn, x_label))


def dots(key: str, title: str, told: str, rows: Sequence[tuple[str, float]], *, strong: str = "") -> Figure:
    """Draw one dot a name, by powers of ten where the values lie far apart."""
    known = [(name, value) for name, value in rows if math.isfinite(value)]
    powers = all(value > 0 for _, value in known) and max(v for _, v in known) > 30 * min(v for _, v in known)
    place = (lambda value: math.log10(value)) if powers else float
    values = [place(value) for _, value in known] + ([] if powers else [0.0])
    span = max(values) - min(values) or 1.0
    axis = Axis(min(values) - 0.04 * span, max(values) + 0.22 * span, 132, WIDTH - 10)
    bottom = 14 + 24 * len(known)
    parts: list[Markup] = [line(132, 6, 132, bottom, "base")]
    for row, (name, value) in enumerate(known):
        y, x = 20.0 + 24 * row, axis(place(value))
        parts.append(line(132, y, x, y, "grid"))
        parts.append(label(2, y + 4, name, "strong" if name == strong else "", room=124))
        parts.append(tag("circle", cx=x, cy=y, r=5, class_="mark full tone-bad" if name == strong else "mark full"))
        parts.append(label(x + 9, y + 4, number(value), "tick"))
    if powers:
        parts.append(label(WIDTH - 10, bottom + 14, "by powers of ten", "hint", "end"))
    svg = picture(key, (WIDTH, bottom + 22), title, told, *parts)
    return Figure((Drawing(svg),), Table(("What", "Value"), tuple((name, number(value)) for name, value in rows)))


def bars(
    key: str, title: str, told: str, names: Sequence[str], counts: Sequence[Sequence[float]], labels: Sequence[str],
    x_label: str,
) -> Figure:  # fmt: skip
    """Draw one or two groups of bars side by side, each as a share of its sum."""
    shares = [[count / (sum(group) or 1.0) for count in group] for group in counts]
    most = max((share for group in shares for share in group), default=1.0) or 1.0
    top = TOP + 18 * (len(shares) > 1) * len(shares)
    panel = Panel(Axis(0, len(names), LEFT, WIDTH - RIGHT), Axis(0.0, 1.05 * most, top + HEIGHT, top))
    parts = panel.frame(1, 4, show_x=False)
    for row, text in enumerate(labels):
        parts.append(tag("rect", x=LEFT, y=8 + 18 * row, width=14, height=10, class_="bar other" if row else "bar"))
        parts.append(label(LEFT + 20, 17 + 18 * row, text, "hint", room=WIDTH - LEFT - 30))
    wide = (WIDTH - RIGHT - LEFT) / max(len(names), 1)
    for index, group in enumerate(shares):
        for place, share in enumerate(group):
            x = LEFT + wide * (place + 0.1 + 0.8 * index / len(shares))
            y = panel.y(share)
            parts.append(tag("rect", x=x, y=y, width=0.8 * wide / len(shares), height=top + HEIGHT - y,
                             class_="bar other" if index else "bar"))  # fmt: skip
    every = max(1, math.ceil(len(names) / 8))
    for place, name in list(enumerate(names))[::every]:
        x, room = LEFT + wide * (place + 0.5), max(40, wide * every)
        parts.append(label(x, top + HEIGHT + 16, name, "tick", "middle", room=room))
    parts.append(label(WIDTH - RIGHT, top + HEIGHT + 34, x_label, "hint", "end", room=WIDTH - 40))
    svg = picture(key, (WIDTH, top + HEIGHT + 42), title, told, *parts)
    rows = tuple((name, *(number(group[place]) for group in counts)) for place, name in enumerate(names))
    return Figure((Drawing(svg),), Table((x_label, *labels), rows))


def _names(drawn: Sequence[Line]) -> list[Markup]:
    parts = []
    for row, (one, style) in enumerate(zip(drawn, STYLES, strict=False)):
        parts.append(line(LEFT, 12 + 18 * row, LEFT + 26, 12 + 18 * row, style))
        parts.append(label(LEFT + 34, 16 + 18 * row, one.name, "hint", room=WIDTH - LEFT - 40))
    return parts


def _decades(panel: Panel) -> list[Markup]:
    """Label powers of ten below the axis."""
    first, last = math.ceil(panel.x.low), math.floor(panel.x.high)
    step = max(1, math.ceil((last - first) / 5))
    return [label(panel.x(power), panel.y.start + 16, f"{10.0**power:g}", "tick", "middle")
            for power in range(first, last + 1, step)]  # fmt: skip


def _marked(panel: Panel, mark: Mark, marks: Sequence[Mark], powers: bool) -> list[Markup]:
    """Draw a mark; of two upright ones each has its text on its own side."""
    if mark.y is not None:
        y = panel.y(min(max(mark.y, panel.y.low), panel.y.high))
        across = line(panel.x.start, y, panel.x.end, y, "zero faint")
        return [across, label(panel.x.end - 4, y - 5, mark.text, "hint", "end")]
    at, others = mark.x or 0.0, [other.x for other in marks if other.x is not None and other is not mark]
    x = panel.x(math.log10(at) if powers else at)
    left = at < min(others) if others else x > (panel.x.start + panel.x.end) / 2
    text = label(x - 5 if left else x + 5, panel.y.end - 6, mark.text, "note", "end" if left else "start")
    return [line(x, panel.y.start, x, panel.y.end, "fence"), text]


def _limits(values: Sequence[float], far: float) -> tuple[float, float]:
    """Return limits that a few values far off do not stretch."""
    known = sorted(value for value in values if math.isfinite(value)) or [0.0]
    low, high = known[0], known[min(len(known) - 1, int(far * len(known)))]
    margin = 0.06 * (high - low)
    return _apart(low - margin, high + margin)


def _apart(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _line_table(drawn: Sequence[Line], x_label: str) -> Table:
    """Return some points of each line; lines may have points of their own."""
    rows = []
    for one in drawn:
        every = max(1, (len(one.x) - 1) // (SAMPLES - 1))
        rows += [(number(one.x[k]), one.name, number(one.y[k])) for k in range(0, len(one.x), every)]
    return Table((x_label, "Line", "Value"), tuple(rows))


def heat(
    key: str, title: str, told: str, names: Sequence[str], steps: Sequence[float], cells: Sequence[Sequence[float]],
    texts: tuple[str, str], moment: Mark | None = None,
) -> Figure:  # fmt: skip
    """Draw a value by name and step, the stronger the larger.

    Args:
        key: unique on the page.
        title: of the drawing.
        told: what is to be seen, in words.
        names: of the rows.
        steps: of the columns.
        cells: rows of shares from 0 to 1, NaN where nothing is known.
        texts: what the faintest and the strongest mean.
        moment: a step to be pointed at.
    """
    high, top, left = 20.0, 26.0, 132.0
    wide = (WIDTH - RIGHT - left) / max(len(steps), 1)
    bottom = top + high * len(names)
    parts: list[Markup] = [label(2, 14, f"faint: {texts[0]}, strong: {texts[1]}", "hint", room=WIDTH - 4)]
    for row, (name, values) in enumerate(zip(names, cells, strict=True)):
        y = top + high * row
        parts.append(label(2, y + 14, name, room=left - 8))
        for column, value in enumerate(values):
            if math.isfinite(value):
                strength = f"fill-opacity:{0.06 + 0.94 * min(max(value, 0), 1):.2f}"
                x = left + wide * column
                parts.append(tag("rect", x=x, y=y, width=wide + 0.3, height=high - 2, class_="heat", style=strength))
    if moment is not None and moment.x is not None and steps:
        column = sum(step < moment.x for step in steps)
        x = left + wide * min(column, len(steps))
        parts.append(line(x, top - 4, x, bottom, "fence"))
    ends = [(left, steps[0], "start"), (WIDTH - RIGHT, steps[-1], "end")] if steps else []
    parts += [label(x, bottom + 14, f"step {step:g}", "tick", anchor) for x, step, anchor in ends]
    svg = picture(key, (WIDTH, bottom + 22), title, told, *parts)
    shown = sorted({0, len(steps) // 2, len(steps) - 1}) if steps else []
    head = ("Layer", *(f"Step {steps[place]:g}" for place in shown))
    rows = ((name, *(number(values[k], 2) for k in shown)) for name, values in zip(names, cells, strict=True))
    return Figure((Drawing(svg),), Table(head, tuple(rows)))
