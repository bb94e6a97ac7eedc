"""A binary target, one row in seven positive, by a dense tanh network."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

FEATURES, SHARE = 9, 0.15


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Positive outside a tilted ellipse or in one corner of it."""
    law = torch.Generator().manual_seed(seed)
    mixing = torch.randn(FEATURES, 3, generator=law) / FEATURES**0.5
    x = torch.randn(rows, FEATURES, generator=generator)
    a, b, c = (x @ mixing).T
    level = a * a + 0.8 * b * b + 0.9 * c + 0.15 * torch.randn(rows, generator=generator)
    return x, (level > torch.quantile(level, 1 - SHARE)).long()


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Stack(dense(x.shape[1], net), net.width, outputs), net)


TASK = Task(
    name="rare_events",
    kind="binary",
    task_type="binary_classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=28, depth=2, activation="tanh"), "bce_logits", "adam", lr=1e-2, batch=64, epochs=15),
    outputs=1,
    rows=1600,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
