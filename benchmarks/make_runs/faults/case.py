"""One fault at one strength."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from benchmarks.make_runs.setup import Data, Recipe, Task

Change = Callable[[Task, Data, Recipe, torch.Generator], tuple[Data, Recipe]]
"""From a healthy setup to another; the generator is for what is drawn."""


@dataclass(frozen=True)
class Case:
    """A fault at a strength.

    Attributes:
        variant: which form of the fault.
        level: 0, 1 or 2.
        change: what makes the fault.
        cure: what undoes it in the faulty setup, None where that is the control itself.
    """

    variant: str
    level: int
    change: Change
    cure: Change | None = None


def recipe(**changes: Any) -> Change:
    """Return a change of the recipe's fields; a function is called with the old value."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        values = {key: value(getattr(old, key)) if callable(value) else value for key, value in changes.items()}
        return data, replace(old, **values)

    return change


def net(**changes: Any) -> Change:
    """Return a change of the network's shape; a function is called with the old value."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        values = {key: value(getattr(old.net, key)) if callable(value) else value for key, value in changes.items()}
        return data, replace(old, net=replace(old.net, **values))

    return change
