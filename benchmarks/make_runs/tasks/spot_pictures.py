"""Pictures of soft spots through a narrow layer and back: an autoencoder."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

SIDE, CODE = 8, 5


class Narrow(nn.Module):
    """Dense layers to a code, dense layers back, a head of pixels before their sigmoid."""

    def __init__(self, net: Net, outputs: int) -> None:
        super().__init__()
        self.down, self.code = dense(outputs, net), nn.Linear(net.width, CODE)
        self.up, self.head = dense(CODE, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the pixels' logits."""
        out: Tensor = self.head(self.up(self.code(self.down(x))))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """One spot of some place, width and brightness."""
    x, y = torch.rand(2, rows, 1, 1, generator=generator) * (SIDE - 3) + 1
    width = 0.9 + torch.rand(rows, 1, 1, generator=generator)
    grid = torch.arange(SIDE).float()
    distance = (grid[None, :, None] - y) ** 2 + (grid[None, None, :] - x) ** 2
    light = 0.6 + 0.4 * torch.rand(rows, 1, 1, generator=generator)
    picture = light * torch.exp(-distance / (2 * width**2)) + 0.02 * torch.rand(rows, SIDE, SIDE, generator=generator)
    return (pixels := picture.clamp(0, 1).flatten(1)), pixels


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Narrow(net, outputs), net)


TASK = Task(
    name="spot_pictures",
    kind="pixels",
    task_type="regression",
    metric="mse",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=40, depth=1), "pixel_bce", "adam", lr=6e-3, batch=32, epochs=20),
    outputs=SIDE * SIDE,
    rows=900,
    faults=menus.PIXELS,
    healthy=tuple(name for name in menus.HEALTHY if name not in ("loose_scale", "intrinsic_noise")),
)
