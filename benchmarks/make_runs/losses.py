"""Losses by name, right and wrong ones: what torch calls them, the loss of each row, the label it predicts."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """A loss, row by row.

    Attributes:
        criterion: what a recorder calls it.
        rows: the loss of each row of (output, target).
        predict: the label, count or value an output stands for.
        shape: what is done to the network's output first: nothing, softmax, sigmoid or clamp.
        outputs: columns of the output where the loss asks for another number than the task.
    """

    criterion: str
    rows: Callable[[Tensor, Tensor], Tensor]
    predict: Callable[[Tensor], Tensor]
    shape: str = ""
    outputs: int | None = None


SHAPES: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda out: out,
    "softmax": lambda out: out.softmax(1),
    "sigmoid": torch.sigmoid,
    "clamp": lambda out: out.clamp(0, 1),
}


def _column(out: Tensor) -> Tensor:
    return out[:, 0]


def _arg_max(out: Tensor) -> Tensor:
    return out.nan_to_num().argmax(1)


def _above(level: float) -> Callable[[Tensor], Tensor]:
    """Return the labels 0 and 1 of a column."""
    return lambda out: (_column(out) > level).long()


def _each_above(level: float) -> Callable[[Tensor], Tensor]:
    return lambda out: (out > level).long()


def _cross_entropy(out: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(out, y, reduction="none")


def _nll(out: Tensor, y: Tensor) -> Tensor:
    return F.nll_loss(out, y, reduction="none")


def _squared(out: Tensor, y: Tensor) -> Tensor:
    return (_column(out) - y.float()) ** 2


def _broadcast(out: Tensor, y: Tensor) -> Tensor:
    """Every output against every target: (N, 1) against (N,)."""
    return ((out - y.float()) ** 2).mean(0)


def _huber(out: Tensor, y: Tensor) -> Tensor:
    return F.smooth_l1_loss(_column(out), y, reduction="none")


def _one_hot(out: Tensor, y: Tensor) -> Tensor:
    return F.one_hot(y, out.shape[1]).float()


def _probability_l1(out: Tensor, y: Tensor) -> Tensor:
    return (out - _one_hot(out, y)).abs().mean(1)


def _probability_mse(out: Tensor, y: Tensor) -> Tensor:
    return ((out - _one_hot(out, y)) ** 2).mean(1)


def _bce_logits(out: Tensor, y: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(_column(out), y.float(), reduction="none")


def _entropy(p: Tensor, y: Tensor) -> Tensor:
    """Return binary cross-entropy, NaN where a probability is; torch's own function stops there."""
    inside = p.clamp(1e-6, 1 - 1e-6)
    return -(y * inside.log() + (1 - y) * (1 - inside).log())


def _bce(out: Tensor, y: Tensor) -> Tensor:
    return _entropy(_column(out), y.float())


def _hinge_of_01(out: Tensor, y: Tensor) -> Tensor:
    """The hinge loss of labels 0 and 1, which needs -1 and 1."""
    return (1 - y * _column(out)).clamp(min=0)


def _poisson(out: Tensor, y: Tensor) -> Tensor:
    return F.poisson_nll_loss(_column(out), y, reduction="none")


def _poisson_broadcast(out: Tensor, y: Tensor) -> Tensor:
    return F.poisson_nll_loss(out, y, reduction="none").mean(0)


def _label_bce_logits(out: Tensor, y: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(out, y.float(), reduction="none").mean(1)


def _label_bce(out: Tensor, y: Tensor) -> Tensor:
    return _entropy(out, y.float()).mean(1)


def _label_cross_entropy(out: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy, as though one label a row could be right."""
    return -(y * out.log_softmax(1)).sum(1)


def _pixel_mse(out: Tensor, y: Tensor) -> Tensor:
    return ((out - y) ** 2).mean(1)


def _pixel_l1(out: Tensor, y: Tensor) -> Tensor:
    return (out - y).abs().mean(1)


def _pixel_cross_entropy(out: Tensor, y: Tensor) -> Tensor:
    return -(y * out.log_softmax(1)).mean(1)


def _ctc(out: Tensor, y: Tensor) -> Tensor:
    rows, steps, length = out.shape[0], out.shape[1], y.shape[1]
    frames, symbols = torch.full((rows,), steps), torch.full((rows,), length)
    return F.ctc_loss(out.log_softmax(2).transpose(0, 1), y + 1, frames, symbols, reduction="none") / length


def _policy_gradient(out: Tensor, y: Tensor) -> Tensor:
    """Minus advantage times log-probability of an action drawn from the policy."""
    action = torch.distributions.Categorical(logits=out.detach().nan_to_num()).sample()
    reward = (action == y).float() + 0.3 * torch.randn(len(y))
    return -(reward - reward.mean()) * out.log_softmax(1).gather(1, action[:, None])[:, 0]


def _rounded(classes: int) -> Callable[[Tensor], Tensor]:
    return lambda out: _column(out).nan_to_num().round().clamp(0, classes - 1).long()


def mse_index(classes: int) -> Loss:
    """Return squared error of the class number."""
    return Loss("MSELoss", _squared, _rounded(classes), outputs=1)


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss("CrossEntropyLoss", _cross_entropy, _arg_max),
    "cross_entropy_of_softmax": Loss("CrossEntropyLoss", _cross_entropy, _arg_max, "softmax"),
    "nll_of_softmax": Loss("NLLLoss", _nll, _arg_max, "softmax"),
    "nll_of_logits": Loss("NLLLoss", _nll, _arg_max),
    "probability_l1": Loss("L1Loss", _probability_l1, _arg_max, "softmax"),
    "probability_mse": Loss("MSELoss", _probability_mse, _arg_max, "sigmoid"),
    "bce_logits": Loss("BCEWithLogitsLoss", _bce_logits, _above(0)),
    "bce_logits_of_sigmoid": Loss("BCEWithLogitsLoss", _bce_logits, _above(0.5), "sigmoid"),
    "bce_of_logits": Loss("BCELoss", _bce, _above(0.5), "clamp"),
    "hinge_of_01": Loss("custom", _hinge_of_01, _above(0)),
    "mse": Loss("MSELoss", _squared, _column),
    "mse_broadcast": Loss("MSELoss", _broadcast, _column),
    "huber": Loss("SmoothL1Loss", _huber, _column),
    "poisson": Loss("PoissonNLLLoss", _poisson, lambda out: _column(out).clamp(max=20).exp()),
    "poisson_broadcast": Loss("PoissonNLLLoss", _poisson_broadcast, lambda out: _column(out).clamp(max=20).exp()),
    "label_bce_logits": Loss("BCEWithLogitsLoss", _label_bce_logits, _each_above(0)),
    "label_bce_logits_of_sigmoid": Loss("BCEWithLogitsLoss", _label_bce_logits, _each_above(0.5), "sigmoid"),
    "label_bce_of_logits": Loss("BCELoss", _label_bce, _each_above(0.5), "clamp"),
    "label_cross_entropy": Loss("CrossEntropyLoss", _label_cross_entropy, _each_above(0)),
    "pixel_bce": Loss("BCELoss", _label_bce, lambda out: out, "sigmoid"),
    "pixel_mse": Loss("MSELoss", _pixel_mse, lambda out: out, "sigmoid"),
    "pixel_bce_of_logits": Loss("BCELoss", _label_bce, lambda out: out, "clamp"),
    "pixel_bce_twice": Loss("BCEWithLogitsLoss", _label_bce_logits, lambda out: out, "sigmoid"),
    "pixel_l1": Loss("L1Loss", _pixel_l1, lambda out: out, "sigmoid"),
    "pixel_cross_entropy": Loss("CrossEntropyLoss", _pixel_cross_entropy, torch.sigmoid),
    "ctc": Loss("CTCLoss", _ctc, lambda out: out),
    "policy_gradient": Loss("custom", _policy_gradient, _arg_max),
} | {f"mse_index_{classes}": mse_index(classes) for classes in range(2, 11)}
