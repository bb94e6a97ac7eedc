"""The network of a task, sound or with what a fault does to it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.networks import ACTIVATIONS

NORMS: dict[str, type[nn.Module]] = {"layer": nn.LayerNorm, "batch": nn.BatchNorm1d}


@dataclass(frozen=True)
class Shape:
    """How a network is built.

    Attributes:
        front: what reads the input.
        width: of each layer.
        depth: hidden layers after the front.
        act: activation.
        outputs: how many numbers a row.
        dropout: rate.
        gain: initial weights of the body are multiplied by it.
        shift: is added to the biases of the body.
        norm: `layer` or `batch`: what normalises each hidden layer; or none.
        skip: whether each hidden layer after the first adds to what went in.
    """

    front: str
    width: int
    depth: int
    act: str
    outputs: int
    dropout: float = 0.0
    gain: float = 1.0
    shift: float = 0.0
    norm: str = ""
    skip: bool = False


class Skip(nn.Sequential):
    """Layers that add to what went in."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        return x + super().forward(x)


class Attention(nn.Module):
    """Places of a sequence that look at each other, and their mean."""

    def __init__(self, features: int, length: int, width: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Linear(features, width)
        self.place = nn.Parameter(0.02 * torch.randn(length, width))
        self.mix = nn.TransformerEncoderLayer(width, 2, 2 * width, dropout, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return one vector a sequence."""
        return self.mix(self.embed(x) + self.place).mean(1)


class Network(nn.Module):
    """A front, hidden layers, and a head."""

    def __init__(self, shape: Shape, example: Tensor) -> None:
        super().__init__()
        self.front = self._front(shape, example)
        size = self._read(example[:2]).shape[1]
        layers: list[nn.Module] = []
        for _ in range(shape.depth):
            hidden: list[nn.Module] = [nn.Linear(size, shape.width)]
            hidden += [NORMS[shape.norm](shape.width)] if shape.norm else []
            hidden += [ACTIVATIONS[shape.act]()]
            hidden += [nn.Dropout(shape.dropout)] if shape.dropout else []
            layers += [Skip(*hidden)] if shape.skip and size == shape.width else hidden
            size = shape.width
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(size, shape.outputs)
        self._start(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return the head's outputs."""
        return self.head(self.body(self._read(x)))

    def _read(self, x: Tensor) -> Tensor:
        if isinstance(self.front, nn.RNNBase):
            return self.front(x)[0][:, -1]
        if isinstance(self.front, nn.Sequential) and isinstance(self.front[0], nn.Conv1d):
            x = x.transpose(1, 2)
        return self.front(x).flatten(1)

    @staticmethod
    def _front(shape: Shape, example: Tensor) -> nn.Module:
        act, wide = ACTIVATIONS[shape.act], max(2, shape.width // 2)
        if shape.front in ("rnn", "gru", "lstm"):
            kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[shape.front]
            return kind(example.shape[2], shape.width, batch_first=True)
        if shape.front == "attention":
            return Attention(example.shape[2], example.shape[1], max(2, shape.width // 2 * 2), min(shape.dropout, 0.1))
        if shape.front == "conv1d":
            return nn.Sequential(
                nn.Conv1d(example.shape[2], wide, 5, padding=2), act(), nn.MaxPool1d(2),
                nn.Conv1d(wide, wide, 3, padding=1), act(), nn.AdaptiveAvgPool1d(4),
            )  # fmt: skip
        if shape.front == "conv2d":
            return nn.Sequential(
                nn.Conv2d(example.shape[1], wide, 3, padding=1), act(), nn.MaxPool2d(2),
                nn.Conv2d(wide, wide, 3, padding=1), act(), nn.AdaptiveAvgPool2d(2),
            )  # fmt: skip
        return nn.Identity()

    @torch.no_grad()
    def _start(self, shape: Shape) -> None:
        """Set the first weights: He's where units are rectified, then what the fault asks for."""
        for module in [*self.front.modules(), *self.body.modules()]:
            if isinstance(module, nn.RNNBase) and shape.gain != 1:
                module.weight_hh_l0 *= shape.gain
                module.weight_ih_l0 *= shape.gain
            if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
                if shape.gain != 1:
                    nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                    module.weight *= shape.gain
                module.bias += shape.shift
