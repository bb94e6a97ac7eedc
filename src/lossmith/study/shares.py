"""Who gets the gradient: each group's share of the pull on a stated batch.

The batch has easy and hard examples, a few outliers (or wrong labels) and a rare group. How much each group pulls at
the network's output says more of a loss than its formula: a mean is moved by what pulls.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from lossmith import registry
from lossmith.criterion import Criterion
from lossmith.domains import (
    BinaryTarget,
    ClassIndex,
    ClassProbabilities,
    Domain,
    LocationScale,
    Logits,
    LogMean,
    Probability,
    Spread,
)
from lossmith.study.curve import columns

Seen = Callable[[Tensor], Tensor]

NUMBERS = (
    "1,000 targets about 10, predicted with an error of 0.1 to 1 (easy, 80\u00a0%) or 2 to 3 (hard, 12\u00a0%); 20 "
    "outliers that lie 8 to 10 above their prediction; 60 rare targets about 2, with an error of 0.1 to 1"
)
CLASSES = (
    "1,000 examples of two classes: in the common one 800 easy (true class ahead by 2 to 4 logits), 80 hard (within 1 "
    "logit) and 20 mislabelled (behind by 5 to 7); 100 of the rare one, from 2 behind to 4 ahead"
)
COUNTS = {
    NUMBERS: {"easy": 800, "hard": 120, "outlier": 20, "rare": 60},
    CLASSES: {"easy": 800, "hard": 80, "mislabelled": 20, "rare class": 100},
}
PIXELS = "n p"
"""The shape of masks: a row for each image."""


@dataclass(frozen=True)
class Shares:
    """Each group's share of the examples, and of the sum of gradient magnitudes."""

    batch: str
    """What the examples are, in a sentence without its end."""
    group: tuple[str, ...]
    examples: tuple[float, ...]
    pull: tuple[float, ...]
    default: str
    """The loss people take if they do not choose: squared error or cross-entropy."""
    default_pull: tuple[float, ...]


def shares(criterion: Criterion) -> Shares | None:
    """Return who gets the gradient of a loss of predictions and targets.

    Nothing for any other loss.
    """
    card = criterion.card()
    if card.kind != "loss" or set(card.inputs) != {"input", "target"} or card.unit == "pair":
        return None
    domain, wanted = card.inputs["input"], card.inputs["target"]
    classes = isinstance(domain, Logits | Probability)
    built = _classes(domain, wanted) if classes else _numbers(domain, wanted, columns(criterion))
    if built is None:
        return None
    batch, raw, target, default = built
    other = registry.load(default, reduction="none")
    told = torch.nn.functional.one_hot(target).double() if isinstance(wanted, ClassProbabilities) else target
    told = told.unsqueeze(0) if domain.shape == PIXELS else told
    counts = COUNTS[batch]
    return Shares(
        batch,
        tuple(counts),
        tuple(count / sum(counts.values()) for count in counts.values()),
        _pull(criterion, _taken(domain), raw, told, counts),
        default,
        _pull(other, _point(domain), raw, target, counts),
    )


def _pull(criterion: Criterion, seen: Seen, raw: Tensor, target: Tensor, counts: dict[str, int]) -> tuple[float, ...]:
    """Return each group's share of the summed size of the gradient.

    It is taken at the network's output.
    """
    raw = raw.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(criterion(seen(raw), target).sum(), raw)
    sizes = gradient.reshape(len(raw), -1).norm(dim=1)
    parts = torch.stack([part.sum() for part in sizes.split(list(counts.values()))])
    return tuple(float(f"{share:.4g}") for share in (parts / parts.sum().clamp(min=1e-30)).tolist())


def _taken(domain: Domain) -> Seen:
    """Return how a loss takes the network's output, before what the head adds."""
    if isinstance(domain, Probability):
        return torch.sigmoid
    return (lambda raw: raw.unsqueeze(0)) if domain.shape == PIXELS else domain.closest


def _point(domain: Domain) -> Seen:
    """Return how the default loss sees the output: one number, or logits."""
    if isinstance(domain, LocationScale):
        return lambda raw: raw[..., 0]
    if isinstance(domain, Spread):
        return lambda raw: raw.mean(-1)
    return (lambda raw: raw) if isinstance(domain, Logits | Probability) else domain.decode


def _numbers(domain: Domain, wanted: Domain, width: int) -> tuple[str, Tensor, Tensor, str] | None:
    """Return the batch of numbers: words, outputs, targets, default loss."""
    prediction, target = _predicted()
    if wanted.integer or isinstance(wanted, BinaryTarget) or target not in wanted or wanted.high <= 1.0:
        return None
    raw = prediction.log() if isinstance(domain, LogMean) else prediction
    if isinstance(domain, Spread):
        raw = domain.placed_at(raw, torch.zeros(len(raw), width, dtype=raw.dtype))
    elif len(domain.shape.split()) > 1 or domain.high <= 1.0:
        return None
    return NUMBERS, raw, target, "squared_error_loss"


def _predicted() -> tuple[Tensor, Tensor]:
    easy, hard, outlier, rare = COUNTS[NUMBERS].values()
    target = torch.cat([_spread(8, 12, easy), _spread(8, 12, hard), _spread(18, 20, outlier), _spread(1.5, 2.5, rare)])
    size = [_spread(0.1, 1, easy, 7), _spread(2, 3, hard, 7), _spread(8, 10, outlier, 3), _spread(0.1, 1, rare, 7)]
    sign = torch.tensor([1.0, -1.0], dtype=torch.float64).repeat(len(target) // 2)
    sign[easy + hard : easy + hard + outlier] = -1.0
    return target + sign * torch.cat(size), target


def _classes(domain: Domain, wanted: Domain) -> tuple[str, Tensor, Tensor, str] | None:
    """Return the batch of classes: words, logits, labels, default loss."""
    easy, hard, mislabelled, rare = COUNTS[CLASSES].values()
    margin = torch.cat([_spread(2, 4, easy), _spread(-1, 1, hard), _spread(-7, -5, mislabelled), _spread(-2, 4, rare)])
    label = (torch.arange(len(margin)) >= len(margin) - rare).long()
    ahead = torch.where(label == 1, margin, -margin)
    if isinstance(wanted, BinaryTarget) and domain.shape in ("...", "n", PIXELS):
        return CLASSES, ahead, label.double(), "binary_cross_entropy_loss"
    if isinstance(wanted, ClassIndex | ClassProbabilities) and domain.shape in ("n c", "... c"):
        return CLASSES, torch.stack([-0.5 * ahead, 0.5 * ahead], dim=1), label, "cross_entropy_loss"
    return None


def _spread(low: float, high: float, count: int, stride: int = 1) -> Tensor:
    """Return evenly spaced numbers, in the order of a stride.

    It puts sizes next to targets that do not grow with them.
    """
    return torch.linspace(low, high, count, dtype=torch.float64)[torch.arange(count) * stride % count]
