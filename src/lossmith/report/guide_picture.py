"""The guide's decision as a picture, from what is scored to how to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from lossmith.report.svg import label, line, picture, tag

ROW, HEAD, TOP = 34, 46, 30
SCORED, ASKS, TRAIN, DECIDE, WIDTH = 10, 290, 600, 890, 1290
BOXES = {SCORED: 245, ASKS: 275, TRAIN: 270}
COLUMNS = {SCORED: "What is scored", ASKS: "What that asks for", TRAIN: "Train with", DECIDE: "Decide by"}
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2430; }
.head { font-weight: 600; font-size: 15px; }
.column { fill: #5b6472; }
rect { fill: #f3f5f8; stroke: #c3cad5; }
.train { fill: #e6f1ea; stroke: #8dbb9f; }
.flow { fill: none; stroke: #9aa4b2; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  svg { background: #15181d; }
  text { fill: #e6e9ef; }
  .column { fill: #a4adba; }
  rect { fill: #222730; stroke: #475062; }
  .train { fill: #1d3327; stroke: #4b7a5e; }
  .flow { stroke: #6d7786; }
}
"""


@dataclass(frozen=True)
class Path:
    """One way through the picture."""

    group: str
    """What is predicted: a number, a class..."""
    metrics: str
    asks_for: str
    answer: str
    rule: str


def draw(paths: Sequence[Path]) -> str:
    """Draw the paths; those of a group and of a functional should follow one another."""
    parts: list[Markup] = [tag("style", Markup(STYLE))]
    for x, text in (
        (SCORED, "What is scored"),
        (ASKS, "What that asks for"),
        (TRAIN, "Train with"),
        (DECIDE, "Decide by"),
    ):
        parts.append(label(x, 24, text, "column"))
    y = float(TOP)
    for group, members in groupby(paths, key=lambda path: path.group):
        parts.append(label(SCORED, y + 30, group, "head"))
        y += HEAD
        for _, same in groupby(members, key=lambda path: path.asks_for):
            rows = list(same)
            parts += _block(rows, y)
            y += ROW * len(rows)
    told = "From what a metric asks for to the loss that elicits it; the same as the tables of this page."
    return str(picture("guide", (WIDTH, y + 10), "Choosing a loss without data", told, *parts)) + "\n"


def _block(rows: Sequence[Path], top: float) -> list[Markup]:
    """Draw one functional with every metric that asks for it."""
    middle = top + ROW * len(rows) / 2
    parts = _box(ASKS, middle, rows[0].asks_for, "asks")
    for place, row in enumerate(rows):
        y = top + ROW * (place + 0.5)
        parts += [*_box(SCORED, y, row.metrics, "scored"), *_box(TRAIN, y, row.answer, "train")]
        parts.append(label(DECIDE, y + 4.5, row.rule))
        parts += [_flow(SCORED + BOXES[SCORED], y, ASKS, middle), _flow(ASKS + BOXES[ASKS], middle, TRAIN, y)]
    return parts


def _box(x: float, middle: float, text: str, class_: str) -> list[Markup]:
    box = tag("rect", x=x, y=middle - 13, width=BOXES[int(x)], height=26, rx=6, class_=class_)
    return [box, label(x + 10, middle + 4.5, text, room=1.12 * BOXES[int(x)])]


def _flow(x1: float, y1: float, x2: float, y2: float) -> Markup:
    if y1 == y2:
        return line(x1, y1, x2, y2, "flow")
    bend = (x1 + x2) / 2
    return tag("path", d=f"M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}", class_="flow")
