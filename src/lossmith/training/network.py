"""The one small network every candidate trains, stacked: many copies side by side, each with weights of its own.

All copies start from the same weights and read the same batches, so that candidates differ in their loss alone. One
batched matrix product serves them all, which is several times faster than training one after another.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor


class StackedMLP:
    """Multilayer perceptrons with a leading dimension of `copies`.

    Plain lists of tensors rather than a `torch.nn.Module`: a module's bookkeeping costs as much as a small layer.

    Args:
        copies: how many networks, all with the same initial weights.
        features: columns of the input.
        hidden: width of each hidden layer.
        outputs: columns of the output.
        generator: draws the initial weights.
    """

    def __init__(self, copies: int, features: int, hidden: Sequence[int], outputs: int, generator: Generator) -> None:
        widths = [features, *hidden, outputs]
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
            last = layer == len(widths) - 2
            # He initialisation; the last layer starts small, so that every candidate starts near its best constant.
            gain = 0.1 if last else math.sqrt(2.0)
            weight = torch.randn(fan_in, fan_out, generator=generator) * gain / math.sqrt(fan_in)
            self.weights.append(weight.expand(copies, -1, -1).clone().requires_grad_())
            self.biases.append(torch.zeros(copies, 1, fan_out, requires_grad=True))

    def __call__(self, x: Tensor) -> Tensor:
        """Map features (n, f), shared by all copies, to outputs (copies, n, outputs)."""
        h = x.expand(self.weights[0].shape[0], *x.shape)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = torch.baddbmm(bias, h, weight).relu_()
        return torch.baddbmm(self.biases[-1], h, self.weights[-1])

    def copy_state(self, copy: int) -> list[Tensor]:
        """Return the weights of one copy, detached."""
        return [parameter[copy].detach().clone() for parameter in (*self.weights, *self.biases)]

    def load_copy(self, copy: int, state: Sequence[Tensor]) -> None:
        """Overwrite the weights of one copy."""
        with torch.no_grad():
            for parameter, values in zip((*self.weights, *self.biases), state, strict=True):
                parameter[copy].copy_(values)
