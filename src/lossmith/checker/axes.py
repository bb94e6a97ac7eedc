"""One axis along which predictions move while their targets stay, for each kind.

A portrait draws a loss along it; what has no axis of its own goes from right to wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lossmith.checker.case import Case, Inputs

NUMBERS = ("real", "logits", "positive", "nonneg", "pixels", "count", "time")
LABELS = ("class_index", "ignored_index", "one_hot")
NEAR = 1e-3
"""How near probabilities come to 0 and 1."""
ALONE: dict[str, tuple[float, float]] = {
    "real": (-4.0, 4.0),
    "logits": (-4.0, 4.0),
    "probabilities": (NEAR, 1.0 - NEAR),
    "log_prob_scalar": (-4.0, -0.05),
    "positive": (0.05, 4.0),
}
"""Where a prediction is moved that has no target."""
Picture = dict[str, Any]
"""One part of a portrait, as plain data."""
Place = Callable[[Tensor, float], Inputs]


@dataclass(frozen=True)
class Axis:
    """Where the prediction goes, and the targets it is drawn for."""

    label: str
    low: float
    high: float
    at: Place
    """The arguments where every prediction stands at a place, against a target."""
    lines: tuple[tuple[str, float], ...]
    """Name and number of each target."""
    kind: str = ""
    """`numbers`, `yes or no` or `classes`; empty where only a path is drawn."""


def axis(case: Case) -> Axis | None:
    """Return the axis of the first prediction, or None where there is none."""
    if case.pairs:
        prediction, target = case.pairs[0]
        held, against = case.arguments[prediction].holds, case.arguments[target].holds
        if against in ("binary01", "sign") and held in ("logits", "real", "probabilities"):
            return _yes_no(case, prediction, target)
        if against in LABELS and case.class_axis(prediction) is not None:
            return _classes(case, prediction, target)
        if against in NUMBERS and held in NUMBERS and held != "logits":
            return _numbers(case, prediction, target)
    return _path(case) or _between(case)


def mean_value(case: Case, inputs: Inputs) -> Tensor | None:
    """Return the mean of what a call gives, or None where it fails."""
    value = case.call(inputs).value
    return None if value is None or not value.numel() else value.double().mean()


def score(held: str, chance: Tensor) -> Tensor:
    """Return what a prediction of a kind says for a chance: its logit, its log."""
    if held in ("logits", "real"):
        return chance.logit()
    return chance.log() if held == "log_probabilities" else chance


def filled(case: Case, inputs: Sequence[Tensor], pair: tuple[int, int], x: Tensor, t: Tensor) -> Inputs:
    """Return the arguments with one prediction and its target replaced, broadcast."""
    moved = [value.clone() for value in inputs]
    for place, new in zip(pair, (x, t), strict=True):
        moved[place] = new.to(moved[place].dtype).expand(moved[place].shape)
    return moved


def scores(held: str, x: Tensor, true: Tensor) -> Tensor:
    """Return class scores, the classes last.

    Args:
        held: what the prediction holds.
        x: of the true class: a logit for logits, else a probability.
        true: one-hot, of the scores' shape.
    """
    if held in ("logits", "real"):
        return x * true
    chance = torch.where(true > 0, x, (1.0 - x) / (true.shape[-1] - 1))
    return chance.log() if held == "log_probabilities" else chance


def _yes_no(case: Case, prediction: int, target: int) -> Axis:
    held, no = case.arguments[prediction].holds, 0.0 if case.arguments[target].holds == "binary01" else -1.0
    name = "probability" if held == "probabilities" else "score" if held == "real" else "logit"
    low, high = (NEAR, 1.0 - NEAR) if name == "probability" else (-6.0, 6.0)

    def at(x: Tensor, t: float) -> Inputs:
        return filled(case, case.ordinary[0], (prediction, target), x, torch.tensor(t))

    return Axis(f"{name} of yes", low, high, at, ((f"target {no:g}", no), ("target 1", 1.0)), "yes or no")


def _classes(case: Case, prediction: int, target: int) -> Axis:
    held, place = case.arguments[prediction].holds, case.class_axis(prediction)
    assert place is not None
    like, truth = case.ordinary[0][prediction], case.ordinary[0][target]
    count = like.shape[place]

    def at(x: Tensor, t: float) -> Inputs:
        true = torch.nn.functional.one_hot(torch.tensor(int(t)), count).to(like.dtype)
        inputs = [value.clone() for value in case.ordinary[0]]
        inputs[prediction] = scores(held, x, true).expand(like.movedim(place, -1).shape).movedim(-1, place)
        one_hot = case.arguments[target].holds == "one_hot"
        inputs[target] = (
            true.expand(truth.movedim(1, -1).shape).movedim(-1, 1).to(truth.dtype)
            if one_hot
            else torch.full_like(truth, int(t))
        )
        return inputs

    logits = held in ("logits", "real")
    label = "logit of the true class, the others at 0" if logits else "probability of the true class"
    shown = dict.fromkeys((0, 1, count - 1))
    lines = tuple((f"true class {index}", float(index)) for index in shown)
    return Axis(label, -6.0 if logits else NEAR, 6.0 if logits else 1.0 - NEAR, at, lines, "classes")


def _numbers(case: Case, prediction: int, target: int) -> Axis:
    held, against = case.arguments[prediction].holds, case.arguments[target].holds
    residual = held == against == "real"
    low, high = {"real": (-3.0, 3.0), "pixels": (0.0, 1.0)}.get(held, (0.05, 4.0))
    if residual:
        low, high = -4.0, 4.0
    values = {"real": (-1.0, 0.0, 2.0), "pixels": (0.0, 0.5, 1.0), "count": (0.0, 1.0, 3.0)}.get(
        against, (0.5, 1.0, 2.0)
    )

    def at(x: Tensor, t: float) -> Inputs:
        return filled(case, case.ordinary[0], (prediction, target), x + t if residual else x, torch.tensor(t))

    lines = tuple((f"target {value:g}", value) for value in values)
    return Axis("prediction − target" if residual else "prediction", low, high, at, lines, "numbers")


def _path(case: Case) -> Axis | None:
    """Go from right to wrong, for three drawn batches."""
    if case.perfect(case.ordinary[0], 0.5) is None:
        return None

    def at(x: Tensor, t: float) -> Inputs:
        start, end = (case.perfect(case.ordinary[int(t)], share) for share in (0.0, 1.0))
        assert start is not None
        assert end is not None
        return [
            a + x * (b - a) if place in case.predictions else a
            for place, (a, b) in enumerate(zip(start, end, strict=True))
        ]

    lines = tuple((f"drawn batch {place + 1}", float(place)) for place in range(3))
    return Axis("share of the way from right to wrong", 0.0, 1.0, at, lines)


def _between(case: Case) -> Axis | None:
    """Without a target: move a prediction alone, or towards the others."""
    if not case.predictions:
        return None
    first, inputs = case.predictions[0], case.ordinary[0]
    name = case.arguments[first].name
    others = [p for p in case.predictions[1:] if inputs[p].shape == inputs[first].shape]

    def alone(x: Tensor, t: float) -> Inputs:
        place = int(t)
        return [x.to(value.dtype).expand(value.shape) if p == place else value for p, value in enumerate(inputs)]

    def towards(x: Tensor, t: float) -> Inputs:
        there = inputs[int(t)]
        return [value + x * (there - value) if p == first else value for p, value in enumerate(inputs)]

    if others and case.arguments[first].holds in ("embeddings", "unit", "pixels"):
        lines = tuple((f"towards {case.arguments[p].name}", float(p)) for p in others)
        return Axis(f"`{name}` moved: 0 as drawn, 1 at the other", -1.0, 2.0, towards, lines)
    held = case.arguments[first].holds
    if held not in ALONE:
        return None
    alike = [p for p in case.predictions if case.arguments[p].holds == held][:3]
    lines = tuple((case.arguments[p].name, float(p)) for p in alike)
    return Axis("one prediction, all entries alike", *ALONE[held], alone, lines)
