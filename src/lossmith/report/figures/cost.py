"""Cost: how many epochs each candidate needed to its best, fold by fold."""

from collections.abc import Sequence

from markupsafe import Markup

from lossmith.advisor.verdict import Standing, Verdict
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Layout, Table
from lossmith.report.numbers import NOTHING, number, seconds
from lossmith.report.svg import Axis, label, line, picture, tag

DESK = Layout(WIDE, left=250, right=740, step=32, drop=16, ticks=8)
PHONE = Layout(NARROW, left=10, right=330, step=54, drop=38, ticks=5)
TOP = 8


def figure(verdict: Verdict) -> Figure | None:
    """Return the drawing, or nothing where no epochs were kept."""
    found = [standing for standing in verdict.standings if standing.best_epochs and standing.epochs is not None]
    if not found:
        return None
    name = verdict.recommended
    drawings = (Drawing(draw(found, name, DESK, "cost"), "wide"), Drawing(draw(found, name, PHONE, "cost-s"), "narrow"))
    head = ("Candidate", "Best epoch, mean", "Earliest", "Latest", "Time to the best", "Time in all")
    return Figure(drawings, Table(head, tuple(map(_told, found))))


def _told(standing: Standing) -> tuple[str, ...]:
    epochs = standing.best_epochs
    to_best = NOTHING if standing.seconds_to_best is None else seconds(standing.seconds_to_best)
    mean = number(standing.epochs, 2)
    return standing.candidate.id, mean, str(min(epochs)), str(max(epochs)), to_best, seconds(standing.seconds)


def draw(found: Sequence[Standing], recommended: str, layout: Layout, key: str) -> Markup:
    """Draw a row per candidate: an open mark per fold, a bar at their mean."""
    last = max(max(*s.best_epochs, *s.curve.get("epoch", ()), 1) for s in found)
    axis = Axis(0, last, layout.left, layout.right)
    bottom = TOP + layout.step * len(found) + 4
    parts: list[Markup] = []
    for value, text in axis.tick_labels(layout.ticks):
        parts.append(line(axis(value), TOP, axis(value), bottom, "grid"))
        parts.append(label(axis(value), bottom + 17, text, "tick", "middle"))
    for index, standing in enumerate(found):
        parts += _row(standing, recommended, axis, layout, TOP + index * layout.step)
    parts.append(label((layout.left + layout.right) / 2, bottom + 37, "epoch of the best score", "hint", "middle"))
    told = "; ".join(f"{name}: {mean}, {to_best}" for name, mean, _, _, to_best, _ in map(_told, found))
    title = "Epochs and time to the best validation score"
    return picture(key, (layout.width, bottom + 44), title, told, *parts)


def _row(standing: Standing, recommended: str, axis: Axis, layout: Layout, top: int) -> list[Markup]:
    y, tall = top + layout.drop, layout is PHONE
    name, mean, first, latest, to_best, in_all = _told(standing)
    shown = "name strong" if name == recommended else "name"
    if tall:
        parts = [label(0, top + 14, name, shown, room=230), label(layout.width, top + 14, to_best, "num", "end")]
    else:
        numbers = f"{to_best} to the best, {in_all} in all"
        parts = [label(0, y + 4, name, shown, room=layout.left - 24), label(layout.right + 16, y + 4, numbers, "num")]
    tip = f"{name}: {mean} epochs on average, from {first} to {latest}"
    at = axis(standing.epochs or 0.0)
    marks = [tag("circle", cx=axis(epoch), cy=y, r=3.5, class_="mark thin tone-off") for epoch in standing.best_epochs]
    return [*parts, tag("g", tag("title", tip), *marks, line(at, y - 9, at, y + 9, "mark tone-even"))]
