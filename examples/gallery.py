"""Faults that tutorials teach, each with its repair.

docs/gallery.md shows them with what `lossmith check` says; `make rules` writes it.
"""

# ruff: noqa: D103 - a sample is shown as it is met

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor


@dataclass(frozen=True)
class Sample:
    """A fault met in tutorials, and the same loss mended."""

    title: str
    story: str
    faulty: Callable[..., Any]
    mended: Callable[..., Any]
    inputs: Mapping[str, str]
    claims: Mapping[str, Any] = field(default_factory=dict)


def focal_loss(prob: Tensor, target: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    p = prob.clamp(1e-7, 1 - 1e-7)
    pt = torch.where(target > 0.5, p, 1 - p)
    return (alpha * (1 - pt) ** gamma * -pt.log()).mean()


def focal_loss_mended(prob: Tensor, target: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    p = prob.clamp(1e-7, 1 - 1e-7)
    pt = torch.where(target > 0.5, p, 1 - p)
    weight = torch.where(target > 0.5, alpha, 1 - alpha)
    return (weight * (1 - pt) ** gamma * -pt.log()).mean()


def weighted_bce(prob: Tensor, target: Tensor, rare: float = 5.0) -> Tensor:
    p = prob.clamp(1e-7, 1 - 1e-7)
    weight = target + (1 - target) * rare
    return (weight * F.binary_cross_entropy(p, target, reduction="none")).mean()


def weighted_bce_mended(prob: Tensor, target: Tensor, rare: float = 5.0) -> Tensor:
    p = prob.clamp(1e-7, 1 - 1e-7)
    weight = target * rare + (1 - target)
    return (weight * F.binary_cross_entropy(p, target, reduction="none")).mean()


def log_loss(prob: Tensor, target: Tensor) -> Tensor:
    return -(target * prob.log() + (1 - target) * (1 - prob).log()).mean()


def log_loss_mended(logits: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, target)


def house_price_loss(pred: Tensor, price: Tensor) -> Tensor:
    return ((pred - price) ** 2).mean()


def house_price_loss_mended(pred: Tensor, price: Tensor) -> Tensor:
    return ((pred.squeeze(-1) - price) ** 2).mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    return (torch.log(real + 1e-7) + torch.log(1 - fake + 1e-7)).mean()


def discriminator_loss_mended(real: Tensor, fake: Tensor) -> Tensor:
    return -(torch.log(real + 1e-7) + torch.log(1 - fake + 1e-7)).mean()


def huber(pred: Tensor, target: Tensor, delta: float = 1.0) -> Tensor:
    error = (pred - target).abs()
    return torch.where(error <= delta, delta * (error - 0.5 * delta), 0.5 * error**2).mean()


def huber_mended(pred: Tensor, target: Tensor, delta: float = 1.0) -> Tensor:
    error = (pred - target).abs()
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta)).mean()


def dice_loss(prob: Tensor, target: Tensor) -> Tensor:
    p, t = prob.sigmoid().flatten(1), target.flatten(1)
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


def dice_loss_mended(prob: Tensor, target: Tensor) -> Tensor:
    p, t = prob.flatten(1), target.flatten(1)
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


def negative_log_likelihood(logits: Tensor, target: Tensor) -> Tensor:
    return F.nll_loss(logits, target)


def negative_log_likelihood_mended(logits: Tensor, target: Tensor) -> Tensor:
    return F.nll_loss(F.log_softmax(logits, dim=1), target)


def softmax_then_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(F.softmax(logits, dim=1), target)


def softmax_then_cross_entropy_mended(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits, target)


def numpy_weighted_loss(logits: Tensor, target: Tensor) -> Tensor:
    weight = np.array([1.0, 2.0, 3.0, 4.0])[target.numpy()]
    chosen = F.log_softmax(logits, 1).detach().numpy()[np.arange(len(target)), target.numpy()]
    return torch.tensor(-(weight * chosen).mean(), dtype=logits.dtype, requires_grad=True)


def numpy_weighted_loss_mended(logits: Tensor, target: Tensor) -> Tensor:
    weight = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=logits.dtype)[target]
    return (weight * F.cross_entropy(logits, target, reduction="none")).mean()


def masked_loss(logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    each = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view(target.shape)
    return (each * mask).mean()


def masked_loss_mended(logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    each = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view(target.shape)
    return (each * mask).sum() / mask.sum().clamp(min=1)


def two_heads(box: Tensor, true_box: Tensor, logits: Tensor, label: Tensor) -> Tensor:
    return F.mse_loss(box, true_box, reduction="sum") + F.cross_entropy(logits, label)


def two_heads_mended(box: Tensor, true_box: Tensor, logits: Tensor, label: Tensor) -> Tensor:
    return F.mse_loss(box, true_box) + F.cross_entropy(logits, label)


BEST = {"minimum_at_perfect": True, "lower_bound": 0.0}
CHANCES = {"prob": "probabilities n", "target": "binary01 n"}
CLASSES = {"logits": "logits n c", "target": "class_index n"}

SAMPLES = (
    Sample(
        "Focal loss with one alpha for both classes",
        "Alpha should weigh the rare class; here it multiplies everything and only rescales the learning rate.",
        focal_loss, focal_loss_mended, CHANCES, {"class_weights": {0: 0.75, 1: 0.25}},
    ),
    Sample(
        "Weighted cross-entropy that weighs the other class",
        "The text says that the rare, positive class counts five times. The code gives the weight to the negatives.",
        weighted_bce, weighted_bce_mended, CHANCES, {"class_weights": {0: 1.0, 1: 5.0}},
    ),
    Sample(
        "Cross-entropy from probabilities, by hand",
        "A confident network outputs exactly 0 or 1 in single precision; the logarithm of 0 ends the training.",
        log_loss, log_loss_mended, CHANCES, {"valid_edges": ["prob_0_1"]},
    ),
    Sample(
        "A regression on (n, 1) against (n,)",
        "The difference of a column and a row is a table of all pairs: every house is pulled to the mean price.",
        house_price_loss, house_price_loss_mended, {"pred": "real n 1", "price": "real n"},
    ),
    Sample(
        "A discriminator that minimises what it should maximise",
        "The objective of the paper is maximised. As a loss it needs a minus.",
        discriminator_loss, discriminator_loss_mended, {"real": "probabilities n", "fake": "probabilities n"},
        {"lower_bound": 0.0, "direction": "decreasing in real, increasing in fake"},
    ),
    Sample(
        "Huber's loss with exchanged branches",
        "Large errors get the square, small ones the line: the opposite of what it is chosen for.",
        huber, huber_mended, {"pred": "real n d", "target": "real n d"}, {**BEST, "robust": True},
    ),
    Sample(
        "Dice with a second sigmoid",
        "The network already ends in one. Squeezed into 0.5 to 0.73, no mask is ever right.",
        dice_loss, dice_loss_mended, {"prob": "probabilities n 1 h w", "target": "binary01 n 1 h w"},
        {**BEST, "minimum_value": 0.0},
    ),
    Sample(
        "NLLLoss on raw scores",
        "It only picks the true class's number: without a log-softmax there is no competition and no bound.",
        negative_log_likelihood, negative_log_likelihood_mended, CLASSES, {**BEST, "proper": True},
    ),
    Sample(
        "Softmax before CrossEntropyLoss",
        "CrossEntropyLoss takes logits. After a softmax its inputs lie in 0 to 1: even a sure network keeps a loss.",
        softmax_then_cross_entropy, softmax_then_cross_entropy_mended, CLASSES, {**BEST, "minimum_value": 0.0},
    ),
    Sample(
        "Class weights by NumPy",
        "To multiply with an array the tensor is detached, and wrapped again: training runs, and nothing learns.",
        numpy_weighted_loss, numpy_weighted_loss_mended, CLASSES, {"lower_bound": 0.0},
    ),
    Sample(
        "The mean over padding",
        "Masked positions are zeroed, yet counted: a batch with more padding has a smaller loss.",
        masked_loss, masked_loss_mended, {"logits": "logits n t c", "target": "class_index n t", "mask": "mask01 n t"},
        {"mask": True, "padding_invariant": True},
    ),
    Sample(
        "A sum beside a mean",
        "One part grows with the batch, the other does not: another batch size is another balance.",
        two_heads, two_heads_mended,
        {"box": "real n d", "true_box": "real n d", "logits": "logits n c", "label": "class_index n"},
        {"components": ["boxes", "classes"]},
    ),
)  # fmt: skip
