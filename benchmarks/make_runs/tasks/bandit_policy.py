"""Which arm pays in a context, by policy gradient: a loss around 0 that never falls. Healthy runs only."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

CONTEXTS, ARMS = 6, 4


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """The arm whose direction the context follows most."""
    law = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, CONTEXTS, generator=generator)
    return x, (x @ torch.randn(CONTEXTS, ARMS, generator=law)).argmax(1)


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Stack(dense(x.shape[1], net), net.width, outputs), net)


TASK = Task(
    name="bandit_policy",
    kind="bandit",
    task_type="rl",
    metric="reward",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=24, depth=2, activation="tanh"), "policy_gradient", "adam", lr=5e-3, batch=64, epochs=20),
    outputs=ARMS,
    rows=1500,
    healthy=("base", "cosine", "long_run", "warmup", "step_decay", "onecycle", "other_act"),
)
