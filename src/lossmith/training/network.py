"""The one small network every candidate trains, stacked.

Many copies lie side by side, each with weights of its own. All start from the same weights and read the same batches,
so that candidates differ in their loss alone. One batched matrix product serves them all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor


class StackedMLP:
    """Multilayer perceptrons with a leading dimension of `copies`.

    Weights are views of one flat vector, biases of another, and the backward pass is written out: for a network this
    small, autograd's bookkeeping and fresh memory for every activation cost as much as the arithmetic.

    Args:
        copies: how many networks, all with the same initial weights.
        features: columns of the input.
        hidden: width of each hidden layer.
        outputs: columns of the output.
        generator: draws the initial weights.
        dtype: of weights and activations.
    """

    def __init__(
        self,
        copies: int,
        features: int,
        hidden: Sequence[int],
        outputs: int,
        generator: Generator,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        layers = list(pairwise([features, *hidden, outputs]))
        self.copies, self.dtype = copies, dtype
        self.flat_weights, self.weights = _views([(copies, a, b) for a, b in layers], dtype)
        self.flat_biases, self.biases = _views([(copies, 1, b) for _, b in layers], dtype)
        grads = [_views([(copies, a, b) for a, b in layers], dtype), _views([(copies, 1, b) for _, b in layers], dtype)]
        (self.flat_weights.grad, self.weight_grads), (self.flat_biases.grad, self.bias_grads) = grads
        self._memories: dict[int, _Memory] = {}
        for layer, (weight, (fan_in, fan_out)) in enumerate(zip(self.weights, layers, strict=True)):
            # He initialisation; the last layer starts small, so that every candidate starts near its best constant.
            gain = 0.1 if layer == len(layers) - 1 else math.sqrt(2.0)
            weight.copy_(torch.randn(fan_in, fan_out, generator=generator) * gain / math.sqrt(fan_in))

    def __call__(self, x: Tensor) -> Tensor:
        """Map features (n, f), shared by all copies, to outputs (copies, n, outputs).

        The result stands in memory that the next call with as many rows overwrites.
        """
        self._active = self._memory(len(x))
        below = x.expand(self.copies, *x.shape)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            above = self._active.forward[layer]
            torch.baddbmm(bias, below, weight, out=above)
            below = above if layer == len(self.weights) - 1 else above.relu_()
        self._input = x
        return below

    def backward(self, gradient: Tensor) -> None:
        """Overwrite the gradients, from that of the loss in the outputs of the last call."""
        memory = self._active
        for layer in reversed(range(len(self.weights))):
            below = memory.forward[layer - 1] if layer else self._input.expand(self.copies, *self._input.shape)
            torch.bmm(below.transpose(1, 2), gradient, out=self.weight_grads[layer])
            torch.sum(gradient, 1, keepdim=True, out=self.bias_grads[layer])
            if layer:
                back = memory.backward[layer - 1]
                torch.bmm(gradient, self.weights[layer].transpose(1, 2), out=back)
                gradient = torch.ops.aten.threshold_backward.grad_input(back, below, 0, grad_input=back)

    def _memory(self, rows: int) -> "_Memory":
        """Return room for the activations of so many rows, reused from step to step.

        Fresh memory at every step would cost more than the sums.
        """
        if rows not in self._memories:
            widths = [bias.shape[-1] for bias in self.biases]
            forward = [torch.empty(self.copies, rows, width, dtype=self.dtype) for width in widths]
            backward = [torch.empty_like(values) for values in forward[:-1]]
            self._memories[rows] = _Memory(forward, backward)
        return self._memories[rows]

    def copy_state(self, copy: int) -> list[Tensor]:
        """Return the weights of one copy."""
        return [values[copy].clone() for values in (*self.weights, *self.biases)]

    def load_copy(self, copy: int, state: Sequence[Tensor]) -> None:
        """Overwrite the weights of one copy."""
        for values, new in zip((*self.weights, *self.biases), state, strict=True):
            values[copy].copy_(new)


@dataclass(frozen=True)
class _Memory:
    """Activations of each layer, and the gradients in those of the hidden ones."""

    forward: list[Tensor]
    backward: list[Tensor]


def _views(shapes: Sequence[tuple[int, ...]], dtype: torch.dtype) -> tuple[Tensor, list[Tensor]]:
    """Return a flat vector of zeros, and views of it in the given shapes."""
    sizes = [math.prod(shape) for shape in shapes]
    flat = torch.zeros(sum(sizes), dtype=dtype)
    return flat, [part.view(shape) for part, shape in zip(torch.split(flat, sizes), shapes, strict=True)]
