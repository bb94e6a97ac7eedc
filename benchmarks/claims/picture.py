"""One picture of a claim: an interval for each situation, and the zone where the claim holds.

It brings its own background, so that its text is readable on a light and on a dark page.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from benchmarks.claims.claim import Claim
from lossmith.report import svg

WIDTH, LEFT, RIGHT, ROW, TOP = 820.0, 20.0, 560.0, 46.0, 16.0
WIDE = 300.0
"""From this ratio of largest to next magnitudes on, the axis is drawn in powers of ten."""
STYLE = """
svg{--page:#ffffff;--ink:#1f2328;--soft:#59636e;--zone:#ddf4e4;--line:#c8ccd1;
--supports:#116329;--refutes:#bc4c00;--undecided:#6e40c9;font:13px system-ui,sans-serif}
@media(prefers-color-scheme:dark){svg{--page:#161b22;--ink:#e6edf3;--soft:#a3adb8;--zone:#12361f;--line:#3d444d;
--supports:#56d364;--refutes:#ffa657;--undecided:#d2a8ff}}
.page{fill:var(--page);stroke:var(--line)}text{fill:var(--ink)}.soft,.tick{fill:var(--soft)}.tick{font-size:12px}
.zone{fill:var(--zone)}.base{stroke:var(--line)}.edge{stroke:var(--soft);stroke-dasharray:4 3}
.supports{stroke:var(--supports);fill:var(--supports)}.refutes{stroke:var(--refutes);fill:var(--refutes)}
.undecided{stroke:var(--undecided);fill:var(--undecided)}line.supports,line.refutes,line.undecided{stroke-width:3}
text.supports,text.refutes,text.undecided{stroke:none}
"""


def picture_of(claim: Claim, result: Mapping[str, Any]) -> str:
    """Draw a claim's result.

    Args:
        claim: whose rule gives the zone.
        result: as `to_json` returns it.
    """
    figures = result["figures"]
    low, high, bend = _span(claim, figures)
    axis = svg.Axis(bend(low), bend(high), LEFT, RIGHT)

    def at(value: float) -> float:
        return min(max(axis(bend(value)), LEFT), RIGHT)

    bottom = TOP + ROW * len(figures) + 4.0
    borders = [at(border) for border in (claim.rule.low, claim.rule.high)]
    zone = svg.tag(
        "rect", x=borders[0], y=TOP - 6, width=borders[1] - borders[0], height=bottom - TOP + 6, class_="zone"
    )
    edges = [
        svg.line(x, TOP - 6, x, bottom, "edge")
        for x, border in zip(borders, (claim.rule.low, claim.rule.high), strict=True)
        if math.isfinite(border)
    ]
    rows = [
        part
        for index, (figure, reading) in enumerate(zip(figures, result["readings"], strict=True))
        for part in _row(figure, reading, TOP + ROW * index, at)
    ]
    height = bottom + 62.0
    foot = svg.label(LEFT, bottom + 36, claim.effect, "soft", room=1.12 * (WIDTH - 2 * LEFT))
    zone_text = "shaded: where the claim holds" + ("; powers of ten" if bend is not _straight else "")
    return str(
        svg.picture(
            claim.name,
            (WIDTH, height),
            f"{claim.saying} {result['verdict']}",
            "; ".join(f"{figure['situation']}: {written(figure)}" for figure in figures),
            svg.tag("style", Markup(STYLE)),
            svg.tag("rect", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=6, class_="page"),
            zone,
            *edges,
            svg.line(LEFT, bottom, RIGHT, bottom, "base"),
            *_ticks(low, high, bend, at, bottom),
            *rows,
            foot,
            svg.label(LEFT, bottom + 53, zone_text, "tick"),
        )
    )


def written(figure: Mapping[str, Any]) -> str:
    """Write a figure with its interval; an exact one alone."""
    value, low, high = (_short(figure[key]) for key in ("value", "low", "high"))
    return value if figure["low"] == figure["high"] else f"{value} [{low}, {high}]"


def _short(value: float) -> str:
    if value == 0.0:
        return "0"
    if not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("-", "−")
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}".replace("-", "−")


def _row(figure: Mapping[str, Any], reading: str, y: float, at: Any) -> list[Markup]:
    """Draw one situation: its words, its interval, its number and what it says of the claim."""
    middle, left, right = y + 28.0, at(figure["low"]), at(figure["high"])
    dot = svg.tag("circle", cx=at(figure["value"]), cy=middle, r=5, class_=reading)
    return [
        svg.label(LEFT, y + 13.0, figure["situation"], room=1.12 * (WIDTH - 2 * LEFT - 70.0)),
        svg.line(left, middle, right, middle, reading),
        dot,
        svg.label(RIGHT + 14.0, middle + 4.0, f"{written(figure)}", "value"),
        svg.label(WIDTH - 16.0, y + 13.0, reading, reading, "end"),
    ]


def _straight(value: float) -> float:
    return value


def _span(claim: Claim, figures: Sequence[Mapping[str, Any]]) -> tuple[float, float, Any]:
    """Return the ends of the axis and how values are bent onto it."""
    values = [figure[key] for figure in figures for key in ("low", "high")]
    borders = [b for b in (claim.rule.low, claim.rule.high) if math.isfinite(b)]
    values += borders
    low, high = min(values), max(values)
    sizes = sorted({abs(figure["value"]) for figure in figures} | {abs(b) for b in borders})
    if (len(sizes) > 2 and sizes[-1] > WIDE * max(sizes[-2], 1e-12)) or any(0 < size < high / 1e4 for size in borders):
        unit = max(min([size for size in sizes if size > 0.0]), 1e-12)

        def bend(value: float) -> float:
            return math.copysign(math.log10(1.0 + abs(value) / unit), value)

        room = 0.05 * (bend(high) - bend(low))
        ends = [bend(low) - room, bend(high) + room]
        low, high = (math.copysign(unit * (10.0 ** abs(end) - 1.0), end) for end in ends)
        return low, high, bend
    room = 0.08 * ((high - low) or 1.0)
    return low - room, high + room, _straight


def _ticks(low: float, high: float, bend: Any, at: Any, bottom: float) -> list[Markup]:
    if bend is _straight:
        marks = svg.Axis(low, high, LEFT, RIGHT).tick_labels(6)
    else:
        first, last = math.ceil(math.log10(max(-low, high))), 12
        powers = [10.0**k for k in range(first - last, first + 1, 3)]
        signed = [0.0, *powers, *(-power for power in powers)]
        marks = [(value, f"{value:.0e}" if value else "0") for value in signed if low <= value <= high]
    drawn, parts = [], []
    for value, text in sorted(marks, key=lambda mark: abs(mark[0])):
        x = at(value)
        if LEFT + 14.0 < x < RIGHT and all(abs(x - other) > 44.0 for other in drawn):
            drawn.append(x)
            parts.append(svg.label(x, bottom + 16.0, text.replace("-", "−"), "tick", "middle"))
    return parts
