"""The one small network every candidate trains, stacked.

Many copies lie side by side, each with weights of its own. All start from the same weights and read the same batches,
so that candidates differ in their loss alone. One batched matrix product serves them all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import torch
from torch import Generator, Tensor

from lossmith.kernels.products import product


@dataclass
class Parameter:
    """Weights or biases of one layer, with their gradient and Adam's two averages.

    Each has the shape (copies, ...).
    """

    value: Tensor
    gradient: Tensor
    mean: Tensor
    square: Tensor

    @classmethod
    def zeros(cls, *shape: int, dtype: torch.dtype) -> "Parameter":
        """Return zeros everywhere."""
        return cls(*(torch.zeros(shape, dtype=dtype) for _ in fields(cls)))

    def keep(self, copies: Tensor) -> None:
        """Forget all copies but these."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[copies])


class StackedMLP:
    """Multilayer perceptrons with a leading dimension of `copies`.

    The backward pass is written out: for a network this small, autograd's bookkeeping and fresh memory for every
    activation cost as much as the arithmetic. The last layer's weights lie as (copies, outputs, width): with one or a
    few outputs, products in that order are several times as fast.

    Args:
        copies: how many networks; all weights are 0 until `initialise` or `load_copy`.
        features: columns of the input.
        hidden: width of each hidden layer.
        outputs: columns of the output.
        dtype: of weights and activations.
        residual: whether each hidden layer but the first adds to what it is given.

    Raises:
        ValueError: a residual network's hidden layers differ in width.
    """

    def __init__(
        self,
        copies: int,
        features: int,
        hidden: Sequence[int],
        outputs: int,
        dtype: torch.dtype = torch.float32,
        *,
        residual: bool = False,
    ) -> None:
        if residual and len(set(hidden)) > 1:
            raise ValueError(f"Residual layers should be of one width. Found {', '.join(map(str, hidden))}. Try one.")
        widths = [features, *hidden]
        self.copies, self.dtype, self.residual = copies, dtype, residual
        self.weights = [Parameter.zeros(copies, a, b, dtype=dtype) for a, b in pairwise(widths)]
        self.weights.append(Parameter.zeros(copies, outputs, widths[-1], dtype=dtype))
        self.biases = [Parameter.zeros(copies, 1, width, dtype=dtype) for width in hidden]
        self.biases.append(Parameter.zeros(copies, outputs, 1, dtype=dtype))
        self._memory = _Memory([], [], [], [])

    def initialise(self, copies: Sequence[int], features: int, generator: Generator) -> None:
        """Give some copies the same fresh weights, for an input of `features` columns.

        Weights of further columns stay 0.
        He initialisation; the layers of a residual network share it, so that their sum does not grow with their number.
        The last layer starts small, so that every candidate starts near its best constant. Its columns are drawn one
        after another, so that the first do not hang on how many there are.
        """
        chosen = torch.tensor(copies)
        fan_in = features
        for layer, weight in enumerate(self.weights[:-1]):
            fan_out = weight.value.shape[2]
            gain = math.sqrt(2.0 / (len(self.weights) - 2) if self._adds(layer) else 2.0)
            drawn = torch.randn(fan_in, fan_out, generator=generator) * gain / math.sqrt(fan_in)
            weight.value[chosen, :fan_in] = drawn.to(self.dtype)
            fan_in = fan_out
        last = self.weights[-1].value
        rows = [torch.randn(fan_in, generator=generator) for _ in range(last.shape[1])]
        last[chosen, :, :fan_in] = (torch.stack(rows) * 0.1 / math.sqrt(fan_in)).to(self.dtype)

    def __call__(self, x: Tensor) -> Tensor:
        """Map features (copies, n, f) to outputs (copies, outputs, n).

        The result stands in memory that the next call overwrites.
        """
        if not self._memory.forward or self._memory.forward[-1].shape[-1] != x.shape[1]:
            self._memory = self._room(x.shape[1])
        memory = self._memory
        self._input = below = x
        for layer, (active, room) in enumerate(zip(memory.active, memory.forward, strict=False)):
            product(below, self.weights[layer].value, active, self.biases[layer].value).relu_()
            below = torch.add(active, below, out=room) if self._adds(layer) else active
        return torch.baddbmm(
            self.biases[-1].value, self.weights[-1].value, below.transpose(1, 2), out=memory.forward[-1]
        )

    def backward(self, gradient: Tensor) -> None:
        """Overwrite the gradients, from that of the loss in the outputs of the last call."""
        memory, below = self._memory, [self._input, *self._memory.forward[:-1]]
        torch.bmm(gradient, below[-1], out=self.weights[-1].gradient)
        torch.sum(gradient, 2, keepdim=True, out=self.biases[-1].gradient)
        if not memory.active:
            return
        outer = torch.mul if gradient.shape[1] == 1 else torch.bmm
        above = outer(gradient.transpose(1, 2), self.weights[-1].value, out=memory.backward[-1])
        for layer in reversed(range(len(memory.active))):
            inner = memory.inner[layer]
            torch.ops.aten.threshold_backward.grad_input(above, memory.active[layer], 0, grad_input=inner)
            product(below[layer].transpose(1, 2), inner, self.weights[layer].gradient)
            torch.sum(inner, 1, keepdim=True, out=self.biases[layer].gradient)
            if layer:
                back = product(inner, self.weights[layer].value.transpose(1, 2), memory.backward[layer - 1])
                above = back.add_(above) if self._adds(layer) else back

    def _adds(self, layer: int) -> bool:
        return self.residual and layer > 0

    def output(self, copy: int, x: Tensor) -> Tensor:
        """Return the outputs (n, outputs) of one copy for features (n, f)."""
        for layer, (weight, bias) in enumerate(zip(self.weights[:-1], self.biases[:-1], strict=True)):
            active = torch.addmm(bias.value[copy], x, weight.value[copy]).relu_()
            x = x + active if self._adds(layer) else active
        return torch.addmm(self.biases[-1].value[copy].T, x, self.weights[-1].value[copy].T)

    def _room(self, rows: int) -> "_Memory":
        """Return room for the activations of so many rows, for every step to reuse.

        Fresh memory at every step would cost more than the sums.
        """

        def hidden(alike: Sequence[Tensor] = ()) -> list[Tensor]:
            """One per hidden layer: fresh where layers add, else those alike."""
            return [
                torch.empty(self.copies, rows, bias.value.shape[2], dtype=self.dtype)
                if self._adds(layer) or not alike
                else alike[layer]
                for layer, bias in enumerate(self.biases[:-1])
            ]

        active, backward = hidden(), hidden()
        output = torch.empty(self.copies, self.biases[-1].value.shape[1], rows, dtype=self.dtype)
        return _Memory(active, [*hidden(active), output], backward, hidden(backward))

    def keep(self, copies: Sequence[int]) -> None:
        """Forget all copies but these."""
        chosen = torch.tensor(copies)
        for parameter in (*self.weights, *self.biases):
            parameter.keep(chosen)
        self.copies, self._memory = len(copies), _Memory([], [], [], [])

    def copy_state(self, copy: int, features: int) -> list[Tensor]:
        """Return the weights of one copy for an input of `features` columns."""
        state = [parameter.value[copy].clone() for parameter in (*self.weights, *self.biases)]
        state[0] = state[0][:features].clone() if len(self.weights) > 1 else state[0][:, :features].clone()
        return state

    def load_copy(self, copy: int, state: Sequence[Tensor]) -> None:
        """Overwrite the weights of one copy."""
        for parameter, new in zip((*self.weights, *self.biases), state, strict=True):
            parameter.value[copy].copy_(new)


@dataclass(frozen=True)
class _Memory:
    """What the hidden layers compute; `forward` has the network's output as well.

    Only where layers add are `active` and `forward`, and `backward` and `inner`, different tensors.
    """

    active: list[Tensor]
    """After the rectifier."""
    forward: list[Tensor]
    """What is handed on."""
    backward: list[Tensor]
    """The gradient in what is handed on."""
    inner: list[Tensor]
    """The gradient before the rectifier."""
