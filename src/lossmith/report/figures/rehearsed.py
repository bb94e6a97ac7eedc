"""Pictures of a training before it begins."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lossmith.report.figures.figure import Figure
from lossmith.report.figures.plain import Line, Mark, bars, dots, lines
from lossmith.report.numbers import number

MOST = 24
Numbers = Mapping[str, Any]
Picture = tuple[str, str, Figure]


def figures(pictures: Mapping[str, Numbers]) -> list[Picture]:
    """Return title, sentence and figure of each look that has one."""
    makers = {
        "targets": _targets, "inputs": _inputs, "start": _start, "one_batch": _one_batch,
        "learning_rate": _learning_rate, "gradient": _gradient,
    }  # fmt: skip
    drawn = [make(pictures[name]) for name, make in makers.items() if pictures.get(name)]
    return [one for one in drawn if one is not None]


def _targets(found: Numbers) -> Picture | None:
    if "counts" in found:
        counts = found["counts"][:MOST]
        said = f"The commonest class has {max(counts) / max(sum(counts), 1):.0%} of the rows."
        names = [str(place) for place in range(len(counts))]
        return "Classes", said, bars("pre-targets", "Classes", said, names, [counts], ["share of the rows"], "class")
    low, high, counts = found["low"], found["high"], found["bins"]
    step = (high - low) / max(len(counts), 1)
    names = [number(low + step * (place + 0.5), 2) for place in range(len(counts))]
    said = f"From {number(low)} to {number(high)}."
    return "Targets", said, bars("pre-targets", "Targets", said, names, [counts], ["share of the rows"], "target")


def _inputs(found: Numbers) -> Picture | None:
    rows = [(f"column {place}", value) for place, value in enumerate(found["std"]) if value and value > 0]
    if not rows:
        return None
    ranked = sorted(rows, key=lambda row: -row[1])
    half = MOST // 2
    shown = ranked if len(ranked) <= MOST else [*ranked[:half], *ranked[-half:]]
    said = (
        f"Spread of each input column, the {'largest and smallest of ' * (len(shown) < len(rows))}{len(rows)} columns."
    )
    return "Spread of the inputs", said, dots("pre-inputs", "Spread of the inputs", said, shown)


def _start(found: Numbers) -> Picture | None:
    rows = [("untrained model", found["start"]), ("best constant", found["trivial"])]
    rows = [(name, value) for name, value in rows if value is not None and math.isfinite(value)]
    if len(rows) < 2:
        return None
    said = "Before training, the model should be about as good as the best answer that is the same for every row."
    return "Loss before training", said, dots("pre-start", "Loss before training", said, rows)


def _one_batch(found: Numbers) -> Picture | None:
    losses = _floats(found["loss"])
    if len(losses) < 2:
        return None
    marks = [Mark("best constant", y=found["trivial"])] if found["trivial"] is not None else []
    said = f"Trained on one batch alone, the loss goes from {number(losses[0])} to {number(found['end'])}."
    drawn = lines("pre-batch", "One batch learned by heart", said, [Line("loss", found["step"], losses)], "step", marks)
    return "One batch learned by heart", said, drawn


def _learning_rate(found: Numbers) -> Picture | None:
    losses = _floats(found["loss"])
    if len(losses) < 2:
        return None
    said, marks = "At no rate does the loss fall.", [Mark(f"now {found['own']:g}", x=found["own"])]
    if found["suggestion"] is not None:
        said = f"The loss falls fastest around {found['suggestion']:.1g}; the optimizer has {found['own']:g}."
        marks.append(Mark(f"try {found['suggestion']:.1g}", x=found["suggestion"]))
    line = Line("loss, smoothed", found["rate"], losses)
    drawn = lines("pre-rate", "Learning-rate range test", said, [line], "learning rate", marks, powers=True, far=0.9)
    return "Learning-rate range test", said, drawn


def _gradient(found: Numbers) -> Picture | None:
    rows = [(name, value) for name, value in zip(found["layers"], found["gradient"], strict=True) if value]
    if len(rows) < 2:
        return None
    shown = rows if len(rows) <= MOST else [*rows[: MOST // 2], *rows[-MOST // 2 :]]
    said = "Root mean square of the gradient of each weight matrix, from the first layer to the last."
    return "Gradient by layer", said, dots("pre-gradient", "Gradient by layer", said, shown)


def _floats(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else float(value) for value in values]
