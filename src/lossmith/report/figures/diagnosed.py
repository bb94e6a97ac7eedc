"""Pictures of a run that was diagnosed: its curves, its layers, its answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossmith.doctor.moment import Moment, shares
from lossmith.doctor.runlog import Curve, RunLog
from lossmith.report.figures.figure import Figure
from lossmith.report.figures.plain import Line, Mark, bars, heat, lines
from lossmith.report.numbers import number, percent
from lossmith.report.text import sentence

POINTS, COLUMNS, LAYERS, CLASSES = 150, 40, 16, 20
Picture = tuple[str, str, Figure]


def figures(run: RunLog, moment: Moment | None) -> list[Picture]:
    """Return title, sentence and figure of everything the log tells of."""
    marks = [Mark(moment.text, x=moment.step)] if moment else []
    found = [_losses(run, marks), _metrics(run, marks), *_units(run, marks), _gradients(run, marks), _answers(run),
             _answers_by_step(run, marks), _spread(run, marks), _rows(run, marks)]  # fmt: skip
    return [one for one in found if one is not None]


def _line(name: str, curve: Curve) -> Line | None:
    """Return a curve as a line of means of neighbours, NaN where nothing was finite."""
    if not len(curve):
        return None
    size = max(1, math.ceil(len(curve) / POINTS))
    parts = [(curve.steps[k : k + size], curve.values[k : k + size]) for k in range(0, len(curve), size)]
    return Line(name, [float(x.mean()) for x, _ in parts], [_mean(y.tolist()) for _, y in parts])


def _mean(values: Sequence[float]) -> float:
    known = [float(value) for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _losses(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    drawn = [line for line in (_line("training", run.train), _line("validation", run.validation)) if line]
    ends = [(line.name, [y for y in line.y if math.isfinite(y)]) for line in drawn]
    told = [f"{name} goes from {number(ys[0])} to {number(ys[-1])}" for name, ys in ends if ys]
    if not told:
        return None
    said = sentence(f"{'; '.join(told)}{f'; step {marks[0].x:g}: {marks[0].text}' if marks else ''}.")
    return "Loss", said, lines("dia-loss", "Loss", said, drawn, "step", marks, far=0.97)


def _metrics(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    drawn = [line for line in (_line("training", run.train_metric), _line("validation", run.validation_metric)) if line]
    if not any(math.isfinite(y) for line in drawn for y in line.y):
        return None
    name = str(run.meta.get("metric") or "metric")
    said = f"The {name}, beside the loss: it shows whether a lower loss is of use."
    return f"Metric: {name}", said, lines("dia-metric", name, said, drawn, "step", marks)


def _units(run: RunLog, marks: Sequence[Mark]) -> list[Picture | None]:
    """Draw the shares of dead and of saturated units."""
    made: list[Picture | None] = []
    for key, word in (("dead_frac", "dead"), ("sat_frac", "saturated")):
        found = shares(run, key)
        if not found or max(value for values in found.values() for _, value in values) <= 0:
            continue
        layer, values = next(iter(found.items()))
        said = f"At the end {percent(values[-1][1])} of the units of {layer} are {word}, more than anywhere else."
        title = f"{word.capitalize()} units by layer"
        made.append((title, said, _heat(f"dia-{word}", title, said, found, ("none", "all"), marks)))
    return made


def _gradients(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    """Draw each layer's gradient, from the first layer to the last, by powers of ten."""
    found: dict[str, list[tuple[float, float]]] = {}
    for record in run.records:
        for layer, row in (record.get("layers") or {}).items():
            size = row.get("gnorm")
            if isinstance(size, int | float) and size > 0 and math.isfinite(size):
                found.setdefault(layer, []).append((float(record["step"]), math.log10(size)))
    known = [value for values in found.values() for _, value in values]
    if len(found) < 2:
        return None
    low, high = max(min(known), max(known) - 8), max(known)
    scaled = {k: [(s, (v - low) / ((high - low) or 1.0)) for s, v in values] for k, values in found.items()}
    said = "The length of each layer's gradient while it trained, layers from the input (above) to the output (below)."
    texts = (f"{10**low:.0e} or less", f"{10**high:.0e}")
    return "Gradient by layer", said, _heat("dia-gradient", "Gradient by layer", said, scaled, texts, marks)


def _heat(
    key: str, title: str, said: str, found: Mapping[str, Sequence[tuple[float, float]]], texts: tuple[str, str],
    marks: Sequence[Mark],
) -> Figure:  # fmt: skip
    """Draw values by layer over evenly spread sampled steps."""
    steps = sorted({step for values in found.values() for step, _ in values})
    every = max(1, math.ceil(len(steps) / COLUMNS))
    steps, names = steps[::every], list(found)
    if len(names) > LAYERS:
        names = [names[round(k * (len(names) - 1) / (LAYERS - 1))] for k in range(LAYERS)]
    cells = [[dict(found[name]).get(step, math.nan) for step in steps] for name in names]
    return heat(key, title, said, names, steps, cells, texts, marks[0] if marks else None)


def _answers(run: RunLog) -> Picture | None:
    """Draw how often each class was answered at last, beside how often it was right."""
    shown = _histograms(run)
    if not shown:
        return None
    _, answered, true = shown[-1]
    most = int(np.argmax(answered))
    said = f"At last class {most} is answered in {percent(answered[most] / max(sum(answered), 1))} of the rows; it is "
    said += f"right in {percent(true[most] / max(sum(true), 1))}."
    names = [str(place) for place in range(min(len(answered), CLASSES))]
    groups = [answered[:CLASSES], true[:CLASSES]]
    return "Answers by class", said, bars("dia-answers", "Answers", said, names, groups, ["answered", "true"], "class")


def _answers_by_step(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    """Draw how the answers spread over the classes, or collapse, while it trained."""
    shown = _histograms(run)
    if len(shown) < 3:
        return None
    found = {
        f"class {place}": [(step, answered[place] / max(sum(answered), 1)) for step, answered, _ in shown]
        for place in range(min(len(shown[0][1]), CLASSES))
    }
    used = [sum(share > 0 for share in answered) for _, answered, _ in (shown[0], shown[-1])]
    said = f"Of {len(shown[0][1])} classes {used[0]} are answered at first, {used[1]} at last."
    drawn = _heat("dia-collapse", "Answers while it trained", said, found, ("never", "always"), marks)
    return "Answers while it trained", said, drawn


def _histograms(run: RunLog) -> list[tuple[float, list[float], list[float]]]:
    """Return step, answers and truth by class, of validations where there are any."""
    for rows, at in ((run.evaluations, "val_"), (run.records, "")):
        found = [
            (float(row.get("step") or 0), list(row[f"{at}pred_hist"]), list(row[f"{at}label_hist"]))
            for row in rows
            if row.get(f"{at}pred_hist") and row.get(f"{at}label_hist")
        ]
        same = [row for row in found if len(row[1]) == len(row[2]) == len(found[0][1])]
        if same:
            return same
    return []


def _spread(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    """Draw how far predictions lie apart, beside how far targets do."""
    target: Mapping[str, Any] = run.static.get("target") or {}
    points = [(float(r["step"]), (r.get("out") or {}).get("between_sample_std")) for r in run.records]
    known = [(step, float(value)) for step, value in points if isinstance(value, int | float)]
    if target.get("hist") or not target.get("std") or len(known) < 2:
        return None
    said = f"Predictions lie {number(known[-1][1])} apart at the end, targets {number(float(target['std']))}."
    line = Line("spread of the predictions between rows", *zip(*known, strict=True))
    drawn = lines("dia-spread", "Spread of the predictions", said, [line], "step",
                  [Mark("targets", y=float(target["std"])), *marks])  # fmt: skip
    return "Spread of the predictions", said, drawn


def _rows(run: RunLog, marks: Sequence[Mark]) -> Picture | None:
    """Draw the loss of the middle row and of the worst ones."""
    points = [(float(r["step"]), r["sample_loss_q"]) for r in run.records if len(r.get("sample_loss_q") or ()) == 4]
    kept = [(step, q) for step, q in points if all(isinstance(value, int | float) for value in q)]
    if len(kept) < 2:
        return None
    steps = [step for step, _ in kept]
    drawn = [Line(name, steps, [float(q[place]) for _, q in kept])
             for place, name in ((1, "middle row"), (2, "worst tenth"), (3, "worst hundredth"))]  # fmt: skip
    said = "The loss of single rows: a few that stay high are often mislabelled, all of them high is another matter."
    return "Loss by row", said, lines("dia-rows", "Loss by row", said, drawn, "step", marks, far=0.97)
