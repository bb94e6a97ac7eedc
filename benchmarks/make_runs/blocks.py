"""Pieces that the tasks' networks share."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from benchmarks.make_runs.recording import RECURRENT, WEIGHTED
from benchmarks.make_runs.setup import Net
from benchmarks.networks import ACTIVATIONS


def layer(inner: nn.Module, net: Net, norm: nn.Module | None = None) -> nn.Sequential:
    """Return a weighted layer, its norm if any, the activation and the dropout."""
    parts = [inner, *([norm] if norm and net.norm else []), ACTIVATIONS[net.activation]()]
    return nn.Sequential(*parts, *([nn.Dropout(net.dropout)] if net.dropout else []))


def dense(inputs: int, net: Net, norm: bool = False) -> nn.Sequential:
    """Return `net.depth` dense layers."""
    widths = [inputs] + [net.width] * net.depth
    return nn.Sequential(
        *(layer(nn.Linear(a, b), net, nn.BatchNorm1d(b) if norm else None) for a, b in pairwise(widths))
    )


def start(model: nn.Module, net: Net) -> nn.Module:
    """Scale and shift the weights of all layers but the head, as the shape says.

    A shift is for layers with an activation behind them, not for a recurrent layer's gates.
    """
    for name, part in model.named_modules():
        if name == "head" or not isinstance(part, WEIGHTED):
            continue
        for key, value in part.named_parameters():
            with torch.no_grad():
                if "bias" not in key:
                    value.mul_(net.gain)
                elif net.shift and not isinstance(part, RECURRENT):
                    value.add_(net.shift)
    return model


class Stack(nn.Module):
    """A body and a head."""

    def __init__(self, body: nn.Module, features: int, outputs: int) -> None:
        super().__init__()
        self.body, self.head = body, nn.Linear(features, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs."""
        out: Tensor = self.head(self.body(x))
        return out
