"""Counts with a log-linear rate and one interaction, by a dense network with the Poisson loss."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

FEATURES = 8


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Poisson counts around 6."""
    law = torch.Generator().manual_seed(seed)
    weights = torch.randn(FEATURES, 3, generator=law) / FEATURES**0.5
    x = torch.randn(rows, FEATURES, generator=generator)
    a, b, c = (x @ weights).T
    rate = (1.6 + 0.6 * a + 0.5 * torch.tanh(2 * b) * torch.tanh(c)).clamp(-2, 4).exp()
    return x, torch.poisson(rate, generator=generator)


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Stack(dense(x.shape[1], net), net.width, outputs), net)


TASK = Task(
    name="daily_counts",
    kind="counts",
    task_type="regression",
    metric="mae",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=24, depth=2, activation="gelu"), "poisson", "adam", lr=3e-3, batch=50, epochs=14),
    outputs=1,
    rows=1500,
    faults=menus.NUMBERS,
    healthy=menus.HEALTHY,
)
