"""Healthy runs, hard on purpose: what looks odd and does no harm."""

from dataclasses import replace

import torch

from benchmarks.make_runs.faults.case import Change, net, recipe
from benchmarks.make_runs.faults.data import noisy, unbalanced
from benchmarks.make_runs.setup import Data, Recipe, Task


def both(*changes: Change) -> Change:
    """Apply changes one after another."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        for one in changes:
            data, old = one(task, data, old, generator)
        return data, old

    return change


def _loose(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Features of means and spreads a little off 0 and 1."""
    width = data.train[0].shape[-1]
    scale = 0.8 + 0.4 * torch.rand(width, generator=generator)
    shift = 0.4 * torch.rand(width, generator=generator) - 0.4
    return data.inputs(lambda x: x * scale + shift), old


def _summed(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """A summed loss; plain gradient descent needs a rate for it."""
    lr = old.lr / old.batch if old.optimizer.startswith("sgd") else old.lr
    return data, replace(old, total=True, lr=lr)


def _tiny(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Batches of two rows with a rate to match."""
    return data, replace(old, batch=2, lr=old.lr / 10, epochs=max(4, old.epochs // 2))


def _somewhat_unbalanced(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """The largest class has about twice its share."""
    share = 0.7 if task.kind == "binary" else min(0.5, 2.0 / (task.classes or 2))
    return unbalanced(share)(task, data, old, generator)


def _large(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """Few large batches an epoch, more epochs."""
    size = min(512, len(data.train[0]) // 3)
    return data, replace(old, batch=size, lr=2 * old.lr, epochs=3 * old.epochs)


def _other(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
    """The activation that the task does not use."""
    return net(activation="gelu" if old.net.activation != "gelu" else "tanh")(task, data, old, generator)


HEALTHY: dict[str, Change] = {
    "base": recipe(),
    "cosine": recipe(schedule="cosine"),
    "dropout": both(net(dropout=0.15), recipe(epochs=lambda epochs: epochs + epochs // 3)),
    "small_batch_low_lr": recipe(batch=8, lr=lambda lr: lr / 4),
    "intrinsic_noise": noisy(0.08),
    "long_run": recipe(epochs=lambda epochs: 2 * epochs, schedule="cosine", weight_decay=1e-4),
    "mild_imbalance": _somewhat_unbalanced,
    "loose_scale": _loose,
    "sum_reduction": _summed,
    "warmup": recipe(schedule="warmup"),
    "other_act": _other,
    "step_decay": recipe(schedule="step"),
    "tiny_batch_tiny_lr": _tiny,
    "deep_ok": net(depth=lambda depth: depth + 2),
    "sigmoid_ok": both(net(activation="sigmoid"), recipe(lr=lambda lr: 1.5 * lr, epochs=lambda epochs: 2 * epochs)),
    "onecycle": recipe(schedule="onecycle", lr=lambda lr: 1.5 * lr),
    "big_batch": _large,
    "slow_start": both(net(gain=0.4), recipe(schedule="warmup", epochs=lambda epochs: epochs + epochs // 2)),
    "small_weights": net(gain=0.5),
}
"""By the variant's name in truth.json, numbered in this order."""
