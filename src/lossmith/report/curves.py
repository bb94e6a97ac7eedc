"""Loss curves of one or several runs, over one pair of axes."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from lossmith.doctor import runlog
from lossmith.doctor.runlog import Numbers
from lossmith.files import write_atomically
from lossmith.report.environment import environment
from lossmith.report.numbers import TIED, number
from lossmith.report.plot import WIDTH, dots
from lossmith.report.svg import Axis, Panel, label, line, picture, tag
from lossmith.report.text import ascii_only

POINTS = 200
SIZE, LEFT, TOP, BOTTOM = (720, 360), 64, 30, 320
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, told apart by nearly everyone; dashes tell the rest."""
STYLE = """
svg { background: #fff; color: #222; font: 13px system-ui, sans-serif; }
text { fill: #222; } .tick, .hint { fill: #666; } .grid { stroke: #e5e5e5; } .base { stroke: #999; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .valid { stroke-dasharray: 6 4; }
.point { stroke-linecap: round; stroke-width: 5; }
""" + "\n".join(f".run{index} {{ stroke: {colour}; }}" for index, colour in enumerate(COLOURS))


@dataclass(frozen=True)
class Run:
    """One run's losses.

    Attributes:
        name: of its folder, or of its log.
        train: (epoch, loss) by step, or by epoch where there are no steps.
        valid: (epoch, loss) by validation.
        axis: epoch; or step, where the log does not tell epochs.
    """

    name: str
    train: tuple[tuple[float, float], ...]
    valid: tuple[tuple[float, float], ...]
    axis: str = "epoch"


def read(path: str | os.PathLike[str]) -> Run:
    """Read a run, a folder or a log, in any form that `lossmith.diagnose` reads.

    Raises:
        ValueError: there is no run.
        FileNotFoundError: there is no such file or folder.
    """
    log = runlog.read(Path(path))
    place = Path(path).absolute()
    name = place.parent.name if place.name == "log.csv" else place.name
    known = len(log.epochs) == len(log.train) > 0
    train = log.epochs if known else log.train.steps
    valid = np.interp(log.validation.steps, log.train.steps, log.epochs) if known else log.validation.steps
    return Run(
        name, _points(train, log.train.values), _points(valid, log.validation.values), "epoch" if known else "step"
    )


def text(runs: Sequence[Run], *, plain: bool = False) -> str:
    """Return the runs drawn with letters; `plain` keeps to ASCII."""
    parts = []
    for run in runs:
        for kind, points in (("training", run.train), ("validation", run.valid)):
            if len(points) > 1:
                ys = _evenly(points)
                axis = f"{'':10}{points[0][0]:<{WIDTH // 2}.4g}{points[-1][0]:>{WIDTH // 2}.4g}"
                head = f"{run.name}: {kind} loss, {number(points[0][1])} to {number(points[-1][1])}"
                parts.append("\n".join([head, *dots(ys, plain=plain), axis, f"{'':10}{run.axis}"]))
    drawn = "\n\n".join(parts).replace(TIED, " ") or "There are fewer than two steps to draw."
    return ascii_only(drawn) if plain else drawn


def figure(runs: Sequence[Run]) -> Markup:
    """Return the drawing: training solid, validation dashed, a colour for each run."""
    points = [point for run in runs for point in (*_smooth(run.train), *run.valid) if math.isfinite(point[1])]
    last = max((epoch for epoch, _ in points), default=1.0) or 1.0
    low, high = _limits([loss for _, loss in points])
    panel = Panel(Axis(0.0, last, LEFT, SIZE[0] - 20), Axis(low, high, BOTTOM, TOP + 22 * ((len(runs) + 2) // 3)))
    drawn = []
    for index, run in enumerate(runs):
        for kind, line_ in (("solid", _smooth(run.train)), ("valid", run.valid)):
            if line_:
                xs, ys = zip(*line_, strict=True)
                drawn.append(panel.curve(xs, ys, f"curve {kind} run{index % len(COLOURS)}"))
    parts = [tag("style", Markup(STYLE)), *panel.frame(8, 6), panel.clipped(*drawn)]
    parts.append(label(LEFT, 16, "loss: training solid (mean of neighbouring steps), validation dashed", "hint"))
    parts.append(
        label((LEFT + SIZE[0]) / 2, BOTTOM + 34, " or ".join(sorted({run.axis for run in runs})), "hint", "middle")
    )
    for index, run in enumerate(runs):
        x, y = LEFT + 215 * (index % 3), 36 + 22 * (index // 3)
        parts.append(line(x, y - 4, x + 22, y - 4, f"curve run{index % len(COLOURS)}"))
        parts.append(label(x + 28, y, run.name, room=180))
    told = "; ".join(_told(run) for run in runs)
    return picture("runs", SIZE, "Loss curves", told, *parts)


def write(runs: Sequence[Run], path: str | os.PathLike[str]) -> Path:
    """Write the drawing to an SVG file, or in a page where `path` ends in .html.

    Raises:
        OSError: the folder is missing, full or not writable.
    """
    drawing = str(figure(runs))
    if Path(path).suffix.lower() in (".html", ".htm"):
        frame = environment().from_string(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Loss curves</title>'
            "<style>body{margin:2rem;font:15px system-ui,sans-serif}svg{max-width:100%;height:auto}</style>"
            "<h1>Loss curves</h1>{{ drawing }}<ul>{% for row in told %}<li>{{ row }}</li>{% endfor %}</ul></html>\n"
        )
        drawing = frame.render(drawing=Markup(drawing), told=[_told(run) for run in runs])
    return write_atomically(path, drawing)


def _told(run: Run) -> str:
    said = [
        f"{kind} loss from {number(points[0][1])} to {number(points[-1][1])}"
        for kind, points in (("training", _smooth(run.train)), ("validation", run.valid))
        if points
    ]
    return f"{run.name}: {', '.join(said) or 'nothing recorded'}"


def _points(places: Numbers, losses: Numbers) -> tuple[tuple[float, float], ...]:
    return tuple(zip(places.tolist(), losses.tolist(), strict=True))


def _smooth(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return at most so many points, each the mean of its neighbours."""
    size = max(1, math.ceil(len(points) / POINTS))
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return tuple((sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts)


def _evenly(points: Sequence[tuple[float, float]]) -> list[float]:
    """Return a loss for each column of dots: the mean of those that fall into it."""
    first, last = points[0][0], points[-1][0]
    wide = min(2 * WIDTH, len(points))
    columns: list[list[float]] = [[] for _ in range(wide)]
    for epoch, loss in points:
        columns[min(wide - 1, int(wide * (epoch - first) / ((last - first) or 1.0)))].append(loss)
    return [sum(column) / len(column) if column else math.nan for column in columns]


def _limits(losses: Sequence[float]) -> tuple[float, float]:
    """Return limits that a few steps far off do not stretch."""
    if not losses:
        return 0.0, 1.0
    ranked = sorted(losses)
    low, high = ranked[0], ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
    margin = 0.05 * (high - low) or 0.1 * abs(high) or 0.5
    return low - margin, high + margin
