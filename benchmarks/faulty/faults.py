"""One fault a run: what it changes in the data, the network, the loss or the loop."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.faulty.networks import Shape
from benchmarks.faulty.tasks import Draw, Task

HEALTHY = (
    "base", "cosine", "dropout", "small_batch", "intrinsic_noise", "long_run", "mild_imbalance", "loose_scale",
    "sum_reduction",
    "warmup", "other_act", "step_decay", "tiny_batch", "deep", "sigmoid", "clipped", "normed", "smoothed",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A training, ready to run.

    Attributes:
        task: data and settings.
        shape: of the network.
        criterion: the loss.
        lr: learning rate.
        schedule: share of the rate at a share of the run.
        decay: weight decay.
        shuffle: whether rows come in random order.
        zero_grad: whether gradients are reset.
        trained: `all`, `none`, `head` or `head_bias`.
        present: from network outputs to what the loss gets.
        encode: from targets to what the loss gets.
        decide: from what the loss gets to predicted classes.
        value: from what the loss gets to predicted numbers.
        spoil: `input_nan`, `log_zero`, `sqrt_zero`, or nothing.
        clip: largest gradient norm.
    """

    task: Task
    shape: Shape
    criterion: nn.Module
    lr: float
    schedule: Callable[[float], float] = lambda _: 1.0
    decay: float = 0.0
    shuffle: bool = True
    zero_grad: bool = True
    trained: str = "all"
    present: Callable[[Tensor], Tensor] = lambda out: out
    encode: Callable[[Tensor], Tensor] = lambda y: y
    decide: Callable[[Tensor], Tensor] | None = None
    value: Callable[[Tensor], Tensor] = lambda out: out
    spoil: str = ""
    clip: float = 0.0


class Hinge(nn.Module):
    """Mean of 1 - y f where that is positive: for labels -1 and 1."""

    def forward(self, out: Tensor, y: Tensor) -> Tensor:
        """Return the mean."""
        return (1 - y * out).clamp_min(0).mean()


class ClampedBCE(nn.BCELoss):
    """Binary cross-entropy whose input is forced into 0 to 1, as is done to silence its error."""

    def forward(self, out: Tensor, y: Tensor) -> Tensor:
        """Return the mean."""
        return super().forward(out.clamp(1e-7, 1 - 1e-7), y)


class OneOfSeveral(nn.CrossEntropyLoss):
    """Cross-entropy over several labels, as though one of them could be right."""

    def forward(self, out: Tensor, y: Tensor) -> Tensor:
        """Return the mean."""
        return super().forward(out, y / y.sum(1, keepdim=True).clamp_min(1))


REGRESSION: dict[str, type[nn.Module]] = {
    "mse": nn.MSELoss, "huber": nn.SmoothL1Loss, "l1": nn.L1Loss, "poisson": nn.PoissonNLLLoss,
}  # fmt: skip


def sound(task: Task) -> Plan:
    """Return the plan without fault."""
    columns = task.train[1].shape[1] if task.train[1].ndim > 1 else 1
    outputs = task.classes if task.kind == "classification" else columns
    shape = Shape(task.front, task.width, task.depth, task.act, outputs, norm=task.norm, skip=task.skip)
    if task.kind == "classification":
        return Plan(task, shape, nn.CrossEntropyLoss(), task.lr, decide=lambda out: out.argmax(1))
    if task.kind == "regression":
        return Plan(
            task, shape, REGRESSION[task.loss](), task.lr, present=(lambda out: out) if columns > 1 else _column,
            value=(lambda out: out.clamp(max=20).exp()) if task.loss == "poisson" else (lambda out: out),
        )  # fmt: skip
    return Plan(
        task, shape, nn.BCEWithLogitsLoss(), task.lr, present=(lambda out: out) if columns > 1 else _column,
        encode=lambda y: y.float(), decide=lambda out: (out > 0).long(),
    )  # fmt: skip


def _column(out: Tensor) -> Tensor:
    return out[:, 0]


def healthy(task: Task, draw: Draw, variant: str) -> Plan:
    """Return a sound plan with an oddity that is no fault."""
    plan = sound(task)
    few = {"small_batch": 4, "tiny_batch": 16}.get(variant, 1)
    if few > 1:
        batch = max(2, task.batch // few)
        epochs = max(4, round(task.epochs * (0.6 if few > 4 else 1)))
        return replace(plan, lr=task.lr / (few if task.optimizer == "sgd" else few**0.75),
                       task=replace(task, batch=batch, epochs=epochs))  # fmt: skip
    changes: dict[str, Callable[[], dict[str, Any]]] = {
        "cosine": lambda: {"schedule": lambda t: 0.5 * (1 + np.cos(np.pi * t))},
        "warmup": lambda: {"schedule": lambda t: min(1.0, (t + 0.01) / 0.12)},
        "step_decay": lambda: {"schedule": lambda t: 0.2 ** ((t > 0.5) + (t > 0.75))},
        "dropout": lambda: {"shape": replace(plan.shape, dropout=float(draw.choice([0.1, 0.2, 0.3])))},
        "other_act": lambda: {"shape": replace(plan.shape, act=str(draw.choice(["gelu", "elu", "tanh", "relu"])))},
        "deep": lambda: {"shape": replace(plan.shape, depth=plan.shape.depth + 2)},
        "sigmoid": lambda: {"shape": replace(plan.shape, act="sigmoid", depth=min(plan.shape.depth, 2)),
                            "lr": plan.lr * 1.5},
        "long_run": lambda: {"task": replace(task, epochs=round(task.epochs * 1.6)), "decay": 1e-4},
        "loose_scale": lambda: {"task": _inputs(task, lambda x: x * draw.uniform(0.6, 1.6) + draw.uniform(-0.6, 0.6))},
        "intrinsic_noise": lambda: {"task": _noisy(task, draw, 0.08)},
        "clipped": lambda: {"clip": 1.0},
        "normed": lambda: {"shape": replace(plan.shape, norm=str(draw.choice(["layer", "batch"])))},
        "mild_imbalance": lambda: {"task": _uneven(task, draw, float(draw.uniform(2, 4)))},
    }  # fmt: skip
    if variant == "sum_reduction":
        terms = task.train[1][: task.batch].numel()
        return replace(plan, criterion=type(plan.criterion)(reduction="sum"),
                       lr=plan.lr / terms if task.optimizer == "sgd" else plan.lr)  # fmt: skip
    if variant == "smoothed" and task.kind == "classification":
        return replace(plan, criterion=nn.CrossEntropyLoss(label_smoothing=float(draw.choice([0.05, 0.1]))))
    return replace(plan, **changes[variant]()) if variant in changes else plan


def faulty(task: Task, draw: Draw, fault: str, level: int) -> Plan | None:
    """Return the plan with one fault; nothing where the task cannot have it."""
    return FAULTS[fault](sound(task), task, draw, level)


def _lr_too_high(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    return replace(plan, lr=task.lr * 10 ** draw.uniform(1.0 + 0.4 * level, 1.4 + 0.4 * level))


def _lr_too_low(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    if draw.random() < 0.35:
        at, down = draw.uniform(0.02, 0.10), 10 ** draw.uniform(-4, -2.3)
        return replace(plan, schedule=lambda t: 1.0 if t < at else down)
    return replace(plan, lr=task.lr / 10 ** draw.uniform(1.2 + 0.6 * level, 1.8 + 0.6 * level))


def _nan_inf(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    spoil = str(draw.choice(["input_nan", "log_zero", "sqrt_zero"]))
    return replace(plan, spoil=spoil)


def _vanishing(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    act = "sigmoid" if draw.random() < 0.8 else "tanh"
    gain = 1.0 if act == "sigmoid" else 0.15
    return replace(plan, shape=replace(plan.shape, act=act, depth=4 + 2 * level, gain=gain))


def _exploding(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    recurrent = task.front in ("rnn", "gru", "lstm")
    gain = draw.uniform(1.8, 2.6) * (1.6**level) * (2.0 if recurrent else 1.0)
    return replace(plan, shape=replace(plan.shape, act="relu", depth=plan.shape.depth if recurrent else 5, gain=gain))


def _dead_relu(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    return replace(plan, shape=replace(plan.shape, act="relu", shift=-draw.uniform(1.5, 2.5) * (1 + level)))


def _saturated(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    act = str(draw.choice(["tanh", "tanh", "sigmoid"]))
    gain = draw.uniform(4, 7) * 2.2**level * (3 if act == "sigmoid" else 1)
    return replace(plan, shape=replace(plan.shape, act=act, gain=gain, depth=max(2, plan.shape.depth)))


def _overfitting(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    rows = int(draw.uniform(8, 30) * max(task.classes, 3) / (1 + level))
    few = replace(task, train=(task.train[0][:rows], task.train[1][:rows]), batch=min(task.batch, 16))
    few = replace(few, epochs=int(np.clip(draw.integers(150, 500) * few.batch / rows, 25, 120)))
    return replace(plan, task=few, shape=replace(plan.shape, width=plan.shape.width * int(draw.choice([1, 2, 4]))))


def _underfitting(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    variant = str(draw.choice(["tiny", "wd", "dropout"]))
    if variant == "tiny":
        return replace(plan, shape=replace(plan.shape, width=int(draw.choice([1, 1, 2, 3]))))
    if variant == "wd":
        return replace(plan, decay=0.03 * 4**level * draw.uniform(0.7, 1.5) * (10 if task.optimizer == "adamw" else 1))
    return replace(plan, shape=replace(plan.shape, dropout=[0.72, 0.85, 0.94][level] + draw.uniform(-0.03, 0.03)))


def _label_noise(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    return replace(plan, task=_noisy(task, draw, [0.3, 0.45, 0.6][level] + draw.uniform(-0.05, 0.05)))


def _bad_labels(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    def apart(rows: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return rows[0], rows[1][torch.tensor(draw.permutation(len(rows[1])))]

    return replace(plan, task=replace(task, train=apart(task.train), valid=apart(task.valid)))


def _class_imbalance(plan: Plan, task: Task, draw: Draw, level: int) -> Plan | None:
    return replace(plan, task=_uneven(task, draw, [15.0, 40.0, 120.0][level])) if _one_class(task) else None


def _unnormalized(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    variant = str(draw.choice(["offset", "mixed", "pixel"]))
    if variant == "offset":
        return replace(plan, task=_inputs(task, lambda x: x + [20.0, 60.0, 300.0][level]))
    if variant == "pixel":
        return replace(plan, task=_inputs(task, lambda x: x * 255.0))
    scales = torch.tensor(
        10 ** (draw.standard_normal(task.train[0].shape[-1]) * (0.7 + 0.5 * level)), dtype=torch.float32
    )
    return replace(plan, task=_inputs(task, lambda x: x * scales))


def _not_shuffled(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    y = task.train[1]
    order = torch.argsort(y if y.ndim == 1 else y.float().sum(1))
    return replace(plan, shuffle=False, task=replace(task, train=(task.train[0][order], task.train[1][order])))


def _batch_too_small(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    few = replace(
        task, batch=max([4, 2, 1][level], 2 if task.norm == "batch" else 1), epochs=max(3, min(task.epochs, 8))
    )
    few = replace(few, train=(task.train[0][:500], task.train[1][:500]))
    return replace(plan, task=few, lr=task.lr * draw.uniform(1.5, 3.5))


def _double(plan: Plan, task: Task, draw: Draw, level: int) -> Plan | None:
    if not task.classes:
        return None
    if task.kind == "classification":
        return replace(plan, present=lambda out: out.softmax(1))
    return replace(plan, present=lambda out: plan.present(out).sigmoid(), decide=lambda out: (out > 0.5).long())


def _missing(plan: Plan, task: Task, draw: Draw, level: int) -> Plan | None:
    if task.kind == "classification":
        twice = level == 0
        return replace(
            plan, criterion=nn.NLLLoss(), present=(lambda out: out.softmax(1)) if twice else (lambda out: out)
        )
    if not task.classes:
        return None
    return replace(plan, criterion=ClampedBCE(), decide=lambda out: (out > 0.5).long())


def _wrong_loss(plan: Plan, task: Task, draw: Draw, level: int) -> Plan | None:
    if task.kind == "multilabel_classification" and draw.random() < 0.5:
        return replace(plan, criterion=OneOfSeveral())
    if task.kind in ("binary_classification", "multilabel_classification"):
        if draw.random() < 0.5:
            return replace(plan, criterion=Hinge())
        return replace(
            plan, criterion=nn.L1Loss(), present=lambda o: plan.present(o).sigmoid(), decide=lambda o: (o > 0.5).long()
        )
    if not task.classes:
        return None

    def hot(y: Tensor) -> Tensor:
        return nn.functional.one_hot(y, task.classes).float()

    if level == 0:
        return replace(plan, criterion=nn.MSELoss(), shape=replace(plan.shape, outputs=1), present=lambda o: o[:, 0],
                       encode=lambda y: y.float(),
                       decide=lambda o: o.round().long().clamp(0, task.classes - 1))  # fmt: skip
    if level == 1:
        return replace(plan, criterion=nn.L1Loss(), present=lambda o: o.softmax(1), encode=hot)
    return replace(plan, criterion=nn.MSELoss(), present=lambda o: o.sigmoid(), encode=hot)


def _broadcast(plan: Plan, task: Task, draw: Draw, level: int) -> Plan | None:
    if task.kind != "regression" or task.train[1].ndim > 1:
        return None
    return replace(plan, present=lambda out: out)


def _no_zero_grad(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    return replace(plan, zero_grad=False)


def _frozen(plan: Plan, task: Task, draw: Draw, level: int) -> Plan:
    return replace(plan, trained=["head", "head_bias", "none"][level])


FAULTS: dict[str, Callable[[Plan, Task, Draw, int], Plan | None]] = {
    "lr_too_high": _lr_too_high, "lr_too_low": _lr_too_low, "nan_inf": _nan_inf, "vanishing_gradient": _vanishing,
    "exploding_gradient": _exploding, "dead_relu": _dead_relu, "saturated_activation": _saturated,
    "overfitting": _overfitting, "underfitting": _underfitting, "label_noise": _label_noise, "bad_labels": _bad_labels,
    "class_imbalance": _class_imbalance, "unnormalized_inputs": _unnormalized, "not_shuffled": _not_shuffled,
    "batch_too_small": _batch_too_small, "double_activation": _double, "missing_output_activation": _missing,
    "wrong_loss": _wrong_loss, "shape_broadcast": _broadcast, "no_zero_grad": _no_zero_grad, "frozen_params": _frozen,
}  # fmt: skip


def _one_class(task: Task) -> bool:
    """Return whether each row is of one class."""
    return task.kind in ("classification", "binary_classification")


def _inputs(task: Task, change: Callable[[Tensor], Tensor]) -> Task:
    """Change the inputs of every part alike."""
    return replace(task, **{part: (change(x), y) for part, (x, y) in _parts(task)})


def _parts(task: Task) -> list[tuple[str, tuple[Tensor, Tensor]]]:
    return [("train", task.train), ("valid", task.valid), ("test", task.test)]


def _noisy(task: Task, draw: Draw, share: float) -> Task:
    """Give a share of the rows another class, or the targets noise; the test stays clean."""

    def noisy(rows: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        x, y = rows
        hit = torch.tensor(draw.random(y.shape) < share)
        if task.kind == "multilabel_classification":
            return x, torch.where(hit & torch.tensor(draw.random(y.shape) < 0.75), 1 - y, y)
        if task.loss == "poisson":  # noise must leave counts: another row's
            return x, torch.where(hit, y[torch.tensor(draw.permutation(len(y)))], y)
        if task.classes:
            other = (y + torch.tensor(draw.integers(1, task.classes, len(y)))) % task.classes
            # Two classes: flipping half of them would leave nothing.
            keep = hit & torch.tensor(draw.random(len(y)) < (0.75 if task.classes == 2 else 1.0))
            return x, torch.where(keep, other, y)
        size = 0.35 if share < 0.2 else 3.2 * share
        return x, y + size * y.std() * torch.tensor(draw.standard_normal(y.shape), dtype=y.dtype)

    return replace(task, train=noisy(task.train), valid=noisy(task.valid))


def _uneven(task: Task, draw: Draw, ratio: float) -> Task:
    """Keep all rows of one class and a share of the others; the test stays even."""
    if not _one_class(task):
        return task
    frequent = int(draw.integers(task.classes))

    def uneven(rows: tuple[Tensor, Tensor], enough: int) -> tuple[Tensor, Tensor]:
        x, y = rows
        many = torch.nonzero(y == frequent)[:, 0]
        few = torch.nonzero(y != frequent)[:, 0]
        few = few[torch.tensor(draw.permutation(len(few)))]
        each = len(many) / ratio
        kept = few[: max(task.classes - 1, round(each * (task.classes - 1)))]
        chosen = torch.cat([many, kept])
        chosen = chosen[torch.tensor(draw.integers(len(chosen), size=enough))] if enough else chosen
        chosen = chosen[torch.tensor(draw.permutation(len(chosen)))]
        return x[chosen], y[chosen]

    count = len(task.train[1])
    return replace(task, train=uneven(task.train, min(count, 700)), valid=uneven(task.valid, 300))
