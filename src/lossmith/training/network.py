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
        copies: how many networks; all weights are 0 until `initialise` or `load_copy`.
        features: columns of the input.
        hidden: width of each hidden layer.
        outputs: columns of the output.
        dtype: of weights and activations.
    """

    def __init__(
        self,
        copies: int,
        features: int,
        hidden: Sequence[int],
        outputs: int,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        layers = list(pairwise([features, *hidden, outputs]))
        self.copies, self.dtype = copies, dtype
        self.flat_weights, self.weights = _views([(copies, a, b) for a, b in layers], dtype)
        self.flat_biases, self.biases = _views([(copies, 1, b) for _, b in layers], dtype)
        grads = [_views([(copies, a, b) for a, b in layers], dtype), _views([(copies, 1, b) for _, b in layers], dtype)]
        (self.flat_weights.grad, self.weight_grads), (self.flat_biases.grad, self.bias_grads) = grads
        self._memory = _Memory([], [])

    def initialise(self, copies: Sequence[int], features: int, generator: Generator) -> None:
        """Give some copies the same fresh weights, for an input of `features` columns.

        Weights of further columns stay 0.
        He initialisation; the last layer starts small, so that every candidate starts near its best constant. Its
        columns are drawn one after another, so that the first do not hang on how many there are.
        """
        for layer, weight in enumerate(self.weights):
            last = layer == len(self.weights) - 1
            fan_in, fan_out = features if layer == 0 else weight.shape[1], weight.shape[2]
            drawn = (
                torch.stack([torch.randn(fan_in, generator=generator) for _ in range(fan_out)], dim=1)
                if last
                else torch.randn(fan_in, fan_out, generator=generator)
            )
            weight[list(copies), :fan_in] = (drawn * (0.1 if last else math.sqrt(2.0)) / math.sqrt(fan_in)).to(
                self.dtype
            )

    def __call__(self, x: Tensor) -> Tensor:
        """Map features (copies, n, f) to outputs (copies, n, outputs).

        The result stands in memory that the next call overwrites.
        """
        if not self._memory.forward or self._memory.forward[0].shape[1] != x.shape[1]:
            self._memory = self._room(x.shape[1])
        below = x
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            above = self._memory.forward[layer]
            torch.baddbmm(bias, below, weight, out=above)
            below = above if layer == len(self.weights) - 1 else above.relu_()
        self._input = x
        return below

    def backward(self, gradient: Tensor) -> None:
        """Overwrite the gradients, from that of the loss in the outputs of the last call."""
        memory = self._memory
        for layer in reversed(range(len(self.weights))):
            below = memory.forward[layer - 1] if layer else self._input
            torch.bmm(below.transpose(1, 2), gradient, out=self.weight_grads[layer])
            torch.sum(gradient, 1, keepdim=True, out=self.bias_grads[layer])
            if layer:
                back = memory.backward[layer - 1]
                torch.bmm(gradient, self.weights[layer].transpose(1, 2), out=back)
                gradient = torch.ops.aten.threshold_backward.grad_input(back, below, 0, grad_input=back)

    def outputs(self, copies: Sequence[int], x: Tensor) -> list[Tensor]:
        """Return the outputs of some copies for the same features (n, f), no gradient."""
        return [self._output(copy, x) for copy in copies]

    def _output(self, copy: int, x: Tensor) -> Tensor:
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = torch.addmm(bias[copy], x, weight[copy]).relu_()
        return torch.addmm(self.biases[-1][copy], x, self.weights[-1][copy])

    def _room(self, rows: int) -> "_Memory":
        """Return room for the activations of so many rows, for every step to reuse.

        Fresh memory at every step would cost more than the sums.
        """
        widths = [bias.shape[-1] for bias in self.biases]
        forward = [torch.empty(self.copies, rows, width, dtype=self.dtype) for width in widths]
        return _Memory(forward, [torch.empty_like(values) for values in forward[:-1]])

    def copy_state(self, copy: int, features: int) -> list[Tensor]:
        """Return the weights of one copy for an input of `features` columns."""
        first, *others = (values[copy] for values in (*self.weights, *self.biases))
        return [first[:features].clone(), *(values.clone() for values in others)]

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
