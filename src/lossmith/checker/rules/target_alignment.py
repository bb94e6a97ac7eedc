"""Prediction and target are shifted against each other.

What it finds: positions that are scored against other targets than promised: each against itself where the next
is meant.
Why it matters: the model learns to copy its input, and the loss looks splendid.
Fix: score `logits[:, :-1]` against `tokens[:, 1:]`.
"""

import torch

from lossmith.checker import meaning
from lossmith.checker.argument import FAR, class_axis
from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Compare predictions of the target at several offsets."""
    offset = case.claims.get("target_offset")
    if not isinstance(offset, int) or isinstance(offset, bool):
        return meaning.found(case, "target-alignment")
    for prediction in case.predictions:
        for target in case.signature.places("target"):
            inputs = case.ordinary[0]
            alike = inputs[target].shape == inputs[prediction].shape and "T" in case.arguments[target].shape
            if inputs[target].ndim < 2 or not (case.arguments[target].integer or alike):
                continue
            values = {}
            for shift in (offset, 0, -offset, offset + 1):
                moved = _saying(inputs, prediction, target, shift)
                value = None if moved is None else case.number(moved)
                if value is not None:
                    values[shift] = value
            best = min(values, key=lambda shift: values[shift], default=offset)
            if offset in values and values[best] < values[offset] - 1e-6 * (1.0 + abs(values[offset])):
                promised = f"at the promised offset {offset} {values[offset]:.4g}"
                told = f"Saying the target at offset {best} costs {values[best]:.4g}, {promised}."
                return Found(told, _saying(inputs, prediction, target, best), told)
    return None


def _saying(inputs: Inputs, prediction: int, target: int, shift: int) -> Inputs | None:
    if inputs[prediction].shape == inputs[target].shape:  # numbers, frames
        moved = list(inputs)
        moved[prediction] = inputs[target].roll(-shift, dims=1)
        return moved
    axis = class_axis(inputs[prediction].shape, inputs[target].shape)
    if axis is None:
        return None
    said = inputs[target].roll(-shift, dims=1).clamp(min=0)
    moved = list(inputs)
    one_hot = torch.nn.functional.one_hot(said, inputs[prediction].shape[axis]).movedim(-1, axis)
    moved[prediction] = FAR * one_hot.to(inputs[prediction])
    return moved
