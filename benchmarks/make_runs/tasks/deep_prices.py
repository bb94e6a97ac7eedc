"""A smooth function of 14 features in units of tens, by a plain deep network."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

FEATURES = 14


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Sines and products of a few directions, around 20 with a spread near 12."""
    law = torch.Generator().manual_seed(seed)
    directions = torch.randn(FEATURES, 4, generator=law) / FEATURES**0.5
    x = torch.randn(rows, FEATURES, generator=generator)
    a, b, c, d = (x @ directions).T
    y = 20 + 9 * torch.sin(1.5 * a) + 5 * b * c + 6 * d + 2 * torch.randn(rows, generator=generator)
    return x, y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Stack(dense(x.shape[1], net), net.width, outputs), net)


TASK = Task(
    name="deep_prices",
    kind="regression",
    task_type="regression",
    metric="mae",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=48, depth=3), "mse", "rmsprop", lr=4e-3, batch=40, epochs=20),
    outputs=1,
    rows=1500,
    faults=menus.NUMBERS,
    healthy=menus.HEALTHY,
)
