"""Loss against decision rule: each score before the rule is tuned, and after.

The way from the hollow mark to the full one is the rule's; what tells the full marks apart is the losses'.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lossmith.advisor.verdict import Verdict
from lossmith.report import words
from lossmith.report.figures.figure import NARROW, WIDE, Drawing, Figure, Layout, Table
from lossmith.report.svg import Axis, label, line, picture, tag


@dataclass(frozen=True)
class Step:
    """One candidate's mean score under the plain rule and under the tuned one."""

    id: str
    plain: float
    tuned: float
    told: tuple[str, str, str]
    """Plain, tuned and what tuning brings, above 0 better."""
    recommended: bool


DESK = Layout(WIDE, left=250, right=740, step=36, drop=18, ticks=8)
PHONE = Layout(NARROW, left=14, right=318, step=58, drop=42, ticks=4)
TOP = 12


def figure(verdict: Verdict) -> Figure | None:
    """Return the drawing, or nothing where no decision rule is tuned."""
    found = steps(verdict)
    if not found:
        return None
    name = str(verdict.metric["label"])
    drawings = (Drawing(draw(found, name, DESK, "rule"), "wide"), Drawing(draw(found, name, PHONE, "rule-s"), "narrow"))
    rows = tuple((step.id, *step.told) for step in found)
    return Figure(drawings, Table(("Candidate", "Plain rule", "Tuned rule", "The rule brings"), rows))


def steps(verdict: Verdict) -> list[Step]:
    """Collect the candidates whose rule was tuned, in ranking order."""
    numbers, sign = words.scale(verdict), 1.0 if verdict.metric["higher_is_better"] else -1.0
    found = []
    for standing in verdict.standings:
        plain, tuned, key = standing.plain_score, standing.score, standing.candidate.id
        if plain is not None and tuned is not None and math.isfinite(plain) and math.isfinite(tuned):
            told = (numbers.score(plain), numbers.score(tuned), numbers.difference(sign * (tuned - plain)))
            found.append(Step(key, plain, tuned, told, key == verdict.recommended))
    return found


def draw(found: Sequence[Step], metric: str, layout: Layout, key: str) -> Markup:
    """Draw one line per candidate, from its plain score to its tuned one."""
    values = [value for step in found for value in (step.plain, step.tuned)]
    margin = 0.06 * (max(values) - min(values)) or 0.5
    axis = Axis(min(values) - margin, max(values) + margin, layout.left, layout.right)
    bottom = TOP + layout.step * len(found) + 4
    parts: list[Markup] = []
    for value, text in axis.tick_labels(layout.ticks):
        parts.append(line(axis(value), TOP, axis(value), bottom, "grid"))
        parts.append(label(axis(value), bottom + 17, text, "tick", "middle"))
    for index, step in enumerate(found):
        parts += _row(step, axis, layout, TOP + index * layout.step)
    middle = (layout.left + layout.right) / 2
    parts.append(label(middle, bottom + 37, metric, "hint", "middle", room=layout.right - layout.left))
    told = "; ".join(f"{step.id}: {step.told[0]} to {step.told[1]}" for step in found)
    return picture(key, (layout.width, bottom + 44), f"{metric} under the plain and the tuned rule", told, *parts)


def _row(step: Step, axis: Axis, layout: Layout, top: int) -> list[Markup]:
    y, tall = top + layout.drop, layout is PHONE
    name, numbers = "name strong" if step.recommended else "name", f"{step.told[0]} → {step.told[1]}"
    if tall:
        texts = [label(0, top + 15, step.id, name, room=190), label(layout.width, top + 15, numbers, "num", "end")]
    else:
        texts = [label(0, y + 4, step.id, name, room=layout.left - 24)]
        texts.append(label(layout.right + 16, y + 4, f"{numbers} ({step.told[2]})", "num", room=240))
    start, end = axis(step.plain), axis(step.tuned)
    tip = f"{step.id}: {step.told[0]} under the plain rule, {step.told[1]} under the tuned one"
    mark = tag("g", tag("title", tip), line(start, y, end, y, "mark tone-off"),
               tag("circle", cx=start, cy=y, r=5, class_="mark open tone-even"),
               tag("circle", cx=end, cy=y, r=5, class_="mark full tone-even"))  # fmt: skip
    return [*texts, mark]
