"""How hard an example pulls whose label is wrong, measured on the loss itself."""

from collections.abc import Mapping
from typing import Any

import torch

from lossmith import registry
from lossmith.card import Card
from lossmith.domains import BinaryTarget, ClassIndex, Logits

SURE = 10.0
"""Logit, for or against, of a network that is certain."""


def pull(card: Card, params: Mapping[str, Any], classes: int) -> float | None:
    """Return how hard an example pulls that is surely labelled wrongly.

    It is a multiple of the gradient of an example it is undecided about: 2 for binary cross-entropy, near 0 for a loss
    that gives such an example up.

    Args:
        card: of a loss of logits.
        params: its hyperparameters.
        classes: outputs, where the loss takes one for each class.

    Returns:
        None where the loss takes something other than logits and a class.

    Example:
        >>> round(pull(registry.card("binary_cross_entropy_loss"), {}, 2), 2)
        2.0
    """
    if tuple(card.inputs) != ("input", "target") or type(card.inputs["input"]) is not Logits:
        return None
    target = card.inputs["target"]
    if isinstance(target, ClassIndex):
        wrong = torch.zeros(1, classes).index_fill(1, torch.tensor([1]), 2 * SURE)
        label = torch.zeros(1, dtype=torch.int64)
    elif isinstance(target, BinaryTarget):
        size = (1, classes) if card.unit == "example" else (1,)
        wrong, label = torch.full(size, SURE), torch.zeros(size)
    else:
        return None
    undecided = _gradient(card, params, torch.zeros_like(wrong), label)
    return _gradient(card, params, wrong, label) / undecided if undecided > 0.0 else None


def _gradient(card: Card, params: Mapping[str, Any], output: torch.Tensor, label: torch.Tensor) -> float:
    """Return the gradient's largest entry, whatever the number of outputs."""
    given = output.clone().requires_grad_()
    (slope,) = torch.autograd.grad(registry.load(card.name, **params)(given, label), given)
    return float(slope.abs().max())
