"""Faulty losses with their repairs: what the checker must name, and what it must leave alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everyone writes it

BEST = {"minimum_at_perfect": True, "minimum_value": 0.0, "lower_bound": 0.0}
REAL = {"pred": "real n d", "target": "real n d"}
BINARY = {"logits": "logits n", "target": "binary01 n"}
CHANCES = {"prob": "probabilities n", "target": "binary01 n"}
CLASSES = {"logits": "logits n c", "target": "class_index n"}
TOKENS = {"logits": "logits n t c", "target": "class_index n t", "mask": "mask01 n t"}
HISTORY: list[Tensor] = []


@dataclass(frozen=True)
class Fault:
    """A rule, a loss that breaks it, and the same loss mended."""

    rule: str
    faulty: Callable[..., Any]
    mended: Callable[..., Any]
    inputs: dict[str, str]
    claims: dict[str, Any] = field(default_factory=dict)


def hinge(score: Tensor, target: Tensor) -> Tensor:
    return F.relu(1 - target * score).mean()


def tokens(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view(target.shape)


class Slope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.square().sum()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3.0 * g * x


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.pow(3).mean()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3.0 * x.square() / x.numel()


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        self.calls += 1
        return self.calls * F.mse_loss(pred, target)


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.tensor([1.0, 2.0, 1.0, 3.0])

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return (self.weight[target] * F.cross_entropy(logits, target, reduction="none")).mean()


class Buffered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight", torch.tensor([1.0, 2.0, 1.0, 3.0]))

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return (self.weight.to(logits)[target] * F.cross_entropy(logits, target, reduction="none")).mean()


class Reduced(nn.Module):
    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        values = (pred - target).abs()
        return {"none": values, "mean": values.mean(), "sum": values.sum() / 2}[self.reduction]


class ReducedWell(Reduced):
    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        values = (pred - target).abs()
        return {"none": values, "mean": values.mean(), "sum": values.sum()}[self.reduction]


class Margin(nn.Module):
    def __init__(self, margin: float = 0.5) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, score: Tensor, target: Tensor) -> Tensor:
        return F.relu(1.0 - target * score).mean()


class MarginUsed(Margin):
    def forward(self, score: Tensor, target: Tensor) -> Tensor:
        return F.relu(self.margin - target * score).mean()


def remembers(pred: Tensor, target: Tensor) -> Tensor:
    HISTORY.append((pred - target).square().mean())
    return HISTORY[-1]


def writes(pred: Tensor, target: Tensor) -> Tensor:
    target -= target.mean()
    return (pred - target).square().mean()


def switches(pred: Tensor, target: Tensor) -> Tensor:
    torch.set_default_dtype(torch.float64)
    return (pred - target).square().mean()


def branches(pred: Tensor, target: Tensor) -> Tensor:
    error = (pred - target).abs()
    return error.square().mean() if float(error.detach().max()) < 1.0 else error.mean()


def clamped(pred: Tensor, target: Tensor) -> Tensor:
    return (pred - target).square().clamp(max=1.0).mean()


def dice(prob: Tensor, target: Tensor) -> Tensor:
    p, t = prob.flatten(1), target.flatten(1)
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


def ctc(all_frames: bool) -> Callable[..., Tensor]:
    def loss(log_probs: Tensor, labels: Tensor, label_lengths: Tensor) -> Tensor:
        frames = len(log_probs) if all_frames else len(log_probs) - 3
        counts = torch.full((labels.shape[0],), frames)
        return F.ctc_loss(log_probs, labels, counts, label_lengths, zero_infinity=True)

    return loss


def kept(each: Tensor, mask: Tensor) -> Tensor:
    return (each * mask).sum() / mask.sum()


class Sided(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.miss, self.alarm = 1.0, 4.0

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return (self.miss * target * F.softplus(-logits) + self.alarm * (1 - target) * F.softplus(logits)).mean()


class Exchanged(Sided):
    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return super().forward(-logits, 1 - target)


def mse(pred: Tensor, target: Tensor) -> Tensor:
    return (pred - target).square().mean()


def bce(logits: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, target)


def weighted(yes: float, no: float) -> Callable[..., Tensor]:
    def loss(prob: Tensor, target: Tensor) -> Tensor:
        p = prob.clamp(1e-7, 1 - 1e-7)
        return -(yes * target * p.log() + no * (1 - target) * (1 - p).log()).mean()

    return loss


EMBEDDINGS = {"anchor": "embeddings n d", "positive": "embeddings n d", "negative": "embeddings n d"}
WEIGHTED = {**BINARY, "weight": "positive n"}
SEQUENCE = {"log_probs": "log_probabilities t n c", "labels": "padded_index n s", "label_lengths": "lengths n"}

FAULTS = [
    Fault("crash", lambda pred, target: pred - missing, mse, REAL),
    Fault("gradient-cut", lambda pred, target: torch.tensor(float(mse(pred, target)), requires_grad=True), mse, REAL),
    Fault("unused-input", lambda pred, target: pred.square().mean(), mse, REAL),
    Fault(
        "wrong-gradient",
        lambda pred, target: Slope.apply(pred - target),
        lambda pred, target: (pred - target).square().sum(),
        REAL,
    ),
    Fault("target-gradient", mse, lambda pred, target: mse(pred, target.detach()), REAL, {"target_detached": True}),
    Fault("inplace-input", writes, lambda pred, target: mse(pred, target - target.mean()), REAL),
    Fault(
        "double-backward",
        lambda pred, target: Once.apply(pred - target),
        lambda pred, target: (pred - target).pow(3).mean(),
        REAL,
        {"supports": ["double_backward"]},
    ),
    Fault(
        "nondeterministic",
        lambda pred, target: (F.dropout(pred - target)).square().mean(),
        mse,
        REAL,
        {"deterministic": True},
    ),
    Fault("stateful", Counting, lambda pred, target: mse(pred, target), REAL, {"stateless": True}),
    Fault("memory-growth", remembers, mse, REAL, {"stateless": True}),
    Fault("side-effect", switches, mse, REAL),
    Fault("vmap-unsupported", branches, mse, REAL, {"supports": ["vmap"]}),
    Fault("device-hardcoded", Plain, Buffered, CLASSES, {"follows_to": True}),
    Fault(
        "device-hardcoded",
        lambda logits, target: bce(logits, torch.eye(4)[target.cpu()]),
        lambda logits, target: bce(logits, torch.eye(4, device=logits.device).to(logits)[target]),
        CLASSES,
        {"follows_input_device": True},
    ),
    Fault(
        "dtype-hardcoded",
        lambda logits, target: F.cross_entropy(logits @ torch.eye(4), target),
        lambda logits, target: F.cross_entropy(logits @ torch.eye(4, dtype=logits.dtype), target),
        CLASSES,
        {"dtypes": ["float32", "float64"]},
    ),
    Fault(
        "broadcast", mse, lambda pred, target: mse(pred.squeeze(-1), target), {"pred": "real n 1", "target": "real n"}
    ),
    Fault(
        "batch-size-1",
        lambda pred, target: F.mse_loss(pred.squeeze()[:, None], target),
        mse,
        {"pred": "real n 1", "target": "real n 1"},
        {"valid_edges": ["batch_size_1"]},
    ),
    Fault("batch-dependence", lambda pred, target: mse(pred, target).sqrt(), mse, REAL, {"sample_independent": True}),
    Fault("reduction", Reduced, ReducedWell, REAL, {"reductions": ["none", "mean", "sum"]}),
    Fault(
        "scale-mismatch",
        lambda pred, target, logits, label: (pred - target).square().sum() + F.cross_entropy(logits, label),
        lambda pred, target, logits, label: mse(pred, target) + F.cross_entropy(logits, label),
        {"pred": "real n d", "target": "real n d", "logits": "logits n c", "label": "class_index n"},
        {"components": ["regression", "classes"]},
    ),
    Fault(
        "mask-handling",
        lambda logits, target, mask: (tokens(logits, target) * mask).mean(),
        lambda logits, target, mask: (tokens(logits, target) * mask).sum() / mask.sum(),
        TOKENS,
        {"mask": True, "padding_invariant": True},
    ),
    Fault("length-handling", ctc(False), ctc(True), SEQUENCE, {"input_lengths": "all frames", "lower_bound": 0.0}),
    Fault(
        "empty-reduction",
        lambda logits, target: F.cross_entropy(logits, target, ignore_index=-100),
        lambda logits, target: (
            F.cross_entropy(logits, target, ignore_index=-100, reduction="sum") / (target >= 0).sum().clamp(min=1)
        ),
        CLASSES,
        {"ignore_index": -100, "valid_edges": ["all_ignored"]},
    ),
    Fault(
        "nan-value",
        lambda prob, target: -(target * prob.log() + (1 - target) * (1 - prob).log()).mean(),
        F.binary_cross_entropy,
        CHANCES,
        {"valid_edges": ["prob_0_1"]},
    ),
    Fault(
        "nan-gradient",
        lambda pred, target: mse(pred, target).sqrt(),
        lambda pred, target: (mse(pred, target) + 1e-12).sqrt(),
        REAL,
        {"valid_edges": ["pred_eq_target"]},
    ),
    Fault(
        "unstable-extreme",
        lambda logits, target: ((1 + logits.exp()).log() - target * logits).mean(),
        bce,
        BINARY,
        {"valid_edges": ["extreme_logits"]},
    ),
    Fault(
        "low-precision",
        lambda prob, target: -(target * (prob + 1e-9).log() + (1 - target) * (1 - prob + 1e-9).log()).mean(),
        lambda prob, target: (
            -(target * (prob.float() + 1e-3).log() + (1 - target) * (1 - prob.float() + 1e-3).log()).mean()
        ),
        CHANCES,
        {"dtypes": ["float32", "float16"]},
    ),
    Fault(
        "wrong-sign",
        lambda pred, target: F.cosine_similarity(pred, target).mean(),
        lambda pred, target: 1 - F.cosine_similarity(pred, target).mean(),
        REAL,
        {"minimum_at_perfect": True},
    ),
    Fault(
        "wrong-sign",
        lambda anchor, positive, negative: F.triplet_margin_loss(anchor, negative, positive),
        F.triplet_margin_loss,
        EMBEDDINGS,
        {"lower_bound": 0.0},
    ),
    Fault("wrong-minimum", lambda pred, target: mse(pred, target + 0.5), mse, REAL, BEST),
    Fault("below-bound", lambda pred, target: ((pred - target).square() - 0.3).mean(), mse, REAL, {"lower_bound": 0.0}),
    Fault(
        "improper",
        lambda prob, target: (prob - target).abs().mean(),
        lambda prob, target: (prob - target).square().mean(),
        CHANCES,
        {"proper": True},
    ),
    Fault("improper", F.mse_loss, F.l1_loss, REAL, {"elicits": "median"}),
    Fault(
        "not-monotone",
        lambda pred, target: ((pred - target).abs() * (-(pred - target).abs() / 3).exp()).mean(),
        mse,
        REAL,
        {"monotone": True},
    ),
    Fault("not-robust", mse, F.huber_loss, REAL, {"robust": True}),
    Fault(
        "not-convex",
        lambda pred, target: (pred - target).square().div(1 + (pred - target).square()).mean(),
        mse,
        REAL,
        {"convex": True},
    ),
    Fault(
        "discontinuous",
        lambda pred, target: torch.where(
            (pred - target).abs() < 1, (pred - target).square(), 3 * (pred - target).abs()
        ).mean(),
        F.huber_loss,
        REAL,
        {"continuous": True},
    ),
    Fault("wrong-value", lambda pred, target: 0.5 * mse(pred, target), mse, REAL, {"reference": F.mse_loss}),
    Fault(
        "double-softmax",
        lambda logits, target: F.cross_entropy(logits.softmax(1), target),
        F.cross_entropy,
        CLASSES,
        BEST,
    ),
    Fault("missing-activation", lambda logits, target: F.nll_loss(logits, target), F.cross_entropy, CLASSES, BEST),
    Fault("missing-activation", F.binary_cross_entropy, bce, BINARY, BEST),
    Fault(
        "label-encoding",
        hinge,
        lambda score, target: hinge(score, 2 * target - 1),
        {"score": "logits n", "target": "binary01 n"},
        BEST,
    ),
    Fault(
        "label-encoding",
        lambda logits, target: F.cross_entropy(logits, (target - 1) % 4),
        F.cross_entropy,
        CLASSES,
        BEST,
    ),
    Fault(
        "swapped-arguments",
        lambda logp, target: F.kl_div(target, logp, reduction="batchmean"),
        lambda logp, target: F.kl_div(logp, target, reduction="batchmean"),
        {"logp": "log_probabilities n c", "target": "soft_labels n c"},
        BEST,
    ),
    Fault(
        "target-alignment",
        lambda logits, target: tokens(logits, target).mean(),
        lambda logits, target: tokens(logits[:, :-1], target[:, 1:]).mean(),
        {"logits": "logits n t c", "target": "class_index n t"},
        {"target_offset": 1},
    ),
    Fault(
        "wrong-dim", lambda logits, target: F.nll_loss(logits.log_softmax(0), target), F.cross_entropy, CLASSES, BEST
    ),
    Fault(
        "vanishing-gradient",
        lambda logits, target: (logits.sigmoid() - target).square().mean(),
        bce,
        BINARY,
        {"strong_gradient_when_wrong": True},
    ),
    Fault("vanishing-gradient", clamped, mse, REAL, {"monotone": True}),
    Fault("class-weight-swapped", weighted(1.0, 5.0), weighted(5.0, 1.0), CHANCES, {"class_weights": {0: 1.0, 1: 5.0}}),
    Fault(
        "class-weight-no-effect", weighted(5.0, 5.0), weighted(5.0, 1.0), CHANCES, {"class_weights": {0: 1.0, 1: 5.0}}
    ),
    Fault(
        "weight-effect",
        lambda logits, target, weight: (
            F.binary_cross_entropy_with_logits(logits, target, weight=weight, reduction="none") * weight
        ).mean(),
        lambda logits, target, weight: F.binary_cross_entropy_with_logits(logits, target, weight=weight),
        WEIGHTED,
        {"sample_weight": "linear"},
    ),
    Fault(
        "parameter-effect",
        Margin,
        MarginUsed,
        {"score": "logits n", "target": "sign n"},
        {"params": {"margin": "a larger margin gives a larger loss"}},
    ),
    Fault(
        "parameter-effect",
        Exchanged,
        Sided,
        {"logits": "logits n c", "target": "binary01 n c"},
        {**BEST, "params": {"miss": "price on positives", "alarm": "price on negatives"}},
    ),
    Fault(
        "broadcast",
        lambda prob, target, mask: kept((prob - target).square(), mask),
        lambda prob, target, mask: kept((prob - target).square(), mask.reshape(prob.shape)),
        {"prob": "probabilities n 1 h w", "target": "binary01 n 1 h w", "mask": "mask01 n h w"},
        {**BEST, "mask": True},
    ),
    Fault(
        "length-handling",
        lambda pred, target, lengths: mse(pred[:, : int(lengths.max())], target[:, : int(lengths.max())]),
        lambda pred, target, lengths: kept((pred - target).square(), torch.arange(pred.shape[1]) < lengths[:, None]),
        {"pred": "real n t", "target": "real n t", "lengths": "lengths n"},
        {**BEST, "padding_invariant": True},
    ),
    Fault(
        "target-alignment",
        lambda pred, target: mse(pred[:, :-1], target[:, :-1]),
        lambda pred, target: mse(pred[:, :-1], target[:, 1:]),
        {"pred": "real n t d", "target": "real n t d"},
        {"lower_bound": 0.0, "target_offset": 1},
    ),
    Fault(
        "improper",
        lambda logits, target: -(logits.softmax(1) * target.log()).sum(1).mean(),
        lambda logits, target: -(target * logits.log_softmax(1)).sum(1).mean(),
        {"logits": "logits n c", "target": "soft_labels n c"},
        {"lower_bound": 0.0, "proper": True},
    ),
    Fault(
        "wrong-minimum",
        lambda rate, target: (2.0 * rate.exp() - target * rate).mean(),
        lambda rate, target: (rate.exp() - target * rate).mean(),
        {"rate": "real n", "target": "count n"},
        {"minimum_at": "rate = log(target)"},
    ),
    Fault(
        "weight-effect",
        lambda logits, target, weight: (
            weight * target * F.softplus(-logits) + (1 - target) * F.softplus(logits)
        ).mean(),
        lambda logits, target, weight: F.binary_cross_entropy_with_logits(logits, target, weight=weight),
        WEIGHTED,
        {"sample_weight": "linear"},
    ),
    Fault(
        "nan-value",
        lambda prob, target: 1 - ((prob * target).sum() / (prob + target - prob * target).sum()),
        lambda prob, target: 1 - ((prob * target).sum() + 1e-6) / ((prob + target - prob * target).sum() + 1e-6),
        CHANCES,
        {"lower_bound": 0.0, "batch_level_statistics": True, "valid_edges": ["zero_target", "zero_prediction"]},
    ),
    Fault(
        "unstable-extreme",
        lambda pred, target: ((pred - target).square() / (1 + (pred - target).square())).mean(),
        lambda pred, target: (1 - 1 / (1 + (pred - target).square())).mean(),
        REAL,
        {**BEST, "upper_bound": 1.0, "valid_edges": ["extreme_error"]},
    ),
    Fault(
        "vanishing-gradient",
        lambda logits, target: (1 - logits.softmax(1).gather(1, target[:, None])).mean(),
        F.cross_entropy,
        CLASSES,
        {"strong_gradient_when_wrong": True},
    ),
]


def log_cosh(pred: Tensor, target: Tensor) -> Tensor:
    error = (pred - target).abs()
    return (error + F.softplus(-2 * error) - math.log(2)).mean()


FAULTS += [
    Fault(
        "wrong-minimum",  # by too little to stand out from an epsilon
        lambda pred, target: F.smooth_l1_loss(pred, target + 0.1), F.smooth_l1_loss, REAL, BEST,
    ),
    Fault(
        "not-convex",  # in each entry, which many entries hide
        lambda pred, target: ((pred - target).abs() + 1e-6).sqrt().mean(),
        lambda pred, target: ((pred - target).square() + 1e-6).sqrt().mean(),
        REAL, {"convex": True, "lower_bound": 0.0},
    ),
    Fault(
        "label-encoding",  # no word about the perfect prediction
        lambda score, target: F.relu(1 - target * score).mean(),
        lambda score, target: F.relu(1 - (2 * target - 1) * score).mean(),
        {"score": "logits n", "target": "binary01 n"}, {"lower_bound": 0.0},
    ),
    Fault(
        "wrong-sign",
        lambda pred, target: 1 - (pred - target).square().sum() / (target - target.mean()).square().sum(),
        lambda pred, target: (pred - target).square().sum() / (target - target.mean()).square().sum(),
        REAL, {"direction": "lower is better"},
    ),
    Fault(
        "wrong-sign",
        lambda a, b: (1 + F.cosine_similarity(a, b)).mean(), lambda a, b: (1 - F.cosine_similarity(a, b)).mean(),
        {"a": "embeddings n d", "b": "embeddings n d"}, {"minimum_value": 0.0, "minimum_at": "a and b are the same"},
    ),
    Fault(
        "improper",  # through a link
        lambda log_rate, target: (log_rate.exp() - 2 * target * log_rate).mean(),
        lambda log_rate, target: (log_rate.exp() - target * log_rate).mean(),
        {"log_rate": "real n", "target": "count n"}, {"elicits": "mean"},
    ),
]  # fmt: skip

SOUND: list[tuple[Callable[..., Any] | str, dict[str, str], dict[str, Any]]] = [
    (log_cosh, REAL, {**BEST, "convex": True, "robust": True, "reduction": "mean", "sample_independent": True}),
    (
        dice,
        {"prob": "probabilities n 1 h w", "target": "binary01 n 1 h w"},
        {**BEST, "upper_bound": 1.0, "sample_independent": True},
    ),
    (nn.MSELoss, REAL, {**BEST, "convex": True, "elicits": "mean", "reduction": "mean"}),
    (
        nn.CrossEntropyLoss,
        CLASSES,
        {**BEST, "convex": True, "proper": True, "shift_invariant": True, "reduction": "mean"},
    ),
    (
        lambda margin: -F.logsigmoid(margin).mean(),
        {"margin": "real n"},
        {"lower_bound": 0.0, "direction": "decreasing in margin"},
    ),
    (
        lambda real, fake: fake.mean() - real.mean(),
        {"real": "real n", "fake": "real n"},
        {"direction": "decreasing in real, increasing in fake"},
    ),
    (
        lambda logits, target: bce(logits, (target[:, None] > torch.arange(logits.shape[1])).to(logits)),  # ranks
        {"logits": "logits n k", "target": "class_index n"},
        {**BEST, "reduction": "mean", "convex": True},
    ),
    (lambda pred, target: F.mse_loss(pred.float(), target.float()), REAL, BEST),  # in single precision on purpose
]
