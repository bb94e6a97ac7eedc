"""Tasks drawn at random: rows, labels or numbers, and the network and optimiser that suit them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Draw = np.random.Generator
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """What is to be learned.

    Attributes:
        name: of the task.
        kind: `classification`, `binary_classification`, `multilabel_classification` or `regression`.
        classes: how many, or how many labels; 0 for regression.
        train: inputs and targets.
        valid: inputs and targets.
        test: inputs and targets.
        front: `flat`, `rnn`, `gru`, `lstm`, `attention`, `conv1d` or `conv2d`.
        width: of a layer.
        depth: hidden layers after the front.
        act: activation.
        optimizer: `adam`, `adamw`, `sgd` or `rmsprop`.
        lr: that suits.
        batch: rows a step.
        epochs: over the training rows.
        loss: of a regression: `mse`, `huber`, `l1` or `poisson`.
        norm: `layer`, `batch` or none.
        skip: whether each hidden layer adds to what went in.
    """

    name: str
    kind: str
    classes: int
    train: tuple[Tensor, Tensor]
    valid: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    front: str
    width: int
    depth: int
    act: str
    optimizer: str
    lr: float
    batch: int
    epochs: int
    loss: str = ""
    norm: str = ""
    skip: bool = False


def draw_task(seed: int) -> Task:
    """Draw a task; the same seed gives the same."""
    draw = np.random.default_rng(seed)
    what = str(draw.choice(list(KINDS), p=[share for share, _ in KINDS.values()]))
    kind = {"counts": "regression", "columns": "regression"}.get(what, what)
    classes = {"classification": int(draw.integers(3, 13)), "binary_classification": 2,
               "multilabel_classification": int(draw.integers(3, 9))}.get(kind, 0)  # fmt: skip
    source = str(draw.choice(KINDS[what][1]))
    count = int(draw.integers(400, 1400))
    x, score = SOURCES[source](draw, count + 700, max(classes, 1))
    y = TARGETS[what](draw, score, classes)
    if x.ndim == 2 and what != "columns" and draw.random() < 0.3:
        x = _long_tailed(draw, x)
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    seen = torch.tensor(draw.poisson(y).astype(np.float32)) if what == "counts" else targets  # the test keeps the mean
    parts = [
        (inputs[a:b], kept[a:b])
        for a, b, kept in ((0, count, seen), (count, count + 300, seen), (count + 300, count + 700, targets))
    ]  # fmt: skip
    optimizer = str(draw.choice(["adam", "adam", "sgd", "sgd", "adamw", "rmsprop"]))
    base = -1.7 if optimizer == "sgd" else -2.5
    batch = int(draw.choice([16, 32, 32, 32, 64]))
    epochs = int(np.clip(draw.integers(180, 480) * batch / count, 6, 30))
    front = str(draw.choice(FRONTS[source]))
    loss = {"counts": "poisson", "columns": "mse"}.get(what, str(draw.choice(["mse", "mse", "mse", "huber", "l1"])))
    return Task(
        f"{source}_{seed}", kind, classes, parts[0], parts[1], parts[2],
        front, int(draw.choice([16, 24, 32, 48, 64])), int(draw.choice([0, 1, 1, 2, 2, 3, 3])),
        str(draw.choice(["relu", "relu", "relu", "tanh", "gelu", "leaky", "elu"])), optimizer,
        float(10 ** (base + draw.uniform(-0.25, 0.35))), batch, epochs, "" if classes else loss,
        str(draw.choice(["", "", "", "layer", "batch"])) if front == "flat" else "",
        bool(front == "flat" and draw.random() < 0.25),
    )  # fmt: skip


def _long_tailed(draw: Draw, x: Rows) -> Rows:
    """Give some features the long tail of amounts, and every feature unit spread."""
    long = draw.random(x.shape[1]) < 0.5
    x = np.where(long, np.exp(draw.uniform(0.5, 1.3) * (x - x.mean(0)) / x.std(0)), x)
    return (x - x.mean(0)) / x.std(0)


def _bits(draw: Draw, score: Rows, classes: int) -> npt.NDArray[np.int64]:
    """Say of each column whether it is high: several labels a row."""
    kept = score[:, :classes]
    return (kept > np.quantile(kept, draw.uniform(0.35, 0.75, classes), axis=0).diagonal()).astype(np.int64)


def _counts(draw: Draw, score: Rows, _: int) -> npt.NDArray[np.float32]:
    """Return mean counts, whose logarithm the first column drives."""
    z = (score[:, 0] - score[:, 0].mean()) / score[:, 0].std()
    return np.exp(draw.uniform(0.3, 2.2) + draw.uniform(0.5, 0.9) * np.clip(z, -3, 2.5)).astype(np.float32)


def _columns(draw: Draw, score: Rows, _: int) -> npt.NDArray[np.float32]:
    """Return several numbers a row, of unit spread."""
    return ((score - score.mean(0)) / score.std(0)).astype(np.float32)


def _labels(draw: Draw, score: Rows, classes: int) -> npt.NDArray[np.int64]:
    """Cut scores into classes of nearly equal size, or of their own natural sizes; several columns vote."""
    uneven = draw.random() < 0.2
    shares = np.maximum(draw.dirichlet(np.full(classes, 1.5)), 0.04) if uneven else np.ones(classes)
    shares = shares / shares.sum()
    if score.shape[1] == classes and classes > 1:
        votes = (score - score.mean(0)) / score.std(0) + (0.8 * np.log(shares * classes) if uneven else 0.0)
        return np.argmax(votes, 1).astype(np.int64)
    return np.searchsorted(np.quantile(score[:, 0], np.cumsum(shares)[:-1]), score[:, 0]).astype(np.int64)


def _numbers(draw: Draw, score: Rows, _: int) -> npt.NDArray[np.float32]:
    """Return targets with a little noise, mostly of unit spread."""
    y = score[:, 0]
    if draw.random() < 0.3:
        y = np.exp(0.6 * (y - y.mean()) / y.std())
    y = (y - y.mean()) / y.std()
    y = y + draw.choice([0.0, 0.1, 0.3]) * draw.standard_normal(len(y))
    scale = 10 ** draw.uniform(-0.5, 0.7) if draw.random() < 0.3 else 1.0
    return (scale * y).astype(np.float32)


def _teacher(draw: Draw, count: int, outputs: int) -> tuple[Rows, Rows]:
    """Inputs through a random network of one hidden layer."""
    features = int(draw.integers(4, 24))
    x = draw.standard_normal((count, features))
    hidden = np.tanh(x @ draw.standard_normal((features, 12)) * draw.uniform(0.5, 1.5) / np.sqrt(features))
    return x, hidden @ draw.standard_normal((12, outputs)) + 0.2 * x @ draw.standard_normal((features, outputs))


def _blobs(draw: Draw, count: int, outputs: int) -> tuple[Rows, Rows]:
    """Rows around centres; the score is nearness to each."""
    features, many = int(draw.integers(3, 16)), max(outputs, 4)
    centres = draw.uniform(0.9, 2.2) * draw.standard_normal((many, features))
    which = draw.integers(many, size=count)
    x = centres[which] + draw.standard_normal((count, features))
    near = -((x[:, None] - centres[None]) ** 2).sum(-1)
    return x / x.std(), near if outputs > 1 else (draw.standard_normal(many)[which] + 0.3 * x[:, 0])[:, None]


def _surface(draw: Draw, count: int, _: int) -> tuple[Rows, Rows]:
    """A smooth surface of few features, with products and a wave."""
    features = int(draw.integers(2, 8))
    x = draw.standard_normal((count, features))
    wave = np.sin(draw.uniform(1, 2.5) * x[:, 0])
    return x, (wave + 0.6 * x[:, -1] ** 2 + 0.5 * x[:, 0] * x[:, 1])[:, None]


def _latent(draw: Draw, count: int, _: int) -> tuple[Rows, Rows]:
    """Rows of few hidden numbers; the rows themselves are asked for."""
    hidden, features = int(draw.integers(2, 5)), int(draw.integers(8, 20))
    z = draw.standard_normal((count, hidden))
    x = np.tanh(z @ draw.standard_normal((hidden, features))) + 0.1 * draw.standard_normal((count, features))
    return (x - x.mean(0)) / x.std(0), x


def _waves(draw: Draw, count: int, _: int) -> tuple[Rows, Rows]:
    """Sequences of a wave whose frequency is asked for."""
    length, pitch = int(draw.integers(14, 28)), draw.uniform(0.5, 3.0, count)
    time = np.linspace(0, 2 * np.pi, length)
    phase = draw.uniform(0, 1.5, count)
    x = np.sin(pitch[:, None] * time + phase[:, None]) + draw.uniform(0.05, 0.3) * draw.standard_normal((count, length))
    return x[:, :, None], pitch[:, None]


def _tokens(draw: Draw, count: int, outputs: int) -> tuple[Rows, Rows]:
    """Sequences of symbols, one-hot; which is frequent, or a weighted count."""
    symbols, length = max(outputs, int(draw.integers(4, 8))), int(draw.integers(8, 16))
    tilt = draw.dirichlet(np.full(symbols, 0.7), count)
    kept = np.array([draw.choice(symbols, length, p=row) for row in tilt])
    x = np.eye(symbols)[kept]
    counts = x.sum(1) + 0.01 * draw.standard_normal((count, symbols))
    return x, counts[:, :outputs] if outputs > 1 else counts @ draw.standard_normal((symbols, 1))


def _pictures(draw: Draw, count: int, outputs: int) -> tuple[Rows, Rows]:
    """Small grey pictures in 0 to 1 of a bar; its angle, or a blot's place, is asked for."""
    side = 8
    ys, xs = np.mgrid[0:side, 0:side] - (side - 1) / 2
    angle = draw.uniform(0, np.pi * 0.95, count)
    middle = draw.uniform(-1, 1, (count, 2))
    away = np.abs(
        (xs - middle[:, :1, None]) * np.sin(angle)[:, None, None]
        - (ys - middle[:, 1:, None]) * np.cos(angle)[:, None, None]
    )
    x = np.clip(np.exp(-(away**2)) + draw.uniform(0.05, 0.25) * draw.standard_normal((count, side, side)), 0, 1)
    return x[:, None], angle[:, None]


SOURCES: dict[str, Callable[[Draw, int, int], tuple[Rows, Rows]]] = {
    "teacher": _teacher, "blobs": _blobs, "surface": _surface, "waves": _waves, "tokens": _tokens,
    "pictures": _pictures, "latent": _latent,
}  # fmt: skip
FRONTS = {"teacher": ["flat"], "blobs": ["flat"], "surface": ["flat"], "waves": ["conv1d", "gru", "attention", "flat"],
          "tokens": ["rnn", "gru", "lstm", "attention", "flat"], "pictures": ["conv2d", "conv2d", "flat"],
          "latent": ["flat"]}  # fmt: skip
ALL = ["teacher", "blobs", "surface", "waves", "tokens", "pictures"]
KINDS: dict[str, tuple[float, list[str]]] = {
    "classification": (0.35, ALL), "binary_classification": (0.15, ALL), "regression": (0.22, ALL),
    "counts": (0.1, ["teacher", "surface", "waves", "tokens"]),
    "multilabel_classification": (0.1, ["teacher", "blobs", "tokens"]), "columns": (0.08, ["latent"]),
}  # fmt: skip
"""How often each kind of target is drawn, and what can show it."""
TARGETS: dict[str, Callable[[Draw, Rows, int], npt.NDArray[Any]]] = {
    "classification": _labels, "binary_classification": _labels,
    "regression": _numbers, "counts": _counts, "multilabel_classification": _bits, "columns": _columns,
}  # fmt: skip
