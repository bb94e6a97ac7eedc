"""Errors that the experiments judge by, the smaller the better.

Each takes predictions and targets of the rows held back, where a cut may be tuned, then of the rows to score.
"""

from collections.abc import Callable

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from torch import Tensor

CALIBRATION_BINS = 10


def mean_square(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """Mean squared error."""
    return float((prediction - y).square().mean())


def mean_absolute(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """Mean absolute error."""
    return float((prediction - y).abs().mean())


def mistakes(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """Share of rows whose most likely class is wrong; probabilities (n, c) or of class 1 (n,)."""
    named = prediction.argmax(-1) if prediction.ndim > 1 else (prediction > 0.5).long()
    return float((named != y).float().mean())


def log_loss(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """Mean negative logarithm of the true class's probability, which counts as 1e-6 at least."""
    return float(-_of_truth(prediction, y).clamp(min=1e-6).log().mean())


def calibration(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """Expected calibration error of the named class, in ten bins of equally many rows."""
    sure, named = prediction.max(-1) if prediction.ndim > 1 else (
        torch.maximum(prediction, 1.0 - prediction), (prediction > 0.5).long()
    )  # fmt: skip
    right, order = (named == y).float(), sure.argsort()
    bins = zip(order.tensor_split(CALIBRATION_BINS), strict=True)
    return float(sum((sure[rows] - right[rows]).sum().abs() for (rows,) in bins) / len(y))


def ranking(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """1 less the average precision."""
    return 1.0 - float(average_precision_score(y.numpy(), prediction.numpy()))


def f1_at_half(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """1 less F1, class 1 being named from a probability of one half."""
    return 1.0 - _f1(prediction, y, 0.5)


def f1_at_best(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """1 less F1, at the cut that is best on the rows held back."""
    return 1.0 - _f1(prediction, y, _best_cut(_f1, held, y_held))


def balanced_at_half(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """1 less the mean of both classes' recall, class 1 being named from a probability of one half."""
    return 1.0 - _balanced(prediction, y, 0.5)


def balanced_at_best(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    """1 less the mean of both classes' recall, at the cut that is best on the rows held back."""
    return 1.0 - _balanced(prediction, y, _best_cut(_balanced, held, y_held))


def _best_cut(score: Callable[[Tensor, Tensor, float], float], held: Tensor, y_held: Tensor) -> float:
    cuts = np.unique(np.quantile(held.numpy(), np.linspace(0.5, 0.999, 60))).tolist()
    return float(max(cuts, key=lambda cut: score(held, y_held, cut)))


def _balanced(prediction: Tensor, y: Tensor, cut: float) -> float:
    named = prediction >= cut
    return 0.5 * float(named[y == 1].float().mean() + (~named)[y == 0].float().mean())


def _f1(prediction: Tensor, y: Tensor, cut: float) -> float:
    named = prediction >= cut
    hits = float((named & (y == 1)).sum())
    return 2.0 * hits / max(1.0, float(named.sum() + (y == 1).sum()))


def _of_truth(prediction: Tensor, y: Tensor) -> Tensor:
    if prediction.ndim == 1:
        return torch.where(y == 1, prediction, 1.0 - prediction)
    return prediction.gather(-1, y[..., None])[..., 0]
