"""Value and gradient of a loss along its prediction, as numbers to draw."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lossmith.card import Fails
from lossmith.criterion import Criterion
from lossmith.domains import (
    BinaryTarget,
    ClassIndex,
    ClassProbabilities,
    Domain,
    LocationScale,
    Logits,
    LogMean,
    Positive,
    Probability,
    Spread,
)
from lossmith.experiment import Subject, UntestableError
from lossmith.study.settings import SIZES

POINTS = 121
Line = tuple[Tensor, Tensor, str]


@dataclass(frozen=True)
class Curve:
    """A loss and its gradient over one axis."""

    x: tuple[float, ...]
    value: tuple[float, ...]
    gradient: tuple[float, ...]
    x_label: str


def curve(criterion: Criterion) -> Curve | None:
    """Return value and gradient of the loss along its prediction.

    Values: against the residual, in the unit the loss sees, for a target of 0 (of 1 where it must be positive).
    Classes: against the true class's logit, the others at 0. Anything else: along the gradient of a drawn batch.
    Nothing for what needs a model or other losses.
    """
    card = criterion.card()
    if card.kind != "loss":
        return None
    whole = card.unit not in ("element", "example") or set(card.inputs) != {"input", "target"}
    x, value, label = (None if whole else _along_prediction(criterion, **card.inputs)) or _along_gradient(criterion)
    (gradient,) = torch.autograd.grad(value.sum(), x)
    label += ", drawn as one batch" if isinstance(card.claims["sample_independent"], Fails) else ""
    return Curve(_rounded(x), _rounded(value), _rounded(gradient), label)


def _along_prediction(criterion: Criterion, input: Domain, target: Domain) -> Line | None:
    """Evaluate where the prediction moves and the target stays.

    None for a domain that has no such axis.
    """
    if isinstance(input, Logits) and isinstance(target, ClassIndex | ClassProbabilities):
        if len(input.shape.split()) != 2:
            return None
        x, classes = _axis(-6.0, 6.0), max(_per_class(criterion), 2)
        # Drawn for the last class, which is the positive one when there are two.
        rows = torch.cat([torch.zeros(POINTS, classes - 1, dtype=x.dtype), x[:, None]], dim=1)
        truth = torch.full((POINTS,), classes - 1)
        if isinstance(target, ClassProbabilities):
            truth = torch.nn.functional.one_hot(truth, classes).to(x.dtype)
        return x, criterion(input.of_scores(rows), truth), "logit of the true class, the others at 0"
    if isinstance(input, Logits | Probability) and isinstance(target, BinaryTarget):
        if len(input.shape.split()) > 2:  # a mask has a shape of its own
            return None
        x, labels = _axis(-6.0, 6.0), torch.ones(POINTS, _per_class(criterion), dtype=torch.float64)
        # Where every label has a weight of its own, the first is drawn.
        rows = x[:, None] * labels
        value = criterion(rows.sigmoid() if isinstance(input, Probability) else rows, labels)
        return x, value[:, 0] if value.ndim > 1 else value, "logit of the positive class, which is true"
    if isinstance(input, Spread):
        x, empty = _axis(-4.0, 4.0), torch.zeros(POINTS, columns(criterion), dtype=torch.float64)
        moved = "location, at scale 1," if isinstance(input, LocationScale) else "all quantiles together"
        value = criterion(input.placed_at(x, empty), torch.zeros(POINTS, dtype=x.dtype))
        return x, value, f"{moved} − target, in target deviations"
    if isinstance(input, LogMean):
        x = _axis(-3.0, 3.0)
        return x, criterion(x, torch.ones_like(x)), "log of prediction / target"
    if target.integer or target.shape != input.shape or input.high <= 1.0 or len(input.shape.split()) > 1:
        return None
    if isinstance(target, Positive) or input.low >= 0:
        x = _axis(-0.99 if input.low >= 0 else -1.0, 2.0)
        return x, criterion(x + 1.0, torch.ones_like(x)), "relative error of the prediction"
    x = _axis(-4.0, 4.0)
    return x, criterion(x, torch.zeros_like(x)), "prediction − target, in target deviations"


def _along_gradient(criterion: Criterion) -> Line:
    """Evaluate along the steepest ascent from a drawn batch.

    A step is as long as a typical entry of the batch.
    """
    card = criterion.card()
    claims = [claim for claim in card.claims.values() if hasattr(claim, "wrt")]
    name = next((claim.wrt for claim in claims if claim.wrt in card.inputs), next(iter(card.inputs)))
    subject = Subject(card.module.function, card.inputs, criterion.hyperparameters, name, card.unit, SIZES)
    for seed in range(20):
        data = subject.natural(8, seed)
        start = data[name].detach().requires_grad_()
        (uphill,) = torch.autograd.grad(subject(*{**data, name: start}.values()).sum(), start)
        if uphill.isfinite().all() and uphill.abs().max() > 0:
            break
    else:
        raise UntestableError(f"{card.name} should have a gradient somewhere. Found none in 20 drawn batches.")
    step = uphill / uphill.norm() * start.detach().abs().mean() * start.numel() ** 0.5
    x, domain = _axis(-2.0, 2.0), card.inputs[name]
    places = ((start.detach() + share * step).clamp(domain.low, domain.high) for share in x)
    values = torch.stack([subject(*{**data, name: place}.values()).mean() for place in places])
    return x, values, f"steps of `{name}` up the gradient of a drawn batch"


def _axis(low: float, high: float) -> Tensor:
    return torch.linspace(low, high, POINTS, dtype=torch.float64, requires_grad=True)


def _per_class(criterion: Criterion) -> int:
    """Return how many classes or labels the hyperparameters are for, else 1."""
    tensors = [value for value in criterion.hyperparameters.values() if isinstance(value, Tensor) and value.ndim]
    return len(tensors[0]) if tensors else 1


def columns(criterion: Criterion) -> int:
    """Return how many numbers a row the loss takes for one target."""
    levels = criterion.hyperparameters.get("levels")
    return 2 if levels is None else len(levels)


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(0.0 if abs(value) < 1e-12 else float(f"{value:.5g}") for value in values.tolist())
