"""The target as it is: a histogram with its outliers, or a bar per class."""

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lossmith.advisor.verdict import Verdict
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Table
from lossmith.report.numbers import count, exact, number, percent
from lossmith.report.svg import Axis, Panel, label, line, picture, tag

MOST_CLASSES = 20


def figure(verdict: Verdict) -> Figure | None:
    """Return the histogram, the class bars, or nothing without data."""
    shown, name = verdict.profile.histogram, verdict.profile.problem.target
    if not any(shown.get("counts") or ()):
        return None
    draw, table = (_bars, _bars_table) if "labels" in shown else (_histogram, _histogram_table)
    sizes = ((WIDE, "wide", "target"), (NARROW, "narrow", "target-s"))
    return Figure(tuple(Drawing(draw(shown, name, width, key), screen) for width, screen, key in sizes), table(shown))


def describe(histogram: Mapping[str, Any]) -> str:
    """Say what the outlines in the histogram mean."""
    if "rows" in histogram:
        return f"{len(histogram['labels'])} labels; rows that carry each, and their share of {histogram['rows']:,}."
    if "labels" in histogram:
        return f"{len(histogram['labels'])} classes; how many of each, and their share."
    scale = " The axis runs in log(1 + value); its labels are the values themselves." if _logarithmic(histogram) else ""
    low, high = histogram.get("outlier_low"), histogram.get("outlier_high")
    if not histogram.get("outliers"):
        return f"No outliers beyond the fences.{scale}"
    sides = [f"below {exact(low)}"] if low is not None else []
    sides += [f"above {exact(high)}"] if high is not None else []
    where = f" ({' or '.join(sides)})" if sides else ""
    return f"{count(histogram['outliers'], 'outlier')}{where}: outlined bars beyond the dashed fence.{scale}"


def _logarithmic(histogram: Mapping[str, Any]) -> bool:
    return histogram.get("scale") == "log1p"


def _place(histogram: Mapping[str, Any], value: float) -> float:
    return math.copysign(math.log1p(abs(value)), value) if _logarithmic(histogram) else value


def _histogram(shown: Mapping[str, Any], name: str, width: int, key: str) -> Markup:
    edges, counts = [_place(shown, edge) for edge in shown["edges"]], shown["counts"]
    panel = Panel(Axis(edges[0], edges[-1], 52, width - 32), Axis(0, max(counts) * 1.05, 210, 26))
    parts = [*panel.frame(0, 4, show_x=False), *_values(shown, panel.x, width)]
    parts += [_bin(shown, panel, index) for index, rows in enumerate(counts) if rows]
    for at in ("outlier_low", "outlier_high"):
        value = shown.get(at)
        if value is not None and edges[0] < _place(shown, value) < edges[-1]:
            x = panel.x(_place(shown, value))
            room = ("start", 5) if x < width / 2 else ("end", -5)
            parts += [line(x, 20, x, 210, "fence"), label(x + room[1], 15, f"fence {number(value)}", "hint", room[0])]
    parts += [label(0, 12, "rows", "hint"), label((52 + width - 32) / 2, 250, name, "hint", "middle", room=width - 120)]
    return picture(key, (width, 256), f"Histogram of {name}", describe(shown), *parts)


def _bin(shown: Mapping[str, Any], panel: Panel, index: int) -> Markup:
    low, high, rows = shown["edges"][index], shown["edges"][index + 1], shown["counts"][index]
    fences = shown.get("outlier_low"), shown.get("outlier_high")
    beyond = (fences[0] is not None and high <= fences[0]) or (fences[1] is not None and low >= fences[1])
    left, right = panel.x(_place(shown, low)), panel.x(_place(shown, high))
    height = max(2.0, panel.y.start - panel.y(rows))
    tip = tag("title", f"{number(low)} to {number(high)}: {count(rows, 'row')}{', outliers' if beyond else ''}")
    gap = 0.5 if right - left > 4 else 0.0
    size = {"x": left + gap, "y": panel.y.start - height, "width": max(1.0, right - left - 2 * gap), "height": height}
    return tag("rect", tip, class_="bar hollow" if beyond else "bar", **size)


def _values(shown: Mapping[str, Any], axis: Axis, width: int) -> list[Markup]:
    """Draw tick labels in the target's own values."""
    wanted = 7 if width > 500 else 4
    if not _logarithmic(shown):
        ticks = axis.tick_labels(wanted)
    else:
        powers = [0.0] + [sign * 10.0**k for k in range(13) for sign in (-1, 1)]
        inside = sorted(v for v in powers if axis.low <= _place(shown, v) <= axis.high)
        ticks = [(_place(shown, v), exact(v)) for v in inside[:: max(1, math.ceil(len(inside) / wanted))]]
    return [label(axis(value), 228, text, "tick", "middle") for value, text in ticks]


def _histogram_table(shown: Mapping[str, Any]) -> Table:
    bins = zip(shown["edges"], shown["edges"][1:], shown["counts"], strict=False)
    return Table(("From", "To", "Rows"), tuple((number(a), number(b), f"{rows:,}") for a, b, rows in bins))


def _bars(shown: Mapping[str, Any], name: str, width: int, key: str) -> Markup:
    pairs = list(zip(shown["labels"], shown["counts"], strict=False))
    total, most = _total(shown), max(shown["counts"])
    left = min(0.34 * width, 24 + 7.2 * max(len(str(text)) for text, _ in pairs[:MOST_CLASSES]))
    axis, parts = Axis(0, most, left, width - 118), []
    for index, (text, rows) in enumerate(pairs[:MOST_CLASSES]):
        y, end = 8 + 32 * index, axis(rows)
        parts.append(label(left - 12, y + 16, str(text), "name", "end", room=left - 14))
        parts.append(
            tag(
                "rect",
                tag("title", f"{text}: {count(rows, 'row')}"),
                x=left,
                y=y,
                width=max(1.5, end - left),
                height=22,
                class_="bar",
            )
        )
        parts.append(label(end + 8, y + 16, f"{rows:,} · {percent(rows / total)}", "num"))
    height = 8 + 32 * min(len(pairs), MOST_CLASSES)
    if len(pairs) > MOST_CLASSES:
        parts.append(
            label(
                left,
                height + 14,
                f"and {len(pairs) - MOST_CLASSES} {_noun(shown, more=True)} more, in the table",
                "hint",
            )
        )
        height += 22
    told = "; ".join(f"{text}: {count(rows, 'row')}" for text, rows in pairs[:MOST_CLASSES])
    return picture(key, (width, height + 4), f"Rows of each {_noun(shown)} of {name}", told, *parts)


def _total(shown: Mapping[str, Any]) -> int:
    """Return what a bar's count is a part of: several labels can stand in one row."""
    return int(shown.get("rows") or sum(shown["counts"]))


def _noun(shown: Mapping[str, Any], more: bool = False) -> str:
    one, several = ("label", "labels") if "rows" in shown else ("class", "classes")
    return several if more else one


def _bars_table(shown: Mapping[str, Any]) -> Table:
    total = _total(shown)
    pairs = zip(shown["labels"], shown["counts"], strict=False)
    return Table(
        (_noun(shown).capitalize(), "Rows", "Share"),
        tuple((str(text), f"{rows:,}", percent(rows / total)) for text, rows in pairs),
    )
