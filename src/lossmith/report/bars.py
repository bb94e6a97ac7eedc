"""The forest plot in letters: `├──●──┤` on one scale, zero `│`, the ROPE `░`."""

import math
from dataclasses import dataclass

from lossmith.advisor.verdict import Verdict
from lossmith.report.figures.forest import Forest, ForestRow, forest
from lossmith.report.words import scale

MARKERS = {"better": "▶", "worse": "◀", "practically equal": "■", "reference": "◆"}


@dataclass(frozen=True)
class Bars:
    """One bar per candidate, and the line of numbers below."""

    rows: tuple[str, ...]
    scale: str


def bars(verdict: Verdict, width: int) -> Bars | None:
    """Draw the bars `width` letters wide, or nothing when no difference was judged."""
    data = forest(verdict)
    if data is None:
        return None
    zero, numbers = _at(data, 0.0, width), scale(verdict)
    low, high = numbers.difference(data.low), numbers.difference(data.high)
    ruler = list(" " * width)
    for text, start in ((low, 0), (high, width - len(high)), ("0", zero)):
        # Zero comes last and yields: at a narrow width it would overwrite an end.
        if all(letter == " " for letter in ruler[max(0, start - 1) : start + len(text) + 1]):
            ruler[start : start + len(text)] = text
    return Bars(tuple(_bar(data, row, width) for row in data.rows), "".join(ruler).rstrip())


def _bar(data: Forest, row: ForestRow, width: int) -> str:
    cells = [" "] * width
    for index in range(_at(data, -data.rope, width), _at(data, data.rope, width) + 1):
        cells[index] = "░"
    cells[_at(data, 0.0, width)] = "│"
    if row.span is None:
        return "".join(cells).rstrip()
    low, mean, high = row.span
    first, last = _at(data, low, width), _at(data, high, width)
    if not row.is_reference and data.low < high:
        cells[first : last + 1] = "─" * (last - first + 1)
        cells[first], cells[last] = ("├" if low >= data.low else "<"), ("┤" if high <= data.high else ">")
    elif not row.is_reference:
        cells[0] = "<"
    if data.low <= mean <= data.high:
        cells[_at(data, mean, width)] = MARKERS.get(row.row.conclusion, "●")
    return "".join(cells).rstrip()


def _at(data: Forest, value: float, width: int) -> int:
    share = (value - data.low) / (data.high - data.low)
    return max(0, min(width - 1, math.floor(share * width)))
