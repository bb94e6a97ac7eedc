"""Six labels of which several may hold, by a dense network with plain gradient descent."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import Stack, dense, start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task

FEATURES, LABELS = 16, 6


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Labels that hold above the middle of a bent score."""
    law = torch.Generator().manual_seed(seed)
    straight = torch.randn(FEATURES, LABELS, generator=law) / FEATURES**0.5
    bent = torch.randn(FEATURES, LABELS, generator=law) / FEATURES**0.5
    x = torch.randn(rows, FEATURES, generator=generator)
    score = x @ straight + 0.7 * (x @ bent).abs() - 0.6 + 0.1 * torch.randn(rows, LABELS, generator=generator)
    return x, (score > 0).long()


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Stack(dense(x.shape[1], net), net.width, outputs), net)


TASK = Task(
    name="several_labels",
    kind="multilabel",
    task_type="multilabel_classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(Net(width=40, depth=2), "label_bce_logits", "sgd", lr=0.6, batch=16, epochs=12),
    outputs=LABELS,
    rows=1400,
    faults=menus.LABELS,
    healthy=menus.HEALTHY,
)
