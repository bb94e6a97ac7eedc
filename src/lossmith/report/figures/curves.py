"""Learning curves: each candidate's, over the reference's in grey.

Above is the metric on the validation rows, below the training loss.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lossmith.advisor.verdict import Standing, Verdict
from lossmith.report.figures.figure import Drawing, Figure, Table
from lossmith.report.numbers import floats, number
from lossmith.report.svg import Axis, Panel, label, picture

SIZE = (310, 290)
SAMPLES = 10


@dataclass(frozen=True)
class Curve:
    """One candidate over the epochs, mean over folds."""

    id: str
    epoch: tuple[float, ...]
    train: tuple[float, ...]
    valid: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Frame:
    """The axes that all candidates share, so that their curves compare."""

    epochs: tuple[float, float]
    valid: tuple[float, float]
    train: tuple[float, float]
    metric: str


def figures(verdict: Verdict) -> list[tuple[Curve, Figure]]:
    """Return a drawing for each candidate that was trained."""
    curves = [curve for curve in map(_curve, verdict.standings) if curve]
    if not curves:
        return []
    frame = _frame(curves, str(verdict.metric["label"]))
    ghost = next((curve for curve in curves if curve.id == verdict.reference), None)
    drawn = (draw(curve, ghost, frame, f"curve-{index}") for index, curve in enumerate(curves))
    return [(curve, Figure((Drawing(svg),), _table(curve, frame))) for curve, svg in zip(curves, drawn, strict=True)]


def _curve(standing: Standing) -> Curve | None:
    found = standing.curve
    epoch, valid = floats(found.get("epoch", ())), floats(found.get("valid", ()))
    if not epoch or not any(map(math.isfinite, valid)):
        return None
    low, high = floats(found.get("valid_low", valid)), floats(found.get("valid_high", valid))
    return Curve(standing.candidate.id, epoch, floats(found.get("train", ())), valid, low, high)


def _frame(curves: Sequence[Curve], metric: str) -> Frame:
    last = max(curve.epoch[-1] for curve in curves)
    return Frame(
        (min(curve.epoch[0] for curve in curves), last),
        _limits([line for curve in curves for line in (curve.valid, curve.low, curve.high)]),
        _limits([curve.train for curve in curves], whole=True),
        metric,
    )


def _limits(lines: Sequence[Sequence[float]], whole: bool = False) -> tuple[float, float]:
    """Return limits that leave out a candidate that never arrives.

    Unless `whole`, they also leave out each line's steep start. What tells the candidates apart is where they end; the
    first epochs would take all the height.
    """
    kept = [line if whole else line[len(line) // 4 :] for line in lines]
    values = sorted(value for line in kept for value in line if math.isfinite(value))
    if not values:
        return 0.0, 1.0
    quarter, three = values[len(values) // 4], values[(3 * len(values)) // 4]
    reach = 4 * (three - quarter) or max(abs(values[0]), abs(values[-1])) or 1.0
    low, high = max(values[0], quarter - reach), min(values[-1], three + reach)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 0.5
    return low - margin, high + margin


def draw(curve: Curve, ghost: Curve | None, frame: Frame, key: str) -> Markup:
    """Draw the metric above and the training loss below, over the same epochs."""
    across = Axis(*_apart(frame.epochs), 48, SIZE[0] - 12)
    above = Panel(across, Axis(*frame.valid, 150, 24))
    below = Panel(across, Axis(*frame.train, 250, 178))
    parts = [label(48, 14, f"{frame.metric}, validation", "hint", room=SIZE[0] - 56)]
    parts.append(label(48, 170, "training loss (first epoch = 1)", "hint"))
    for panel, name in ((above, "valid"), (below, "train")):
        parts += panel.frame(5, 4 if panel is above else 3, show_x=panel is below)
        drawn = [panel.band(curve.epoch, curve.low, curve.high, "band")] if panel is above else []
        if ghost and ghost.id != curve.id:
            drawn.append(panel.curve(ghost.epoch, getattr(ghost, name), "curve ghost"))
        drawn.append(panel.curve(curve.epoch, getattr(curve, name), "curve solid"))
        parts.append(panel.clipped(*drawn))
    parts += [label((48 + SIZE[0]) / 2, SIZE[1] - 8, "epoch", "hint", "middle"), *_off_chart(curve, above)]
    return picture(key, SIZE, f"Learning curves of {curve.id}", _told(curve, frame), *parts)


def _off_chart(curve: Curve, panel: Panel) -> list[Markup]:
    """Say where a curve ends that the shared axis leaves out."""
    last = next(value for value in reversed(curve.valid) if math.isfinite(value))
    if panel.y.low <= last <= panel.y.high:
        return []
    way, y = ("above", panel.y.end + 14) if last > panel.y.high else ("below", panel.y.start - 8)
    return [label(panel.x.end, y, f"ends {way}, at {number(last)}", "note", "end")]


def _told(curve: Curve, frame: Frame) -> str:
    ends = [value for value in curve.valid if math.isfinite(value)]
    return (
        f"{frame.metric} goes from {number(ends[0])} to {number(ends[-1])} between epochs {curve.epoch[0]:g} and "
        f"{curve.epoch[-1]:g}. The dashed grey line is the reference."
    )


def _table(curve: Curve, frame: Frame) -> Table:
    every = max(1, math.ceil(len(curve.epoch) / SAMPLES))
    train = curve.train or (math.nan,) * len(curve.epoch)
    lines = list(zip(curve.epoch, train, curve.valid, curve.low, curve.high, strict=False))[::every]
    rows = tuple((f"{epoch:g}", *(number(value) for value in rest)) for epoch, *rest in lines)
    return Table(("Epoch", "Train", frame.metric, "Low", "High"), rows)


def _apart(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    return (low, high) if high > low else (low - 0.5, high + 0.5)
