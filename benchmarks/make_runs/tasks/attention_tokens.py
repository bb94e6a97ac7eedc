"""Which of four symbols follows the marker, by a small transformer encoder."""

import torch
from torch import Tensor, nn

from benchmarks.make_runs import menus
from benchmarks.make_runs.blocks import start
from benchmarks.make_runs.setup import Net, Recipe, Rows, Task
from benchmarks.networks import ACTIVATIONS

SYMBOLS, STEPS, CLASSES = 7, 12, 4


class Encoder(nn.Module):
    """One head of attention and a feed-forward part, each before a sum and after a norm."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        width = net.width
        self.keys, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.first = nn.LayerNorm(width) if net.norm else nn.Identity()
        self.second = nn.LayerNorm(width) if net.norm else nn.Identity()
        self.up, self.act = nn.Linear(width, 2 * width), ACTIVATIONS[net.activation]()
        self.drop, self.down, self.skip = nn.Dropout(net.dropout), nn.Linear(2 * width, width), net.skip

    def forward(self, x: Tensor) -> Tensor:
        """Return the encoded tokens."""
        query, key, value = self.keys(self.first(x)).chunk(3, -1)
        seen = (query @ key.transpose(1, 2) / query.shape[-1] ** 0.5).softmax(-1) @ value
        x = self.skip * x + self.mix(seen)
        out: Tensor = self.skip * x + self.down(self.drop(self.act(self.up(self.second(x)))))
        return out


class Tokens(nn.Module):
    """An embedding with learned places, encoders, the mean, a head."""

    def __init__(self, net: Net, features: int, steps: int, outputs: int) -> None:
        super().__init__()
        self.embed, self.place = nn.Linear(features, net.width), nn.Parameter(0.3 * torch.randn(steps, net.width))
        self.body, self.head = nn.Sequential(*(Encoder(net) for _ in range(net.depth))), nn.Linear(net.width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        out: Tensor = self.head(self.body(self.embed(x) + self.place).mean(1))
        return out


def draw(seed: int, generator: torch.Generator, rows: int) -> Rows:
    """Random symbols, the marker once, and after it the symbol of the class."""
    y = torch.randint(CLASSES, (rows,), generator=generator)
    tokens = torch.randint(SYMBOLS - 1, (rows, STEPS), generator=generator)
    place = torch.randint(STEPS - 1, (rows,), generator=generator)
    tokens[torch.arange(rows), place] = SYMBOLS - 1
    tokens[torch.arange(rows), place + 1] = y
    for _ in range(2):
        extra = torch.randint(STEPS, (rows,), generator=generator)
        free = (extra != place) & (extra != place + 1)
        tokens[free, extra[free]] = y[free]
    order = torch.randperm(SYMBOLS, generator=torch.Generator().manual_seed(seed))
    return nn.functional.one_hot(order[tokens], SYMBOLS).float(), y


def build(net: Net, x: Tensor, outputs: int) -> nn.Module:
    """Return the network of a shape."""
    return start(Tokens(net, x.shape[2], x.shape[1], outputs), net)


TASK = Task(
    name="attention_tokens",
    kind="classes",
    task_type="classification",
    metric="accuracy",
    draw=draw,
    build=build,
    recipe=Recipe(
        Net(width=24, depth=2),
        "cross_entropy",
        "adamw",
        lr=8e-3,
        batch=60,
        epochs=14,
        schedule="warmup",
        weight_decay=1e-3,
    ),
    outputs=CLASSES,
    rows=1200,
    flat=False,
    faults=menus.CLASSES,
    healthy=menus.HEALTHY_CLASSES,
)
