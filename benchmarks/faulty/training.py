"""Trains a plan and keeps what a recorder in the loop would see."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.faulty.faults import Plan
from benchmarks.faulty.networks import Network
from lossmith.training.recording import activations, batch, layers

OPTIMISERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}
CALLED = {"ClampedBCE": "BCELoss", "Hinge": "custom", "OneOfSeveral": "CrossEntropyLoss"}
LINES = 800
SAMPLES = 34


@dataclass
class Trained:
    """A finished run.

    Attributes:
        score: 0 for guessing and 1 for perfect, on clean and even test rows.
        lines: of the log.
        records: of the recorder.
        broken: the first step whose loss is not finite.
    """

    score: float = -0.2
    lines: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    broken: int | None = None


def train(plan: Plan, seed: int) -> Trained:
    """Train, and look closely at some steps."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed + 1)
    x, y = plan.task.train
    model = Network(plan.shape, x)
    taught = {"all": list(model.parameters()), "none": [nn.Parameter(torch.zeros(1))],
              "head": list(model.head.parameters()), "head_bias": [model.head.bias]}[plan.trained]  # fmt: skip
    momentum: dict[str, Any] = {"momentum": 0.9} if plan.task.optimizer == "sgd" else {}
    optimiser = OPTIMISERS[plan.task.optimizer](taught, lr=plan.lr, weight_decay=plan.decay, **momentum)
    per_epoch = max(1, len(y) // plan.task.batch)
    steps = per_epoch * plan.task.epochs
    every = math.ceil(steps / LINES)
    sampled = set(np.unique(np.round(np.geomspace(1, 12, 7))).astype(int)) | set(
        np.linspace(13, steps, SAMPLES - 8).astype(int)
    )
    spoilt = int(draw.integers(20, max(21, min(steps // 2, 90)))) if plan.spoil else steps + 1
    run = Trained(records=[_static(plan, model, optimiser, per_epoch)])
    watch = Watching(plan, model)
    for step, chosen in enumerate(_batches(plan, len(y), per_epoch, draw), 1):
        lr = plan.lr * float(plan.schedule((step - 1) / steps))
        for group in optimiser.param_groups:
            group["lr"] = lr
        watch.begin(step, sampled)
        if plan.zero_grad or step == 1:
            model.zero_grad()
        inputs = x[chosen]
        if plan.spoil == "input_nan" and step >= spoilt:
            inputs = inputs.clone()
            inputs.view(len(inputs), -1)[0, 0] = math.nan
        out, wanted = plan.present(model(inputs)), plan.encode(y[chosen])
        loss = plan.criterion(out, wanted)
        if plan.spoil == "log_zero" and step >= spoilt:
            loss = loss - 0.01 * torch.log(out.flatten()[0] * 0.0).clamp_max(0)
        if plan.spoil == "sqrt_zero" and step >= spoilt:
            loss = loss + 0.01 * torch.sqrt((out - out).sum())
        loss.backward()
        if plan.clip:
            nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        watch.before(step)
        optimiser.step()
        value, epoch = loss.item(), (step - 1) / per_epoch
        if record := watch.after(step, epoch, value, lr, out.detach(), wanted, y[chosen]):
            run.records.append(record)
        if run.broken is None and not math.isfinite(value):
            run.broken = step
        ends = step % per_epoch == 0
        line = {"step": step, "epoch": f"{epoch:.5g}", "lr": f"{lr:.5g}", "train_loss": f"{value:.5g}",
                "train_metric": f"{_metric(plan, out.detach(), y[chosen]):.5g}"}  # fmt: skip
        if ends:
            found = _validate(plan, model)
            run.records.append({"type": "eval", "step": step, "epoch": epoch + 1 / per_epoch, **found})
            line |= {key: f"{found[key]:.5g}" for key in ("val_loss", "val_metric")}
        if ends or (step - 1) % every == 0:
            run.lines.append(line)
        if run.broken is not None and step >= run.broken + 10 + 3 * (seed % 4):
            break
    if run.broken is None:
        run.score = _score(plan, model)
    return run


def _batches(plan: Plan, rows: int, per_epoch: int, draw: np.random.Generator) -> Iterator[Tensor]:
    """Draw the batches of all epochs; short last batches are dropped."""
    for _ in range(plan.task.epochs):
        order = torch.tensor(draw.permutation(rows)) if plan.shuffle else torch.arange(rows)
        for place in range(per_epoch):
            yield order[place * plan.task.batch : (place + 1) * plan.task.batch]


class Watching:
    """Looks at gradients, steps, activations and outputs at sampled steps."""

    def __init__(self, plan: Plan, model: Network) -> None:
        self.plan, self.model, self.groups = plan, model, layers.layers_of(model)
        self.by_row = batch.by_row(plan.criterion)
        self.means: list[float] = []
        self.last: tuple[int, Tensor] | None = None
        self.sampled: set[int] = set()
        self.hooks: activations.Watch | None = None
        self.old: dict[str, Tensor] = {}

    def begin(self, step: int, sampled: set[int]) -> None:
        """Hook the activations of a sampled step."""
        self.sampled = sampled
        if step in sampled:
            self.hooks = activations.Watch(self.model)

    def before(self, step: int) -> None:
        """Keep the weights, and the gradient of the step before a sampled one."""
        if step in self.sampled:
            self.old = {name: layers.thinned(list(ws), ws, 1) for name, ws in self.groups.items()}
        elif step + 1 in self.sampled:
            parts = [layers.thinned([w.grad for w in ws], ws, 1) for ws in self.groups.values()]
            self.last = step, torch.cat(parts)

    def after(
        self, step: int, epoch: float, loss: float, lr: float, out: Tensor, wanted: Tensor, y: Tensor
    ) -> dict[str, Any] | None:
        """Return the record of a sampled step."""
        self.means.append(float(y.float().mean()))
        if step not in self.sampled or self.hooks is None:
            return None
        numbers, gradient = layers.measure(self.groups, self.old, 1)
        before = self.last[1] if self.last and self.last[0] == step - 1 else None
        self.last = step, gradient
        self.hooks.stop()
        found: dict[str, Any] = {
            "type": "step", "step": step, "epoch": epoch, "loss": loss, "lr": lr,
            "grad_norm": sum(row["gnorm"] ** 2 for row in numbers.values()) ** 0.5,
            "grad_cos_prev": layers.agreement(gradient, before), "layers": numbers,
            "acts": activations.measure(self.hooks.activations), "out": batch.about_output(out),
            "batch_target_means": self.means[-12:],
            "param_finite": min(row["finite"] for row in numbers.values()),
        }  # fmt: skip
        fits = out.shape == wanted.shape or self.plan.task.classes
        spread = batch.spread(self.by_row, out, wanted) if fits else None
        if spread:
            found["sample_loss_q"] = spread
        if self.plan.task.classes and y.ndim == 1:
            counts = batch.histogram(y, self.plan.task.classes)
            found |= {"batch_label_entropy": batch.entropy(counts), "label_hist": counts}
            assert self.plan.decide is not None
            found["pred_hist"] = batch.histogram(self.plan.decide(out).reshape(-1), self.plan.task.classes)
        return found


def _static(plan: Plan, model: Network, optimiser: Any, per_epoch: int) -> dict[str, Any]:
    """Describe the run."""
    task, (x, y) = plan.task, plan.task.train
    kinds = [kind for module in model.modules() if (kind := activations.kind_of(module))]
    name = type(plan.criterion).__name__
    count = sum(p.numel() for p in model.parameters())
    held = {id(p) for group in optimiser.param_groups for p in group["params"]}
    return {
        "type": "static", "criterion": CALLED.get(name, name),
        "optimizer": type(optimiser).__name__, "lr": plan.lr, "batch_size": task.batch, "n_train": len(y),
        "steps_per_epoch": per_epoch, "reduction": getattr(plan.criterion, "reduction", "mean"),
        "layer_types": [[n, type(m).__name__] for n, m in model.named_modules() if list(m.parameters(recurse=False))],
        "act_kinds": kinds, "n_params": count,
        "optimizer_params": sum(p.numel() for p in model.parameters() if id(p) in held),
        "input": batch.about(x), "target": batch.about_target(y, [task.batch], task.classes or None),
        "out_shape": [task.batch, plan.shape.outputs], "dropout": plan.shape.dropout, "weight_decay": plan.decay,
    }  # fmt: skip


@torch.no_grad()
def _metric(plan: Plan, out: Tensor, y: Tensor) -> float:
    """Return accuracy, or the mean absolute error."""
    if plan.decide is None:
        return float((plan.value(out).reshape(y.shape) - y).abs().mean())
    return float((plan.decide(out).reshape(y.shape) == y).float().mean())


@torch.no_grad()
def _validate(plan: Plan, model: Network) -> dict[str, Any]:
    """Return loss, metric and predictions on validation."""
    model.eval()
    x, y = plan.task.valid
    out = plan.present(model(x))
    loss = float(plan.criterion(out, plan.encode(y)))
    if getattr(plan.criterion, "reduction", "mean") == "sum":
        loss *= plan.task.batch / len(y)
    found: dict[str, Any] = {"val_loss": loss, "val_metric": _metric(plan, out, y)}
    if plan.decide is not None and y.ndim == 1:
        named, many = plan.decide(out).reshape(-1), plan.task.classes
        true, hits = torch.bincount(y, minlength=many), torch.bincount(y[named == y], minlength=many)
        found |= {
            "val_pred_hist": torch.bincount(named.clamp(0, many - 1), minlength=many).tolist(),
            "val_label_hist": true.tolist(),
            "val_recall": [h / t if t else None for h, t in zip(hits.tolist(), true.tolist(), strict=True)],
        }
    model.train()
    return found


@torch.no_grad()
def _score(plan: Plan, model: Network) -> float:
    """Return the skill on clean, even test rows, 0 for guessing."""
    model.eval()
    x, y = plan.task.test
    out = plan.present(model(x))
    if plan.decide is None:
        error = float(((plan.value(out).reshape(y.shape) - y) ** 2).mean() / y.var(0).mean())
        return max(1 - error, -0.5) if math.isfinite(error) else -0.5
    named = plan.decide(out).reshape(y.shape)
    if y.ndim > 1:  # each label's mean recall of yes and no
        rates = [(named == y).float()[y == value].mean() for value in (0, 1)]
        return 2 * float(sum(rates)) / 2 - 1
    recall = float(np.mean([float((named[y == c] == c).float().mean()) for c in y.unique()]))
    return (recall - 1 / plan.task.classes) / (1 - 1 / plan.task.classes)
