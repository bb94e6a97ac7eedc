"""Small networks trained side by side: one stack for all folds, the same start and batches for every loss."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor

Loss = Callable[..., Tensor]
"""Takes outputs (k, b, o) and targets (k, b, ...), and returns one value a row, (k, b)."""


@dataclass(frozen=True)
class Recipe:
    """How a stack is built and trained."""

    hidden: int = 32
    """Width of the one hidden layer; 0 for a linear model."""
    steps: int = 200
    rate: float = 0.01
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    decay: float = 0.0
    """Weight decay; under `adam` it is added to the gradient, under `adamw` it is not."""
    batch: int | None = None
    """Rows a step, drawn with replacement; None for all of them."""
    start: float = 1.0
    """Multiplies the last layer's first weights."""


class Stack:
    """Networks side by side, each with weights of its own: (k, n, f) to (k, n, o)."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self.weights = list(weights)

    @classmethod
    def drawn(cls, copies: int, features: int, outputs: int, recipe: Recipe, seed: int) -> "Stack":
        """Draw first weights; a loss cannot change them."""
        generator, weights, width = Generator().manual_seed(seed), [], features
        if recipe.hidden:
            first = torch.randn(copies, features, recipe.hidden, generator=generator) * math.sqrt(2.0 / features)
            weights, width = [first, torch.zeros(copies, 1, recipe.hidden)], recipe.hidden
        last = torch.randn(copies, width, outputs, generator=generator) * (0.3 * recipe.start / math.sqrt(width))
        return cls([*weights, last, torch.zeros(copies, 1, outputs)])

    def __call__(self, x: Tensor) -> Tensor:
        if len(self.weights) == 4:
            x = torch.baddbmm(self.weights[1], x, self.weights[0]).relu()
        return torch.baddbmm(self.weights[-1], x, self.weights[-2])

    def copy(self) -> "Stack":
        """Return the same weights, apart from training."""
        return Stack([w.detach().clone() for w in self.weights])


def train(
    x: Tensor,
    targets: Sequence[Tensor],
    loss: Loss,
    outputs: int,
    recipe: Recipe,
    *,
    seed: int = 0,
    keep: Sequence[int] = (),
    gather: Callable[[Tensor], Tensor] = lambda values: values.mean(1),
) -> list[Stack]:
    """Train a stack.

    Args:
        x: features (k, n, f).
        targets: what `loss` takes after the outputs, each (k, n, ...).
        loss: one value a row.
        outputs: of each network.
        recipe: network, optimiser and schedule.
        seed: of first weights and batches.
        keep: steps after which the weights are kept; the last one if none is named.
        gather: makes one value a network (k,) of one a row (k, b).

    Returns:
        The stack as it was after each of `keep`.
    """
    stack = Stack.drawn(len(x), x.shape[2], outputs, recipe, seed)
    for weight in stack.weights:
        weight.requires_grad_()
    optimiser = _optimiser(stack.weights, recipe)
    generator, kept = Generator().manual_seed(seed + 1), []
    for step in range(1, recipe.steps + 1):
        rows = slice(None)
        if recipe.batch is not None:
            rows = torch.randint(0, x.shape[1], (recipe.batch,), generator=generator)
        optimiser.zero_grad()
        gather(loss(stack(x[:, rows]), *(y[:, rows] for y in targets))).sum().backward()
        optimiser.step()
        if step in (keep or (recipe.steps,)):
            kept.append(stack.copy())
    return kept


def _optimiser(weights: Sequence[Tensor], recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(weights, lr=recipe.rate, weight_decay=recipe.decay)
    kind = torch.optim.AdamW if recipe.optimiser == "adamw" else torch.optim.Adam
    return kind(weights, lr=recipe.rate, weight_decay=recipe.decay)
