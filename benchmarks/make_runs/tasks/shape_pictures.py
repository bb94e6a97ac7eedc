"""Six drawn shapes in noise, by a small convolution network with batch norm."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import dense, layer, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

SIDE, CLASSES = 11, 6


class Pictures(nn.Module):
    """Two convolutions with batch norm, the mean over places, dense layers, a head."""

    def __init__(self, net: Net, outputs: int) -> None:
        super().__init__()
        a, b = max(1, net.width // 3), max(1, 2 * net.width // 3)
        first = layer(nn.Conv2d(1, a, 3, padding=1), net, nn.BatchNorm2d(a))
        second = layer(nn.Conv2d(a, b, 3, stride=2, padding=1), net, nn.BatchNorm2d(b))
        self.f = nn.Sequential(*first, nn.MaxPool2d(2), *second, nn.Flatten())
        self.body, self.head = dense(9 * b, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        out: Tensor = self.head(self.body(self.f(x)))
        return out


def _masks() -> Tensor:
    """Return the shapes: disc, ring, cross, slanted cross, two bars, a frame."""
    grid = torch.arange(7) - 3.0
    y, x = torch.meshgrid(grid, grid, indexing="ij")
    radius = (x**2 + y**2).sqrt()
    return torch.stack([
        radius < 2.6, (radius < 3.4) & (radius > 1.8), (x.abs() < 1) | (y.abs() < 1), (x.abs() - y.abs()).abs() < 0.9,
        x.abs().round() == 2, torch.maximum(x.abs(), y.abs()) == 3,
    ]).float()  # fmt: skip


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """A shape at any place on a noisy ground."""
    law = torch.Generator().manual_seed(seed)
    noise = 0.35 + 0.1 * float(torch.rand(1, generator=law))
    y = torch.randint(CLASSES, (rows,), generator=generator)
    pictures = noise * torch.randn(rows, 1, SIDE, SIDE, generator=generator)
    places = torch.randint(SIDE - 6, (rows, 2), generator=generator).tolist()
    for row, (shape, (top, left)) in enumerate(zip(_masks()[y], places, strict=True)):
        pictures[row, 0, top : top + 7, left : left + 7] += shape
    return pictures, y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Pictures(net, outputs), net)


TASK = Task(
    name="shape_pictures",
    kind="classes",
    task_type="classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=24, depth=1), "cross_entropy", "sgdm", lr=1.5e-2, batch=40, epochs=10),
    outputs=CLASSES,
    rows=1000,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
