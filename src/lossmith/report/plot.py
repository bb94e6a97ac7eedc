"""A loss drawn with letters: dots for its curve, bars for who gets the gradient."""

import math
import textwrap
from collections.abc import Sequence

from lossmith.report.numbers import TIED, number, percent
from lossmith.report.text import ascii_only
from lossmith.study.shares import Shares
from lossmith.study.study import Study

WIDTH, HEIGHT, SIDE, BAR = 60, 7, 9, 24
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille letter, by row and column of its dots."""


def drawn(study: Study, *, plain: bool = False) -> str:
    """Return the pictures of one loss; `plain` keeps to ASCII."""
    parts = [f"At {study.stated}."] if study.stated else []
    if study.curve:
        low, high = number(study.curve.x[0]), number(study.curve.x[-1])
        axis = " " * (SIDE + 1) + low + high.rjust(WIDTH - len(low))
        for title, ys in (("Loss", study.curve.value), ("Gradient", study.curve.gradient)):
            parts.append("\n".join([title, *dots(ys, plain=plain), axis, f"{'':{SIDE + 1}}{study.curve.x_label}"]))
    if study.shares:
        parts.append(bars(study.name, study.shares))
    text = "\n\n".join(parts) or f"{study.name} has no picture: it takes a model, or other losses."
    text = text.replace(TIED, " ")
    return ascii_only(text.replace("█", "#")) if plain else text


def dots(ys: Sequence[float], *, plain: bool = False) -> list[str]:
    """Return a curve as lines of letters, with the axis' ends at its left."""
    known = [y for y in ys if math.isfinite(y)] or [0.0]
    low, high = min(0.0, *known), max(0.0, *known)
    columns, rows = (1, 1) if plain else (2, 4)
    cells = [[0] * WIDTH for _ in range(HEIGHT)]
    for index, y in enumerate(ys):
        if math.isfinite(y):
            x = round(index * (WIDTH * columns - 1) / (len(ys) - 1))
            up = round((HEIGHT * rows - 1) * (high - y) / ((high - low) or 1.0))
            cells[up // rows][x // columns] |= DOTS[up % rows][x % columns]
    names = {0: number(high), HEIGHT - 1: number(low)}
    return [f"{names.get(row, ''):>{SIDE}} {_line(line, plain)}".rstrip() for row, line in enumerate(cells)]


def bars(name: str, shares: Shares) -> str:
    """Return each group's share of the examples and of the gradient, as bars."""
    wide = max(map(len, shares.group)) + 2
    lines = [f"Who gets the gradient of {name}", *_wrapped(shares.batch)]
    default = "" if name == shares.default else shares.default
    lines.append(f"  {'':{wide}}{'examples':>9}  {name:<{BAR + 6}}  {default}".rstrip())
    for index, group in enumerate(shares.group):
        row = f"  {group:<{wide}}{percent(shares.examples[index]):>9}  {_bar(shares.pull[index])}"
        lines.append((f"{row}  {_bar(shares.default_pull[index])}" if default else row).rstrip())
    return "\n".join(lines)


def _bar(share: float) -> str:
    return f"{'█' * round(BAR * share)} {percent(share)}".ljust(BAR + 6)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(f"On {text}.", 98, initial_indent="  ", subsequent_indent="  ")


def _line(cells: list[int], plain: bool) -> str:
    if plain:
        return "".join("*" if cell else " " for cell in cells)
    return "".join(chr(0x2800 + cell) if cell else " " for cell in cells)
