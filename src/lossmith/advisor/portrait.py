"""The shape of a candidate's loss and of its gradient, as numbers to draw."""

from typing import Any

import torch

from lossmith import registry
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, ClassIndex, LocationScale, LogMean, Positive, Spread
from lossmith.training.problem import Candidate

POINTS = 121


def portrait(candidate: Candidate) -> dict[str, Any]:
    """Return value and gradient of the loss along its prediction.

    Values: against the residual, in the unit the loss sees, for a target of 0 (of 1 where it must be positive).
    Classes: against the true class's logit, the others at 0. Nothing for a loss of the user's own, whose domain is
    not known.
    """
    if candidate.loss not in registry.index()["losses"]:
        return {}
    criterion = registry.load(candidate.loss, reduction="none", **candidate.params)
    inputs = criterion.card().inputs
    target = inputs["target"]
    if isinstance(target, ClassIndex):
        classes = _classes(candidate)
        x = torch.linspace(-6.0, 6.0, POINTS, dtype=torch.float64, requires_grad=True)
        rest = torch.zeros(POINTS, classes - 1, dtype=torch.float64)
        # Drawn for the last class, which is the positive one when there are two.
        value = criterion(torch.cat([rest, x[:, None]], dim=1), torch.full((POINTS,), classes - 1))
        label = "logit of the true class, the others at 0"
    elif isinstance(target, BinaryTarget):
        x = torch.linspace(-6.0, 6.0, POINTS, dtype=torch.float64, requires_grad=True)
        labels = torch.ones(POINTS, _labels(candidate), dtype=torch.float64)
        # Where every label has a weight of its own, the first is drawn.
        value, label = criterion(x[:, None] * labels, labels)[:, 0], "logit of the positive class, which is true"
    elif isinstance(inputs["input"], Spread):
        x = torch.linspace(-4.0, 4.0, POINTS, dtype=torch.float64, requires_grad=True)
        columns = torch.zeros(POINTS, _columns(criterion), dtype=torch.float64)
        value = criterion(inputs["input"].placed_at(x, columns), torch.zeros(POINTS, dtype=torch.float64))
        moved = "location, at scale 1," if isinstance(inputs["input"], LocationScale) else "all quantiles together"
        label = f"{moved} − target, in target deviations"
    elif isinstance(inputs["input"], LogMean):
        x = torch.linspace(-3.0, 3.0, POINTS, dtype=torch.float64, requires_grad=True)
        value = criterion(x, torch.ones(POINTS, dtype=torch.float64))
        label = "log of prediction / target"
    elif isinstance(target, Positive):
        x = torch.linspace(-1.0, 2.0, POINTS, dtype=torch.float64, requires_grad=True)
        value, label = criterion(x + 1.0, torch.ones(POINTS, dtype=torch.float64)), "relative error of the prediction"
    else:
        x = torch.linspace(-4.0, 4.0, POINTS, dtype=torch.float64, requires_grad=True)
        value = criterion(x, torch.zeros(POINTS, dtype=torch.float64))
        label = "prediction − target, in target deviations"
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return {"x": _rounded(x), "value": _rounded(value), "gradient": _rounded(gradient), "x_label": label}


def _classes(candidate: Candidate) -> int:
    """Return how many classes the per-class hyperparameters are for, else 2."""
    return max(_labels(candidate), 2)


def _labels(candidate: Candidate) -> int:
    """Return how many labels the per-label hyperparameters are for, else 1."""
    lengths = [len(value) for value in candidate.params.values() if isinstance(value, (list, tuple))]
    return lengths[0] if lengths else 1


def _columns(criterion: Criterion) -> int:
    """Return how many numbers a row the loss takes for one target."""
    levels = criterion.hyperparameters.get("levels")
    return 2 if levels is None else len(levels)


def _rounded(values: torch.Tensor) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values.tolist())
