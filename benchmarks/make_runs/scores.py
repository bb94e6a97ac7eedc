"""The metric in the log, and the score on clean test rows by which a fault is said to hurt."""

import torch
from torch import Tensor

from benchmarks.make_runs.setup import Task

FLOOR = -0.5


def decoded(out: Tensor) -> Tensor:
    """Return the symbols of the best path of (rows, steps, symbols), padded with -1."""
    best = out.argmax(2)
    rows = []
    for path in best.tolist():
        kept = [symbol for place, symbol in enumerate(path) if symbol and (place == 0 or symbol != path[place - 1])]
        rows.append(kept)
    width = max(1, *(len(row) for row in rows))
    return torch.tensor([[symbol - 1 for symbol in row] + [-1] * (width - len(row)) for row in rows])


def measured(task: Task, predicted: Tensor, out: Tensor) -> Tensor:
    """Return what the score compares with the target."""
    return decoded(out) if task.kind == "ctc" else predicted


def metric(task: Task, predicted: Tensor, out: Tensor, y: Tensor) -> float:
    """Return the metric of a batch, under its name in meta.json."""
    if task.kind == "ctc":
        return 1 - _agreement(decoded(out), y)
    if task.kind in ("regression", "counts"):
        return float((predicted - y).abs().mean())
    if task.kind == "pixels":
        return float(((predicted - y) ** 2).mean())
    return float((predicted == y).float().mean())


def score(task: Task, predicted: Tensor, y: Tensor) -> float:
    """Return 0 for what needs no input, 1 for perfect, not below -0.5."""
    if task.kind == "ctc":
        found = _agreement(predicted, y)
    elif task.kind in ("regression", "counts", "pixels"):
        centre = y.mean(0)
        found = 1 - float(((predicted - y) ** 2).mean() / ((centre - y) ** 2).mean())
    elif task.kind == "multilabel":
        found = sum(_balanced(predicted[:, label], y[:, label], 2) for label in range(y.shape[1])) / y.shape[1]
    else:
        found = _balanced(predicted, y, task.classes or task.outputs)
    return max(FLOOR, found)


def _balanced(predicted: Tensor, y: Tensor, classes: int) -> float:
    """Return balanced accuracy, 0 at chance."""
    recalls = [float((predicted[y == label] == label).float().mean()) for label in range(classes) if (y == label).any()]
    chance = 1 / classes
    return (sum(recalls) / len(recalls) - chance) / (1 - chance)


def _agreement(symbols: Tensor, y: Tensor) -> float:
    """Return the share of places with the right symbol."""
    width = y.shape[1]
    padded = torch.nn.functional.pad(symbols, (0, max(0, width - symbols.shape[1])), value=-1)[:, :width]
    return float((padded == y).float().mean())
