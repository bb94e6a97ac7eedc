"""The few SVG pieces that the figures are made of.

Every colour is a class that the page's style sheet resolves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from lossmith.report.numbers import signed
from lossmith.report.text import clean, shorten

LETTER = 7.5
"""Width of an average letter at the figures' text size of 13, in the widest of the usual fonts."""


def tag(name: str, *children: Any, **attributes: Any) -> Markup:
    """Write one element; `class_` becomes `class`, `stroke_width` `stroke-width`."""
    shown = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    head = "".join(f' {key}="{escape(_text(value))}"' for key, value in shown.items())
    body = "".join(str(escape(_text(child))) for child in children)
    return Markup(f"<{name}{head}>{body}</{name}>" if body else f"<{name}{head}/>")


def picture(key: str, size: tuple[float, float], title: str, description: str, *children: Any) -> Markup:
    """Write a whole drawing with its accessible name.

    `key` makes its ids unique on the page.
    """
    width, height = size
    return tag(
        "svg",
        tag("title", title, id=f"{key}-title"),
        tag("desc", description, id=f"{key}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=Markup(f"0 0 {_text(width)} {_text(height)}"),
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{key}-title",
        aria_describedby=f"{key}-desc",
    )


def label(x: float, y: float, text: str, class_: str = "", anchor: str = "start", room: float = math.inf) -> Markup:
    """Write text, cut to `room` with the whole of it as tooltip."""
    text = clean(text)
    short = text if room == math.inf else shorten(text, max(4, int(room / LETTER)))
    tip = tag("title", text) if short != text else ""
    return tag("text", tip, short, x=x, y=y, class_=class_ or None, text_anchor=None if anchor == "start" else anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Write a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


@dataclass(frozen=True)
class Axis:
    """A straight map from data to the page."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where `value` lies, finite even far outside.

        So a clipped line keeps its slope.
        """
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + max(-50.0, min(50.0, share)) * (self.end - self.start)

    def ticks(self, wanted: int) -> list[float]:
        """Return about so many round values inside."""
        step = self._step(wanted)
        if step is None:
            return [self.low]
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]

    def tick_labels(self, wanted: int, sign: bool = False) -> list[tuple[float, str]]:
        """Return the ticks with their text, all with the same decimals."""
        values = self.ticks(wanted)
        step = self._step(wanted) or abs(values[0]) or 1.0
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        texts = (signed(value, decimals) for value in values)
        return [(value, text if sign else text.removeprefix("+")) for value, text in zip(values, texts, strict=True)]

    def _step(self, wanted: int) -> float | None:
        """Return the distance of the ticks, or nothing where there is no span."""
        span = self.high - self.low
        if not (span > 0 and math.isfinite(span)):
            return None
        step = 10.0 ** math.floor(math.log10(span / wanted))
        return next(step * factor for factor in (1, 2, 5, 10, 20) if span / (step * factor) <= wanted)


@dataclass(frozen=True)
class Panel:
    """A rectangle with two axes; what is drawn in it is clipped to it."""

    x: Axis
    y: Axis

    def frame(self, xticks: int, yticks: int, show_x: bool = True) -> list[Markup]:
        """Draw grid, base line and tick labels."""
        left, right, bottom = self.x.start, self.x.end, self.y.start
        parts: list[Markup] = []
        for value, text in self.y.tick_labels(yticks):
            parts.append(line(left, self.y(value), right, self.y(value), "grid"))
            parts.append(label(left - 6, self.y(value) + 4, text, "tick", "end"))
        parts.append(line(left, bottom, right, bottom, "base"))
        for value, text in self.x.tick_labels(xticks) if show_x else []:
            parts.append(label(self.x(value), bottom + 16, text, "tick", "middle"))
        return parts

    def clipped(self, *children: Markup) -> Markup:
        """Keep `children` inside the rectangle (a nested svg clips, and needs no id)."""
        x, y = min(self.x.start, self.x.end), min(self.y.start, self.y.end)
        width, height = abs(self.x.end - self.x.start), abs(self.y.end - self.y.start)
        moved = tag("g", *children, transform=f"translate({_text(-x)} {_text(-y)})")
        return tag("svg", moved, x=x, y=y, width=width, height=height, overflow="hidden", aria_hidden="true")

    def curve(self, xs: Sequence[float], ys: Sequence[float], class_: str) -> Markup:
        """Draw a line, broken where a value is not finite."""
        path, pen = [], "M"
        for x, y in zip(xs, ys, strict=False):
            if not math.isfinite(y):
                pen = "M"
                continue
            path.append(f"{pen}{_text(self.x(x))} {_text(self.y(y))}")
            pen = "L"
        if len(path) == 1:
            path.append("h0.1")  # a lone point: a thick round line cap makes it a dot
            class_ += " point"
        return tag("path", d="".join(path) or "M0 0", class_=class_)

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], class_: str) -> Markup:
        """Fill between two lines."""
        rows = [r for r in zip(xs, low, high, strict=False) if all(map(math.isfinite, r))]
        points = [(x, y) for x, _, y in rows] + [(x, y) for x, y, _ in reversed(rows)]
        return tag(
            "polygon", points=" ".join(f"{_text(self.x(x))},{_text(self.y(y))}" for x, y in points), class_=class_
        )


def _text(value: Any) -> Any:
    """Write coordinates with one decimal; text cleaned of what XML refuses."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
