"""What to change where a network's outputs are not as many as its targets need."""

import torch
from torch import Tensor

FEW = 1000
"""More different whole numbers than these are hardly classes."""


def advice(output: Tensor, target: Tensor, seen: Tensor | None) -> str:
    """Return what makes outputs and targets fit; empty where shapes do not say.

    Args:
        output: of a batch.
        target: of that batch.
        seen: targets of more batches, which show more classes.

    Example:
        >>> advice(torch.zeros(32, 1), torch.arange(32) % 7, None)
        'Labels go from 0 to 6: give the last layer 7 outputs. It has 1.'
    """
    if output.ndim < 2 or target.ndim < 1 or output.shape[0] != target.shape[0]:
        return ""
    width, classes = output.shape[1], _classes(target if seen is None else seen)
    if output.ndim == target.ndim:
        wanted = target.shape[1]
        return "" if wanted == width else f"A target is {_many(wanted)}: give the last layer {wanted}. It has {width}."
    if output.ndim != target.ndim + 1 or output.shape[2:] != target.shape[1:]:
        return ""
    if not target.is_floating_point():
        return _of_labels(width, classes) if classes else ""
    return _of_numbers(width, classes)


def _of_labels(width: int, classes: int) -> str:
    if width >= classes:
        return _of_numbers(width, classes)
    told = f"Labels go from 0 to {classes - 1}: give the last layer {classes} outputs. It has {width}."
    one = " Or keep the one, with `BCEWithLogitsLoss`, `output.squeeze(1)` and `target.float()`."
    return told + (one if (width, classes) == (1, 2) else "")


def _of_numbers(width: int, classes: int) -> str:
    if width == 1:
        more = f"; or, if its {classes} whole numbers are classes, give the last layer {classes} outputs, with "
        told = "A target is one number: `output.squeeze(1)`, or `target.unsqueeze(1)`"
        return told + (f"{more}`CrossEntropyLoss` and `target.long()`." if 2 < classes <= FEW else ".")
    told = f"A target is one number, and the last layer has {width} outputs: for numbers give it 1, and squeeze that"
    return told + ("; for classes `CrossEntropyLoss` and `target.long()`." if classes else ".")


def _many(count: int) -> str:
    return f"{count} numbers" if count > 1 else "one number"


def _classes(target: Tensor) -> int:
    """Return how many classes there are, if these are class numbers; 0 if not."""
    known = target[target >= 0].double()
    whole = known.numel() > 0 and bool((known == known.round()).all()) and bool(torch.isfinite(known).all())
    return int(known.max()) + 1 if whole else 0
