"""One training: the loop, its log and its score on clean rows."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.make_runs import adversarial, recording
from benchmarks.make_runs.losses import LOSSES, SHAPES, Loss
from benchmarks.make_runs.scores import measured, metric, score
from benchmarks.make_runs.setup import Data, Recipe, Rows, Task, Trained
from benchmarks.make_runs.stepping import CLASS_NAMES, EPOCHS_AFTER_NAN, evaluation, free, optimiser, schedule

ROWS = 800
"""Most rows of a log, about."""


@dataclass
class Bench:
    """One training under way: everything the loop holds."""

    task: Task
    recipe: Recipe
    data: Data
    loss: Loss
    model: nn.Module
    watch: recording.Watch
    total: int
    per_epoch: int

    def forward(self, x: Tensor) -> Tensor:
        """Return what the loss is given."""
        return SHAPES[self.loss.shape](self.model(x))

    def value(self, out: Tensor, y: Tensor) -> Tensor:
        """Return the loss of a batch, summed or averaged, broken where the recipe says so."""
        rows = self.loss.rows(out, y)
        value = rows.sum() if self.recipe.total else rows.mean()
        if self.recipe.broken == "log_zero":
            p = torch.sigmoid(out).mul(20).round() / 20
            value = value - 0.01 * (p * p.log()).mean()
        if self.recipe.broken == "sqrt_zero":
            value = value + 0.01 * torch.sqrt((out - out.detach()) ** 2).mean()
        return value


def train(task: Task, recipe: Recipe, data: Data, seed: int, record: bool = True) -> Trained:
    """Train once.

    Args:
        task: the task.
        recipe: how to train.
        data: what to learn from.
        seed: of the weights, the order of rows and the dropout.
        record: whether to write the recorder's lines and the log; the score is the same.

    Returns:
        score, lines and rows.
    """
    if task.kind == "gan":
        return adversarial.train(task, recipe, data, seed)
    began = time.process_time()
    torch.manual_seed(seed)
    bench = _bench(task, recipe, data)
    rows: list[dict[str, Any]] = []
    lines = [_static(bench)]
    nan_step = _loop(bench, rows, lines, record)
    return Trained(_score(bench, nan_step), lines, rows, nan_step, round(time.process_time() - began, 2))


def _bench(task: Task, recipe: Recipe, data: Data) -> Bench:
    """Build the network and find the length."""
    loss = LOSSES[recipe.loss]
    x, _ = data.train
    per_epoch = max(1, len(x) // recipe.batch)
    total = per_epoch * recipe.epochs
    model = task.build(recipe.net, x[: recipe.batch], loss.outputs or task.outputs)
    return Bench(
        task, recipe, data, loss, model, recording.Watch(model, total, task.classes, task.flat), total, per_epoch
    )


def _loop(bench: Bench, rows: list[dict[str, Any]], lines: list[dict[str, Any]], record: bool) -> int | None:
    """Run the steps; return the first whose loss is not a number."""
    optimizer = optimiser(bench.recipe, free(bench.recipe, bench.model))
    rate = schedule(bench.recipe, bench.per_epoch, bench.total)
    stride, pause = math.ceil(bench.total / ROWS), evaluation(bench.per_epoch, bench.total)
    nan_step = None
    for step, (x, y) in enumerate(_batches(bench), 1):
        lr = rate(step - 1)
        row, line = _step(bench, optimizer, step, lr, x, y, record)
        evaluated = record and (step % pause == 0 or step == bench.total)
        if evaluated:
            values = evaluate(bench, bench.data.validation)
            row |= {"val_loss": values["val_loss"], "val_metric": values["val_metric"]}
        if record and (step % stride == 1 % stride or evaluated):
            rows.append(row)
        if line:
            lines.append(line)
        if evaluated:
            lines.append(_evaluation_line(step, bench.per_epoch, values))
        nan_step = nan_step or (None if math.isfinite(row["train_loss"]) else step)
        if nan_step and step > nan_step + EPOCHS_AFTER_NAN * bench.per_epoch:
            break
    return nan_step


def _step(
    bench: Bench, optimizer: torch.optim.Optimizer | None, step: int, lr: float, x: Tensor, y: Tensor, record: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take one step; return the log's row and, at a recorded step, the recorder's line."""
    watch, here = bench.watch, record and step in bench.watch.moments
    bench.model.train()
    with watch.activations(here):
        out = bench.forward(x)
    loss = bench.value(out, y)
    if bench.recipe.reset:
        bench.model.zero_grad()
    loss.backward()
    record_line: dict[str, Any] = {}
    if record:
        watch.batch(y)
        record_line = watch.gradients(step)
    if bench.recipe.clip:
        nn.utils.clip_grad_norm_(bench.model.parameters(), bench.recipe.clip)
    if optimizer:
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.step()
    row = {"step": step, "epoch": (step - 1) / bench.per_epoch, "lr": lr, "train_loss": loss.item()}
    if not record:
        return row, {}
    predicted = bench.loss.predict(out.detach())
    row["train_metric"] = metric(bench.task, predicted, out.detach(), y)
    if not here:
        return row, {}
    whole = {"type": "step", "step": step, "epoch": recording.short(row["epoch"]), "loss": recording.short(loss.item())}
    whole["lr"] = recording.short(lr)
    with torch.no_grad():
        each = bench.loss.rows(out, y)
    return row, watch.step(whole | record_line, out.detach(), y, each, predicted)


def _batches(bench: Bench) -> Iterator[Rows]:
    """Yield the batches of all epochs; a short last one is left out."""
    x, y = bench.data.train
    size = bench.recipe.batch
    for _ in range(bench.recipe.epochs):
        order = torch.randperm(len(x)) if bench.recipe.shuffle else torch.arange(len(x))
        for start in range(0, bench.per_epoch * size, size):
            chosen = order[start : start + size]
            yield x[chosen], y[chosen]


def evaluate(bench: Bench, rows: Rows) -> dict[str, Any]:
    """Measure loss and metric on rows, in evaluation mode."""
    x, y = rows
    bench.model.eval()
    with torch.no_grad():
        out = bench.forward(x)
        each = bench.loss.rows(out, y)
    loss = float(each.mean()) * (bench.recipe.batch if bench.recipe.total else 1)
    predicted = bench.loss.predict(out)
    found: dict[str, Any] = {"val_loss": loss, "val_metric": metric(bench.task, predicted, out, y)}
    classes = bench.task.classes
    if classes:
        counts = recording.histogram(y, classes) or []
        hits = [int(((predicted == y) & (y == label)).sum()) for label in range(classes)]
        if y.ndim == 2:
            hits = [int(count) for count in (predicted * y).sum(0)]
        found |= {
            "val_pred_hist": recording.histogram(predicted, classes),
            "val_label_hist": counts,
            "val_recall": [recording.short(hit / max(count, 1)) for hit, count in zip(hits, counts, strict=True)],
        }
    return found


def _evaluation_line(step: int, per_epoch: int, values: dict[str, Any]) -> dict[str, Any]:
    line = {"type": "eval", "step": step, "epoch": recording.short(step / per_epoch)}
    return line | values | {key: recording.short(values[key]) for key in ("val_loss", "val_metric")}


def _score(bench: Bench, nan_step: int | None) -> float:
    """Score on the clean test rows; a run that ended in NaN counts as worse than useless."""
    if nan_step:
        return -0.2
    x, y = bench.data.test
    bench.model.eval()
    with torch.no_grad():
        out = bench.forward(x)
    if not bool(out.isfinite().all()):
        return -0.2
    return score(bench.task, measured(bench.task, bench.loss.predict(out), out), y)


def _static(bench: Bench) -> dict[str, Any]:
    """Describe the run before its first step."""
    recipe, task = bench.recipe, bench.task
    x, y = bench.data.train
    bench.model.eval()
    with torch.no_grad():
        out = bench.forward(x[: recipe.batch])
    return {
        "type": "static",
        "criterion": bench.loss.criterion,
        "optimizer": CLASS_NAMES[recipe.optimizer],
        "lr": recording.short(recipe.lr),
        "batch_size": recipe.batch,
        "n_train": len(x),
        "steps_per_epoch": bench.per_epoch,
        "reduction": "sum" if recipe.total else "mean",
        "layer_types": [[name, type(part).__name__] for name, part in bench.watch.layers.items()],
        "act_kinds": bench.watch.kinds,
        "n_params": sum(value.numel() for value in bench.model.parameters()),
        "optimizer_params": sum(value.numel() for value in free(bench.recipe, bench.model)),
        "input": recording.inputs(x, task.flat),
        "target": recording.targets(y, recipe.batch, task.classes),
        "out_shape": [recipe.batch, *out.shape[1:]],
        "dropout": recipe.net.dropout,
        "weight_decay": recipe.weight_decay,
    }
