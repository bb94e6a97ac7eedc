"""The next value of a noisy oscillation with a drift, by an LSTM."""

import math

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

STEPS = 16


class Series(nn.Module):
    """An LSTM, dense layers on its last state, a head."""

    def __init__(self, net: Net, features: int, outputs: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, net.width, batch_first=True)
        self.body, self.head = dense(net.width, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the forecast."""
        out: Tensor = self.head(self.body(self.lstm(x)[0][:, -1]))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """A wave of any phase and pace plus a known disturbance; the value after the last, times 0.1, in noise."""
    law = torch.Generator().manual_seed(seed)
    pace = 0.5 + 0.2 * float(torch.rand(1, generator=law))
    phase = 2 * math.pi * torch.rand(rows, 1, generator=generator)
    swing = 0.5 + torch.rand(rows, 1, generator=generator)
    speed = pace * (0.8 + 0.4 * torch.rand(rows, 1, generator=generator))
    wave = swing * torch.sin(phase + speed * torch.arange(STEPS + 1))
    push = torch.randn(rows, STEPS + 1, generator=generator)
    value = wave + 0.15 * push
    unknown = 0.15 * torch.randn(rows, generator=generator)
    return torch.stack([value[:, :-1], push[:, 1:]], 2), 0.1 * (value[:, -1] + unknown)


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Series(net, x.shape[2], outputs), net)


TASK = Task(
    name="lstm_series",
    kind="regression",
    task_type="regression",
    metric="mae",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=20, depth=1, activation="tanh"), "huber", "adam", lr=8e-3, batch=32, epochs=12),
    outputs=1,
    rows=800,
    flat=False,
    faults=menus.NUMBERS,
    healthy=menus.HEALTHY,
)
