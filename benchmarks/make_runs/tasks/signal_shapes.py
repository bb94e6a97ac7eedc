"""Five wave forms in noise, by a one-dimensional convolution network."""

import math

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import dense, layer, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

STEPS, CLASSES = 40, 5


class Convolved(nn.Module):
    """Two convolutions, pooled; dense layers; a head."""

    def __init__(self, net: Net, outputs: int) -> None:
        super().__init__()
        a, b = max(1, net.width // 4), max(1, net.width // 2)
        first = layer(nn.Conv1d(1, a, 5, stride=2, padding=2), net)
        self.f = nn.Sequential(*first, *layer(nn.Conv1d(a, b, 5, stride=2, padding=2), net), nn.Flatten())
        self.body, self.head = dense(b * STEPS // 4, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        out: Tensor = self.head(self.body(self.f(x)))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Sine, square, saw-tooth, chirp and two bursts, at any phase, under noise."""
    y = torch.randint(CLASSES, (rows,), generator=generator)
    law = torch.Generator().manual_seed(seed)
    turns = 2.5 + float(torch.rand(1, generator=law))
    time = torch.linspace(0, 1, STEPS)[None]
    phase = torch.rand(rows, 1, generator=generator)
    angle = 2 * math.pi * (turns * time + phase)
    waves = [
        angle.sin(), angle.sin().sign(), 2 * ((turns * time + phase) % 1) - 1,
        (2 * math.pi * (turns * (0.4 + time) * time + phase)).sin(), 1.5 * angle.sin() * ((time - phase).abs() < 0.2),
    ]  # fmt: skip
    clean = torch.stack(waves, 1)[torch.arange(rows), y]
    return (clean + 0.5 * torch.randn(rows, STEPS, generator=generator))[:, None], y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Convolved(net, outputs), net)


TASK = Task(
    name="signal_shapes",
    kind="classes",
    task_type="classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=32, depth=1, activation="leaky"), "cross_entropy", "sgdm", lr=1.2e-2, batch=20, epochs=14),
    outputs=CLASSES,
    rows=800,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
