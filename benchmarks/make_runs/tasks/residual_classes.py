"""Seven classes of correlated tabular features, by a residual network with batch norm."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task
from benchmarks.networks import ACTIVATIONS

FEATURES, CLASSES, CENTRES = 20, 7, 2


class Block(nn.Module):
    """x + f(x), or f(x) where the shape has no skips."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.linear, self.skip = nn.Linear(net.width, net.width), net.skip
        self.norm = nn.BatchNorm1d(net.width) if net.norm else nn.Identity()
        self.act, self.drop = ACTIVATIONS[net.activation](), nn.Dropout(net.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        out: Tensor = self.drop(self.act(self.norm(self.linear(x))))
        return x + out if self.skip else out


class Residual(nn.Module):
    """A dense stem, blocks, a head."""

    def __init__(self, net: Net, features: int, outputs: int) -> None:
        super().__init__()
        self.stem, self.act = nn.Linear(features, net.width), ACTIVATIONS[net.activation]()
        self.blocks = nn.Sequential(*(Block(net) for _ in range(net.depth)))
        self.head = nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        out: Tensor = self.head(self.blocks(self.act(self.stem(x))))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Two centres a class in a mixed space, which a line does not part."""
    law = torch.Generator().manual_seed(seed)
    centres = 1.5 * torch.randn(CLASSES, CENTRES, 8, generator=law)
    mixing = torch.randn(8, FEATURES, generator=law) / 8**0.5
    y = torch.randint(CLASSES, (rows,), generator=generator)
    which = torch.randint(CENTRES, (rows,), generator=generator)
    hidden = centres[y, which] + 0.8 * torch.randn(rows, 8, generator=generator)
    return hidden @ mixing + 0.3 * torch.randn(rows, FEATURES, generator=generator), y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Residual(net, x.shape[1], outputs), net)


TASK = Task(
    name="residual_classes",
    kind="classes",
    task_type="classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=40, depth=3), "cross_entropy", "adamw", lr=2e-3, batch=48, epochs=14, weight_decay=1e-2),
    outputs=CLASSES,
    rows=1100,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
