"""AdamW with a learning rate for each block of copies, and its schedule."""

import math
from collections.abc import Sequence

import torch
from torch.optim.adamw import adamw

from lossmith.training.network import Parameter, StackedMLP

WARM_UP, FIRST, LAST = 0.1, 1 / 25, 1 / 25e4
"""Share of the steps that climb to the peak rate; the rates begun and ended with, as parts of the peak."""


def one_cycle(steps: int) -> list[float]:
    """Return each step's rate as a part of the peak: up and down along a cosine.

    Source:
        Smith and Topin 2019, "Super-convergence", in the form of `torch.optim.lr_scheduler.OneCycleLR`.

    Example:
        >>> [round(part, 2) for part in one_cycle(15)]
        [0.04, 1.0, 0.97, 0.92, 0.84, 0.75, 0.64, 0.53, 0.41, 0.3, 0.2, 0.12, 0.05, 0.01, 0.0]
    """
    top, end = WARM_UP * steps - 1.0, steps - 1.0
    return [
        _between(FIRST, 1.0, step / top) if step < top else _between(1.0, LAST, (step - top) / (end - top))
        for step in range(steps)
    ]


def _between(start: float, end: float, way: float) -> float:
    return end + (start - end) / 2.0 * (1.0 + math.cos(math.pi * way))


class BlockAdamW:
    """Updates a stack in which copies of one learning rate lie together.

    Adam's step sizes do not hang on each other, so one fused kernel for each rate does what an optimiser for each
    network would. Biases are not decayed.

    Args:
        network: values and gradients.
        rates: peak rate of each copy, equal ones together.
        weight_decay: as in AdamW.
        taken: steps taken before.
    """

    def __init__(self, network: StackedMLP, rates: Sequence[float], weight_decay: float, taken: int = 0) -> None:
        self.taken, self._blocks = taken, []
        for rate in dict.fromkeys(rates):
            first, past = rates.index(rate), len(rates) - rates[::-1].index(rate)
            for parameters, decay in ((network.weights, weight_decay), (network.biases, 0.0)):
                self._blocks.append(_Block(parameters, slice(first, past), rate, decay, taken))

    def step(self, part: float) -> None:
        """Take a step with this part of the peak rates."""
        self.taken += 1
        for block in self._blocks:
            block.step(part)


class _Block:
    """Copies of one rate; weights, or biases."""

    def __init__(self, parameters: Sequence[Parameter], copies: slice, rate: float, decay: float, taken: int) -> None:
        self.rate, self.decay = rate, decay
        self.values = [parameter.value[copies] for parameter in parameters]
        self.gradients = [parameter.gradient[copies] for parameter in parameters]
        self.means = [parameter.mean[copies] for parameter in parameters]
        self.squares = [parameter.square[copies] for parameter in parameters]
        self.steps = [torch.tensor(float(taken)) for _ in parameters]

    def step(self, part: float) -> None:
        adamw(
            self.values, self.gradients, self.means, self.squares, [], self.steps, fused=True, amsgrad=False,
            beta1=0.9, beta2=0.999, lr=part * self.rate, weight_decay=self.decay, eps=1e-8, maximize=False,
        )  # fmt: skip
