"""The optimiser, its rate at each step, and when a run is evaluated."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.make_runs.setup import Recipe

EPOCHS_AFTER_NAN = 3
"""Epochs that a run goes on after its loss is no number."""
CLASS_NAMES = {"sgd": "SGD", "sgdm": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def free(recipe: Recipe, model: nn.Module) -> list[nn.Parameter]:
    """Return the parameters that are not frozen; a network's head is its last layer."""
    head = list(model.get_submodule("head").parameters())
    chosen: dict[str, list[nn.Parameter]] = {"all": [], "body": head, "head_bias_only": head[-1:]}
    return chosen[recipe.frozen] if recipe.frozen else list(model.parameters())


def optimiser(recipe: Recipe, parameters: list[nn.Parameter]) -> torch.optim.Optimizer | None:
    """Return the optimiser of some parameters, None of none."""
    if not parameters:
        return None
    if recipe.optimizer in ("sgd", "sgdm"):
        momentum = 0.9 if recipe.optimizer == "sgdm" else 0.0
        return torch.optim.SGD(parameters, lr=recipe.lr, momentum=momentum, weight_decay=recipe.weight_decay)
    kind: Any = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}[recipe.optimizer]
    made: torch.optim.Optimizer = kind(parameters, lr=recipe.lr, weight_decay=recipe.weight_decay)
    return made


def schedule(recipe: Recipe, per_epoch: int, total: int) -> Callable[[int], float]:
    """Return the learning rate of a step counted from 0."""
    lr, last = recipe.lr, max(1, total - 1)
    warm = max(1, total // 6)
    return {
        "constant": lambda step: lr,
        "cosine": lambda step: lr * (0.02 + 0.98 * (1 + math.cos(math.pi * step / last)) / 2),
        "step": lambda step: lr * 0.1 ** ((step >= 0.6 * total) + (step >= 0.85 * total)),
        "warmup": lambda step: lr * min(1.0, (step + 1) / warm),
        "onecycle": lambda step: (
            lr * (min(1.0, (step + 1) / warm) if step < warm else 1 - 0.98 * (step - warm) / (total - warm))
        ),
        "early": lambda step: lr * max(1e-5, math.exp(-6 * step / per_epoch)),
    }[recipe.schedule]


def evaluation(per_epoch: int, total: int) -> int:
    """Return how many steps lie between evaluations: an epoch, or a sixteenth of a run with long epochs."""
    return per_epoch if per_epoch <= 150 else max(1, total // 16)
