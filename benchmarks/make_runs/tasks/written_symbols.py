"""Symbols read off a strip of frames, by CTC: a plateau of blanks before anything is learned. Healthy runs only."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs.blocks import dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

SYMBOLS, LENGTH, FRAMES, BANDS = 4, 3, 12, 6


class Strips(nn.Module):
    """Dense layers and a head on every frame."""

    def __init__(self, net: Net, features: int, outputs: int) -> None:
        super().__init__()
        self.body, self.head = dense(features, net), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of blank and symbols by frame."""
        out: Tensor = self.head(self.body(x))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Three symbols, each in two frames of its own pattern, silence between."""
    law = torch.Generator().manual_seed(seed)
    patterns = 1.2 * torch.randn(SYMBOLS, BANDS, generator=law)
    y = torch.randint(SYMBOLS, (rows, LENGTH), generator=generator)
    x = 0.5 * torch.randn(rows, FRAMES, BANDS, generator=generator)
    for place in range(LENGTH):
        late = torch.randint(2, (rows,), generator=generator)
        for frame in (0, 1):
            x[torch.arange(rows), 4 * place + late + frame] += patterns[y[:, place]]
    return x, y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Strips(net, x.shape[2], outputs), net)


TASK = Task(
    name="written_symbols",
    kind="ctc",
    task_type="sequence",
    metric="token_error",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=24, depth=1), "ctc", "adam", lr=5e-3, batch=32, epochs=14),
    outputs=SYMBOLS + 1,
    rows=700,
    flat=False,
    healthy=("base", "cosine", "small_batch_low_lr", "long_run", "warmup", "step_decay", "slow_start"),
)
