"""Real, tiny trainings, logged as a recorder logs them: what the doctor is tested on."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

CLASSES, FEATURES, ROWS, BATCH = 4, 8, 512, 32


def blobs(rows: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return rows around one centre a class, overlapping a little."""
    draw = torch.Generator().manual_seed(seed)
    centres = 1.6 * torch.randn(CLASSES, FEATURES, generator=torch.Generator().manual_seed(7))
    labels = torch.randint(CLASSES, (rows,), generator=draw)
    return centres[labels] + torch.randn(rows, FEATURES, generator=draw), labels


def network() -> nn.Sequential:
    """Return a small classifier."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(FEATURES, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, CLASSES))


def train(
    folder: Path, *, lr: float = 3e-3, frozen: bool = False, softmax_twice: bool = False, nan_at: int = 0,
    epochs: int = 10, zero_grad: bool = True,
) -> Path:  # fmt: skip
    """Train a classifier with one fault, or none, and write log.csv, meta.json and live.jsonl."""
    model, rows, held = network(), blobs(ROWS, 1), blobs(256, 2)
    head: nn.Module = nn.Softmax(dim=-1) if softmax_twice else nn.Identity()
    taught = list(model[4].parameters())[1:] if frozen else list(model.parameters())
    optimiser = torch.optim.Adam(taught, lr=lr)
    seen: dict[str, Tensor] = {}
    for index in (1, 3):
        model[index].register_forward_hook(lambda _m, _i, out, index=index: seen.__setitem__(str(index), out.detach()))
    records: list[dict[str, Any]] = [_static(rows, optimiser, model, lr)]
    lines: list[dict[str, Any]] = []
    before: Tensor | None = None
    for step, (x, y, epoch) in enumerate(_batches(rows, epochs), 1):
        if zero_grad:
            optimiser.zero_grad()
        out = head(model(x))
        loss = nn.functional.cross_entropy(out, y) * (torch.nan if nan_at and step >= nan_at else 1.0)
        loss.backward()
        old = [p.detach().clone() for p in model.parameters()]
        optimiser.step()
        gradient = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
        records.append(_step(step, epoch, loss, lr, model, old, gradient, before, seen, out.detach(), y))
        before = gradient.clone()
        line = {"step": step, "epoch": epoch, "lr": lr, "train_loss": loss.item(),
                "train_metric": (out.argmax(-1) == y).float().mean().item()}  # fmt: skip
        if step % (ROWS // BATCH) == 0:
            with torch.no_grad():
                named = head(model(held[0]))
                line["val_loss"] = nn.functional.cross_entropy(named, held[1]).item()
                line["val_metric"] = (named.argmax(-1) == held[1]).float().mean().item()
            records.append({"type": "eval", "step": step, "epoch": epoch,
                            "val_loss": line["val_loss"], "val_metric": line["val_metric"]})  # fmt: skip
        lines.append(line)
    _write(folder, lines, records)
    return folder


def _batches(rows: tuple[Tensor, Tensor], epochs: int) -> Iterator[tuple[Tensor, Tensor, float]]:
    """Draw shuffled batches, with the epoch at each."""
    draw = torch.Generator().manual_seed(3)
    for epoch in range(epochs):
        order = torch.randperm(ROWS, generator=draw)
        for place, chosen in enumerate(order.split(BATCH)):
            yield rows[0][chosen], rows[1][chosen], epoch + place * BATCH / ROWS


def _static(
    rows: tuple[Tensor, Tensor], optimiser: torch.optim.Optimizer, model: nn.Module, lr: float
) -> dict[str, Any]:
    """Describe the run, as a recorder's first line does."""
    x, y = rows
    return {
        "type": "static", "criterion": "CrossEntropyLoss", "optimizer": "Adam", "lr": lr, "batch_size": BATCH,
        "n_train": ROWS, "reduction": "mean", "out_shape": [BATCH, CLASSES],
        "n_params": sum(p.numel() for p in model.parameters()),
        "optimizer_params": sum(p.numel() for group in optimiser.param_groups for p in group["params"]),
        "input": {"mean": x.mean().item(), "std": x.std().item(), "min": x.min().item(), "max": x.max().item(),
                  "nan_frac": 0.0, "feat_std_max": x.std(0).max().item(), "feat_std_min": x.std(0).min().item(),
                  "feat_mean_absmax": x.mean(0).abs().max().item()},
        "target": {"shape": [BATCH], "dtype": "torch.int64", "mean": y.float().mean().item(),
                   "std": y.float().std().item(), "hist": torch.bincount(y, minlength=CLASSES).tolist()},
        "dropout": 0.0, "weight_decay": 0.0,
    }  # fmt: skip


def _step(
    step: int, epoch: float, loss: Tensor, lr: float, model: nn.Sequential, old: list[Tensor], gradient: Tensor,
    before: Tensor | None, seen: dict[str, Tensor], out: Tensor, y: Tensor,
) -> dict[str, Any]:  # fmt: skip
    """Describe one step."""
    parameters = list(model.parameters())
    layers = {}
    for place, index in enumerate((0, 2, 4)):
        weight, was = parameters[2 * place], old[2 * place]
        layers[str(index)] = {
            "gnorm": weight.grad.norm().item() if weight.grad is not None else None,
            "wnorm": was.norm().item(),
            "finite": float(weight.isfinite().float().mean()),
            "upd": ((weight.detach() - was).norm() / was.norm()).item(),
        }
    share = np.bincount(y.numpy(), minlength=CLASSES) / len(y)
    return {
        "type": "step", "step": step, "epoch": epoch, "loss": loss.item(), "lr": lr,
        "grad_norm": gradient.norm().item(),
        "grad_cos_prev": None if before is None else nn.functional.cosine_similarity(gradient, before, dim=0).item(),
        "layers": layers,
        "acts": {name: {"kind": "relu", "mean": a.mean().item(), "std": a.std().item(), "finite": 1.0,
                        "zero_frac": (a == 0).float().mean().item(),
                        "dead_frac": (a == 0).all(0).float().mean().item()} for name, a in seen.items()},
        "out": {"mean": out.mean().item(), "std": out.std().item(), "min": out.min().item(), "max": out.max().item(),
                "row_sum": out.sum(-1).mean().item(), "row_sum_std": out.sum(-1).std().item(),
                "between_sample_std": out.std(0).mean().item()},
        "batch_label_entropy": float(-(share[share > 0] * np.log(share[share > 0])).sum() / np.log(CLASSES)),
        "param_finite": float(all(bool(p.isfinite().all()) for p in model.parameters())),
    }  # fmt: skip


def _write(folder: Path, lines: list[dict[str, Any]], records: list[dict[str, Any]]) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["step", "epoch", "lr", "train_loss", "train_metric", "val_loss", "val_metric"]
    with (folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(lines)
    meta = {"task_type": "classification", "num_classes": CLASSES, "metric": "accuracy", "metric_mode": "max",
            "batch_size": BATCH, "optimizer": "adam"}  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    (folder / "live.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
