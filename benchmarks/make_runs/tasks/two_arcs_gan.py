"""Points on two arcs, made by a generator against a discriminator: losses that do not fall."""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

NOISE, POINT = 4, 2


class Generator(Stack):
    """Points from noise."""

    noise = NOISE


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Two half circles, one upside down, in a little noise; targets are not used."""
    law = torch.Generator().manual_seed(seed)
    angle = math.pi * torch.rand(rows, generator=generator)
    under = (torch.rand(rows, generator=generator) < 0.5).float()
    x, y = angle.cos() + under, (1 - 2 * under) * angle.sin() + 0.4 * under
    points = torch.stack([x, y], 1) + 0.06 * torch.randn(rows, 2, generator=generator)
    return 1.3 * points + torch.randn(2, generator=law), torch.zeros(rows)


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return generator and discriminator."""
    critic = replace(net, activation="leaky")
    maker = start(Generator(dense(NOISE, net), net.width, POINT), net)
    return nn.ModuleList([maker, start(Stack(dense(POINT, critic), net.width, 1), critic)])


TASK = Task(
    name="two_arcs_gan",
    kind="gan",
    task_type="gan",
    metric="mmd",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=40, depth=2), "mse", "adam", lr=3e-3, batch=50, epochs=18),
    outputs=POINT,
    rows=2000,
    faults=("lr_too_high", "no_zero_grad", "frozen_params", "lr_too_low"),
    healthy=("base", "cosine", "long_run", "warmup", "step_decay", "other_act"),
)
