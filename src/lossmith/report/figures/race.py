"""The race over the folds: each mean difference from the reference so far.

A line ends with a cross where the race dropped the candidate, and with its final interval where it ran to the end.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from lossmith.advisor.verdict import Standing, Verdict
from lossmith.report import tables, words
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Table
from lossmith.report.figures.forest import limits
from lossmith.report.svg import Axis, Panel, label, line, picture, tag


@dataclass(frozen=True)
class Runner:
    """One candidate: the mean of its differences after each fold, above 0 better."""

    row: tables.Row
    means: tuple[float, ...]
    span: tuple[float, float, float] | None
    """low, mean, high at the end; None for one that was dropped or not judged."""

    @property
    def told(self) -> str:
        """How it ended, in words."""
        return self.row.dropped or self.row.conclusion


@dataclass(frozen=True)
class Race:
    """Everything the drawing needs."""

    runners: tuple[Runner, ...]
    folds: int
    low: float
    high: float
    rope: float
    metric: str
    reference: str
    fold: str
    """What is counted: folds, or origins of a forecast."""


@dataclass(frozen=True)
class Layout:
    """Where things go: lines, a column per interval, beside or below them names."""

    width: int
    left: int
    lines: int
    """Where the lines end."""
    right: int
    """Where the intervals end."""
    height: int
    beside: bool
    """Whether the names stand beside the plot."""
    ticks: int


DESK = Layout(WIDE, left=70, lines=430, right=640, height=380, beside=True, ticks=10)
PHONE = Layout(NARROW, left=48, lines=190, right=332, height=300, beside=False, ticks=5)
TOP, STEP = 34, 40


def figure(verdict: Verdict) -> Figure | None:
    """Return the drawing, or nothing where fewer than two folds can be compared."""
    data = race(verdict)
    if data is None:
        return None
    drawings = (Drawing(draw(data, DESK, "race"), "wide"), Drawing(draw(data, PHONE, "race-s"), "narrow"))
    return Figure(drawings, table(data, verdict))


def race(verdict: Verdict) -> Race | None:
    """Collect the runners as ranked, and limits that no hopeless one stretches."""
    base = next((s.fold_scores for s in verdict.standings if s.candidate.id == verdict.reference), ())
    found = [
        _runner(standing, row, base, bool(verdict.metric["higher_is_better"]))
        for standing, row in zip(verdict.standings, tables.rows(verdict), strict=True)
        if standing.candidate.id != verdict.reference
    ]
    runners = tuple(runner for runner in found if len(runner.means) > 1)
    if not runners:
        return None
    ends = [runner.span for runner in runners if runner.span]
    ends += [(m, m, m) for r in runners for m in r.means[len(r.means) // 3 :]]  # the first folds are all over the place
    low, high = limits(ends, verdict.rope)
    folds = max(len(runner.means) for runner in runners)
    return Race(runners, folds, low, high, verdict.rope, str(verdict.metric["label"]), verdict.reference, verdict.fold)


def _runner(standing: Standing, row: tables.Row, base: Sequence[float], higher: bool) -> Runner:
    sign = -1.0 if higher else 1.0
    differences = [sign * (b - s) for b, s in zip(base, standing.fold_scores, strict=False)]
    means = [total / (place + 1) for place, total in enumerate(accumulate(differences))]
    kept = tuple(means) if all(map(math.isfinite, means)) else ()
    seen = standing.difference
    span = (seen.low, seen.mean, seen.high) if seen and not row.dropped else None
    return Runner(row, kept, span if span and all(map(math.isfinite, span)) else None)


def draw(data: Race, layout: Layout, key: str) -> Markup:
    """Draw the lines, the final intervals, and the names with their numbers."""
    panel = Panel(Axis(1, data.folds, layout.left, layout.lines), Axis(data.low, data.high, layout.height, TOP))
    parts = [*_ground(data, panel, layout)]
    lines = [panel.curve(range(1, len(r.means) + 1), r.means, _style(r)) for r in data.runners]
    parts.append(panel.clipped(*lines))
    ended = [runner for runner in data.runners if runner.span]
    step = (layout.right - layout.lines - 14) / max(1, len(ended))
    for place, runner in enumerate(ended):
        parts += _end(runner, panel, layout.lines + 14 + (place + 0.5) * step, layout)
    for runner in data.runners:
        parts += _cross(runner, panel) if runner.row.dropped else []
    parts += _names(data, layout)
    height = layout.height + 50 + (0 if layout.beside else STEP * len(data.runners))
    told = "; ".join(f"{r.row.rank} {r.row.id}: {r.told}" for r in data.runners)
    title = f"Mean difference in {data.metric} from {data.reference} after each {data.fold}"
    return picture(key, (layout.width, max(height, TOP + STEP * len(data.runners))), title, told, *parts)


def _style(runner: Runner) -> str:
    return f"race tone-{runner.row.tone}{' lead' if runner.row.recommended else ''}"


def _ground(data: Race, panel: Panel, layout: Layout) -> Iterator[Markup]:
    """Draw ROPE, grid, the reference's line at zero, and what the axes mean."""
    x, y = panel.x, panel.y
    top, bottom = max(y(data.rope), TOP), min(y(-data.rope), layout.height)
    yield tag("rect", x=x.start, y=top, width=layout.right - x.start, height=bottom - top, class_="rope")
    for value, text in y.tick_labels(6, sign=True):
        yield line(x.start, y(value), layout.right, y(value), "grid")
        yield label(x.start - 6, y(value) + 4, text, "tick", "end")
    yield line(x.start, y(0.0), layout.right, y(0.0), "zero")
    for value, text in x.tick_labels(min(layout.ticks, data.folds - 1)):
        if value == int(value):
            yield label(x(value), layout.height + 17, text, "tick", "middle")
    yield label(x.start, 14, "↑ better", "hint")
    yield label((x.start + x.end) / 2, layout.height + 37, f"{data.fold}s so far", "hint", "middle")
    if any(runner.span for runner in data.runners):
        yield label((layout.lines + layout.right) / 2, layout.height + 37, "95 % interval", "hint", "middle")


def _end(runner: Runner, panel: Panel, x: float, layout: Layout) -> list[Markup]:
    """Draw a final interval in a column of its own, tied to the end of its line."""
    low, mean, high = runner.span or (0.0, 0.0, 0.0)
    tone, y = f"mark tone-{runner.row.tone}", panel.y
    parts = [label(x, layout.height + 17, runner.row.rank, "num strong" if runner.row.recommended else "num", "middle")]
    if y.low <= mean <= y.high:
        parts.append(line(panel.x.end, y(mean), x, y(mean), "tie"))
    first, last = min(y(low), y.start), max(y(high), y.end)
    tip = tag("title", f"{runner.row.id}: {runner.row.difference} {runner.row.interval}, {runner.told}")
    marks = [line(x, first, x, last, tone)] if first > last else []
    for value, at in ((low, first), (high, last)):
        marks += [line(x - 4, at, x + 4, at, tone)] if y.low <= value <= y.high else []
    if high < y.low or mean < y.low:  # far below all others: the arrow says so
        marks.append(
            tag("path", d=f"M{x - 5:.1f} {y.start - 7}L{x:.1f} {y.start}L{x + 5:.1f} {y.start - 7}", class_=tone)
        )
    marks += [tag("circle", cx=x, cy=y(mean), r=4.5, class_=f"{tone} full")] if y.low <= mean <= y.high else []
    return [*parts, tag("g", tip, *marks)]


def _cross(runner: Runner, panel: Panel) -> list[Markup]:
    """Mark where a candidate was dropped, with its number in the list."""
    x, y = panel.x(len(runner.means)), min(max(panel.y(runner.means[-1]), TOP + 5), panel.y.start - 5)
    arms = f"M{x - 4:.1f} {y - 4:.1f}L{x + 4:.1f} {y + 4:.1f}M{x - 4:.1f} {y + 4:.1f}L{x + 4:.1f} {y - 4:.1f}"
    tip = tag("title", f"{runner.row.id}: {runner.told}")
    return [tag("g", tip, tag("path", d=arms, class_="mark tone-bad"), label(x + 8, y + 4, runner.row.rank, "num"))]


def _names(data: Race, layout: Layout) -> list[Markup]:
    """List the candidates by their number, with how each ended."""
    left, top = (layout.right + 36, TOP) if layout.beside else (0, layout.height + 66)
    parts = []
    for place, runner in enumerate(data.runners):
        y, shown = top + place * STEP, "name strong" if runner.row.recommended else "name"
        parts.append(label(left + 14, y, runner.row.rank, "num", "end"))
        parts.append(label(left + 22, y, runner.row.id, shown, room=layout.width - left - 22))
        parts.append(label(left + 22, y + 16, runner.told, f"tone-{runner.row.tone}"))
    return parts


def table(data: Race, verdict: Verdict) -> Table:
    """Return the running means, fold by fold."""
    numbers = words.scale(verdict)
    head = ("Candidate", *(f"After {fold}" for fold in range(1, data.folds + 1)), "Ended")
    rows = tuple(
        (r.row.id, *(numbers.difference(mean) for mean in r.means), *[""] * (data.folds - len(r.means)), r.told)
        for r in data.runners
    )
    return Table(head, rows)
