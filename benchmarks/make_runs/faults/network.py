"""Faults of the network: its depth, its start, its size."""

import torch

from benchmarks.make_runs.faults.case import Case, Change, net, recipe
from benchmarks.make_runs.setup import Data, Recipe, Task

RATES = {"sgd": 0.1, "sgdm": 0.06, "adam": 0.1, "rmsprop": 0.1}
DECOUPLED = 0.06
"""What AdamW takes off the weights in a step, its rate divided out."""


def _decay(strength: float) -> Change:
    """Decay the weights far too much."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        base = RATES.get(old.optimizer, DECOUPLED / old.lr)
        return recipe(weight_decay=base * strength)(task, data, old, generator)

    return change


def _deep_sigmoid(depth: int, gain: float) -> Change:
    return net(depth=depth, activation="sigmoid", gain=gain, norm=False, skip=False, dropout=0.0)


def _large_start(gain: float) -> Change:
    return net(depth=lambda depth: depth + 3, gain=gain, norm=False, skip=False, activation="relu", dropout=0.0)


def _stuck(gain: float) -> Change:
    return net(activation="tanh", gain=gain, norm=False, dropout=0.0)


def _dead(shift: float) -> Change:
    return net(activation="relu", shift=shift, norm=False, dropout=0.0)


FAULTS: dict[str, tuple[Case, ...]] = {
    "vanishing_gradient": tuple(
        Case("", level, _deep_sigmoid(depth, gain), net(activation="relu", gain=1.0, norm=True, skip=True))
        for level, (depth, gain) in enumerate(((3, 1.0), (5, 0.9), (8, 0.5)))
    ),
    "exploding_gradient": tuple(
        Case("", level, _large_start(gain), net(gain=1.0)) for level, gain in enumerate((2.7, 5.0, 10.0))
    ),
    "dead_relu": tuple(Case("", level, _dead(shift), net(shift=0.0)) for level, shift in enumerate((-0.9, -2.0, -5.0))),
    "saturated_activation": tuple(
        Case("", level, _stuck(gain), net(gain=1.0)) for level, gain in enumerate((6.0, 16.0, 50.0))
    ),
    "underfitting": (
        Case("tiny", 0, net(width=3, dropout=0.0)),
        Case("dropout", 0, net(dropout=0.65)),
        Case("wd", 1, _decay(0.5)),
        Case("dropout", 1, net(dropout=0.85)),
        Case("tiny", 2, net(width=1, dropout=0.0)),
        Case("wd", 2, _decay(5.0)),
    ),
}
