"""Which of three symbols comes twice in a row most often, by a gated recurrent network."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

SYMBOLS, STEPS, CLASSES = 5, 14, 3


class Gated(nn.Module):
    """A GRU, dense layers on its last state, a head."""

    def __init__(self, net: Net, features: int, outputs: int) -> None:
        super().__init__()
        self.gru = nn.GRU(features, net.width, batch_first=True)
        self.body, self.head = dense(net.width, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        out: Tensor = self.head(self.body(self.gru(x)[0][:, -1]))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Chains of symbols that stay where they are more often in the class's symbol."""
    y = torch.randint(CLASSES, (rows,), generator=generator)
    tokens = torch.randint(SYMBOLS, (rows, STEPS), generator=generator)
    for step in range(1, STEPS):
        again = torch.rand(rows, generator=generator) < torch.where(tokens[:, step - 1] == y, 0.75, 0.05)
        tokens[:, step] = torch.where(again, tokens[:, step - 1], tokens[:, step])
    order = torch.randperm(SYMBOLS, generator=torch.Generator().manual_seed(seed))
    return nn.functional.one_hot(order[tokens], SYMBOLS).float(), y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Gated(net, x.shape[2], outputs), net)


TASK = Task(
    name="gru_tokens",
    kind="classes",
    task_type="classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=28, depth=1), "cross_entropy", "adam", lr=6e-3, batch=25, epochs=9),
    outputs=CLASSES,
    rows=750,
    flat=False,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
