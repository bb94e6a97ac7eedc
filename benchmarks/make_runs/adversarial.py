"""Training a generator against a discriminator: the loop of tasks of kind `gan`."""

import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from benchmarks.make_runs import recording
from benchmarks.make_runs.setup import Data, Recipe, Task, Trained
from benchmarks.make_runs.stepping import CLASS_NAMES, EPOCHS_AFTER_NAN, free, optimiser, schedule

FLOOR = -0.5


def discrepancy(made: Tensor, real: Tensor) -> float:
    """Return the maximum mean discrepancy of two samples with Gaussian kernels of three widths."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        squared = torch.cdist(a, b) ** 2
        return sum((torch.exp(-squared / (2 * width**2)) for width in (0.2, 0.5, 1.0)), torch.zeros_like(squared))

    found = kernel(made, made).mean() + kernel(real, real).mean() - 2 * kernel(made, real).mean()
    return math.sqrt(max(0.0, float(found)))


def train(task: Task, recipe: Recipe, data: Data, seed: int) -> Trained:
    """Train a generator and a discriminator by turns; the result is that of `training.train`."""
    began = time.process_time()
    torch.manual_seed(seed)
    real = data.train[0]
    pair = task.build(recipe.net, real, task.outputs)
    per_epoch = len(real) // recipe.batch
    total = per_epoch * recipe.epochs
    watch = recording.Watch(pair, total, None, task.flat)
    rate = schedule(recipe, per_epoch, total)
    parts = list(pair.children())
    optimisers = [optimiser(recipe, free(recipe, part)) for part in parts]
    rows: list[dict[str, Any]] = []
    lines = [_static(recipe, real, pair, watch)]
    nan_step = None
    for step, x in enumerate(_batches(real, recipe), 1):
        row, line = _step(recipe, pair, watch, optimisers, step, rate(step - 1), x)
        row |= {"step": step, "epoch": (step - 1) / per_epoch}
        lines += [_line(row, line)] if line else []
        if step % per_epoch == 0:
            row["val_metric"] = _measure(pair, data.validation[0])
            value = recording.short(row["val_metric"])
            lines.append(
                {"type": "eval", "step": step, "epoch": step // per_epoch, "val_loss": None, "val_metric": value}
            )
        rows.append(row)
        nan_step = nan_step or (None if math.isfinite(row["train_loss"]) else step)
        if nan_step and step > nan_step + EPOCHS_AFTER_NAN * per_epoch:
            break
    return Trained(_score(pair, data.test[0], nan_step), lines, rows, nan_step, round(time.process_time() - began, 2))


def _batches(real: Tensor, recipe: Recipe) -> Iterator[Tensor]:
    """Yield the batches of all epochs."""
    for _ in range(recipe.epochs):
        order = torch.randperm(len(real))
        for start in range(0, len(real) - recipe.batch + 1, recipe.batch):
            yield real[order[start : start + recipe.batch]]


def _measure(pair: nn.Module, real: Tensor) -> float:
    """Return how far made rows are from real ones."""
    generator: Any = next(pair.children())
    with torch.no_grad():
        made = generator(torch.randn(len(real), generator.noise))
    return discrepancy(made, real) if bool(made.isfinite().all()) else math.nan


def _score(pair: nn.Module, real: Tensor, nan_step: int | None) -> float:
    """Return 0 for the mean point, 1 for no difference."""
    found = _measure(pair, real)
    return -0.2 if nan_step or math.isnan(found) else max(FLOOR, 1 - found / discrepancy(real.mean(0)[None], real))


def _line(row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Return the recorder's line of a step: no targets, no labels."""
    loss, d_loss = recording.short(row["train_loss"]), recording.short(row["d_loss"])
    first = {
        "type": "step",
        "step": row["step"],
        "epoch": recording.short(row["epoch"]),
        "loss": loss,
        "d_loss": d_loss,
    }
    out = {key: value for key, value in record["out"].items() if not key.startswith("row_sum")}
    kept = {key: record[key] for key in ("grad_norm", "grad_cos_prev", "layers", "acts")}
    return first | {"lr": recording.short(row["lr"])} | kept | {"out": out, "param_finite": record["param_finite"]}


def _static(recipe: Recipe, real: Tensor, pair: nn.Module, watch: recording.Watch) -> dict[str, Any]:
    """Describe the run; the network described is the generator."""
    generator = next(pair.children())
    parts = {name.removeprefix("0."): part for name, part in watch.layers.items() if name.startswith("0.")}
    count = sum(value.numel() for value in generator.parameters())
    return {
        "type": "static", "criterion": "BCEWithLogitsLoss", "optimizer": CLASS_NAMES[recipe.optimizer],
        "lr": recording.short(recipe.lr), "batch_size": recipe.batch, "n_train": len(real),
        "steps_per_epoch": len(real) // recipe.batch, "reduction": "mean",
        "layer_types": [[name, type(part).__name__] for name, part in parts.items()],
        "act_kinds": recording.kinds(generator), "n_params": count,
        "optimizer_params": sum(value.numel() for value in free(recipe, generator)),
        "input": recording.inputs(real, True), "target": None, "out_shape": [recipe.batch, 1],
    }  # fmt: skip


def _step(
    recipe: Recipe, pair: Any, watch: recording.Watch, optimisers: list[Any], step: int, lr: float, real: Tensor
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Improve the discriminator, then the generator: the non-saturating loss."""
    generator, discriminator = pair
    for one in optimisers:
        for group in one.param_groups if one else ():
            group["lr"] = lr
    if recipe.reset:
        pair.zero_grad()
    noise = torch.randn(len(real), generator.noise)
    made = generator(noise)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(made.detach())).mean()
    d_loss.backward()
    kept = [None if value.grad is None else value.grad.clone() for value in discriminator.parameters()]
    if optimisers[1]:
        optimisers[1].step()
    with watch.activations(step in watch.moments):
        made = generator(noise)
        loss = softplus(-discriminator(made)).mean()
    loss.backward()
    for value, gradient in zip(discriminator.parameters(), kept, strict=True):
        value.grad = gradient
    line = watch.gradients(step)
    if optimisers[0]:
        optimisers[0].step()
    row = {"lr": lr, "train_loss": loss.item(), "d_loss": d_loss.item()}
    if step not in watch.moments:
        return row, {}
    return row, watch.step(line, made.detach(), torch.zeros(1), torch.zeros(1), None)
