"""Two losses over one axis: where values and gradients part."""

from markupsafe import Markup

from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.figures.portrait import upright
from lossmith.report.numbers import number
from lossmith.report.svg import Axis, Panel, label, line, picture
from lossmith.study.curve import Curve

SIZE = (420, 380)
LEFT = 46
STYLES = ("curve solid", "curve second")
AT = 9
"""Rows of the table."""


def figure(names: tuple[str, str], curves: tuple[Curve, Curve]) -> Figure | None:
    """Draw both; nothing where they have no axis in common."""
    first, second = curves
    if first.x_label != second.x_label or first.x != second.x:
        return None
    every = (len(first.x) - 1) // (AT - 1)
    rows = tuple(
        tuple(number(value) for value in row)
        for row in list(zip(first.x, first.value, second.value, first.gradient, second.gradient, strict=True))[::every]
    )
    head = (first.x_label, *(f"{what} of {name}" for what in ("Loss", "Gradient") for name in names))
    return Figure((Drawing(_draw(names, curves)),), Table(head, rows))


def _draw(names: tuple[str, str], curves: tuple[Curve, Curve]) -> Markup:
    x = curves[0].x
    across = Axis(x[0], x[-1], LEFT, SIZE[0] - 14)
    parts: list[Markup] = []
    for row, (style, name) in enumerate(zip(STYLES, names, strict=True)):
        parts.append(line(LEFT, 10 + 20 * row, LEFT + 26, 10 + 20 * row, style))
        parts.append(label(LEFT + 34, 14 + 20 * row, name, room=SIZE[0] - LEFT - 50))
    for what, top, bottom in (("value", 70.0, 198.0), ("gradient", 226.0, 354.0)):
        lines = [getattr(curve, what) for curve in curves]
        panel = Panel(across, upright([*lines[0], *lines[1]], bottom, top))
        parts.append(label(LEFT, top - 8, "loss" if what == "value" else what, "hint"))
        parts += panel.frame(5, 4, show_x=what == "gradient")
        if across.low < 0 < across.high:
            parts.append(line(across(0), top, across(0), bottom, "zero faint"))
        parts.append(panel.clipped(*(panel.curve(x, ys, style) for ys, style in zip(lines, STYLES, strict=True))))
    told = f"Losses and gradients of {names[0]} (solid) and {names[1]} (dashed) against {curves[0].x_label}."
    return picture("overlay", SIZE, f"{names[0]} and {names[1]}", told, *parts)
