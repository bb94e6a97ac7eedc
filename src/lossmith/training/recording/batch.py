"""What one batch says: inputs, targets, predictions, the loss by row."""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

MOST_CLASSES = 1000
QUANTILES = (0.1, 0.5, 0.9, 0.99)


def task_of(output: Tensor | None, target: Tensor | None, criterion: Any) -> tuple[str | None, int | None]:
    """Return the task and how many classes it has, as far as a batch tells.

    Criteria of two classes take one output a row, whatever the type of their targets.
    """
    if output is None or target is None:
        return None, None
    name = type(criterion).__name__.lower()
    classes = output.shape[1] if output.ndim > 1 else 1
    whole = not target.is_floating_point() and not target.is_complex()
    if "bce" in name or "binary" in name or (whole and classes == 1 and bool(((target == 0) | (target == 1)).all())):
        return ("binary_classification", 2) if classes == 1 else ("multilabel", classes)
    if whole and classes > 1 and target.shape == output.shape[:1] + output.shape[2:]:
        return "classification", classes
    return "regression", None


def classes_of(output: Tensor, task: str | None, sigmoid: bool) -> Tensor | None:
    """Return the predicted classes; `sigmoid` says that outputs are no logits."""
    if task == "classification":
        return output.argmax(1)
    if task == "binary_classification":
        return _positive(output.reshape(len(output), -1)[:, 0], sigmoid).long()
    return None


def _positive(output: Tensor, sigmoid: bool) -> Tensor:
    return output > (0.5 if sigmoid else 0.0)


def usual_metric(output: Tensor, target: Tensor, task: str | None, sigmoid: bool) -> Tensor | None:
    """Return accuracy (each of several labels by itself) or mean absolute error."""
    if task == "multilabel" and output.shape == target.shape:
        return (_positive(output, sigmoid) == (target > 0.5)).float().mean()
    if task in ("classification", "binary_classification"):
        found = classes_of(output, task, sigmoid)
        if found is None or found.numel() != target.numel():
            return None
        same = found == target if found.shape == target.shape else found.reshape(-1) == target.reshape(-1)
        return same.sum() / same.numel()
    if task == "regression" and output.numel() == target.numel():
        return (output.reshape(-1) - target.reshape(-1)).abs().float().mean()
    return None


@torch.no_grad()
def about(tensor: Tensor | None) -> dict[str, Any] | None:
    """Return what the inputs look like, in whole and by feature."""
    if tensor is None or tensor.numel() == 0 or tensor.is_complex():
        return None
    values = tensor.detach().float()
    rows = values.reshape(len(values), -1) if values.ndim > 1 else values.reshape(-1, 1)
    spread, centre = rows.std(0, correction=0), rows.mean(0)
    return {
        "mean": float(values.mean()),
        "std": float(values.std(correction=0)),
        "min": float(values.min()),
        "max": float(values.max()),
        "nan_frac": float(values.isnan().float().mean()),
        "feat_std_max": float(spread.max()),
        "feat_std_min": float(spread.min()),
        "feat_mean_absmax": float(centre.abs().max()),
        "rows": len(rows),
    }


@torch.no_grad()
def about_target(target: Tensor | None, batch: Sequence[int], classes: int | None) -> dict[str, Any] | None:
    """Return what the targets look like; a histogram where they are classes."""
    if target is None or target.numel() == 0:
        return None
    values = target.detach().float()
    return {
        "shape": list(batch),
        "dtype": str(target.dtype),
        "mean": float(values.mean()),
        "std": float(values.std(correction=0)),
        "min": float(values.min()),
        "max": float(values.max()),
        "hist": histogram(target, classes),
    }


@torch.no_grad()
def histogram(labels: Tensor | None, classes: int | None) -> list[int] | None:
    """Return how often each class occurs, or nothing where there are none."""
    if labels is None or classes is None or classes > MOST_CLASSES:
        return None
    flat = labels.detach().reshape(-1).long()
    kept = flat[(flat >= 0) & (flat < classes)]  # -100 marks what is to be ignored
    return [int(count) for count in torch.bincount(kept, minlength=classes).tolist()]


def entropy(counts: Sequence[int] | None) -> float | None:
    """Return the entropy of counts, as a share of what equal ones have."""
    if not counts or len(counts) < 2 or not sum(counts):
        return None
    shares = [count / sum(counts) for count in counts if count]
    return -sum(share * math.log(share) for share in shares) / math.log(len(counts))


@torch.no_grad()
def about_output(output: Tensor) -> dict[str, float]:
    """Return what was predicted, in whole, by row, and between rows."""
    values = output.detach().float()
    rows = values.reshape(len(values), -1) if values.ndim > 1 else values.reshape(-1, 1)
    sums = rows.sum(1)
    numbers = torch.stack(
        [
            rows.mean(),
            rows.std(correction=0),
            rows.min(),
            rows.max(),
            sums.mean(),
            sums.std(correction=0),
            rows.std(0, correction=0).mean(),
        ]
    ).tolist()
    names = ("mean", "std", "min", "max", "row_sum", "row_sum_std", "between_sample_std")
    return dict(zip(names, numbers, strict=True))


def by_row(criterion: Any) -> Callable[..., Tensor] | None:
    """Return a copy of a criterion that does not reduce, where it can be told to."""
    if not isinstance(criterion, nn.Module) or not isinstance(getattr(criterion, "reduction", None), str):
        return None
    apart = copy.copy(criterion)
    vars(apart)["reduction"] = "none"
    return apart


@torch.no_grad()
def spread(criterion: Callable[..., Tensor] | None, output: Tensor, target: Tensor) -> list[float] | None:
    """Return quantiles of the loss over the rows of a batch."""
    if criterion is None:
        return None
    try:
        losses = criterion(output.detach(), target)
    except (RuntimeError, TypeError, ValueError):  # it takes more than output and target: no one's fault
        return None
    rows = losses.float().reshape(len(losses), -1).mean(1) if losses.ndim else losses.reshape(1)
    found: list[float] = torch.quantile(rows, torch.tensor(QUANTILES, device=rows.device)).tolist()
    return found
