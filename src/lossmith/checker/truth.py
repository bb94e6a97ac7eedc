"""What a prediction looks like that says the truth, or is wrong by a share."""

import torch
from torch import Tensor

from lossmith.checker.argument import AWAY, FAR, Argument, class_axis


def placed(prediction: Argument, like: Tensor, target: Argument, truth: Tensor, wrong: float = 0.0) -> Tensor | None:
    """Return a prediction that says the truth, or is wrong by a share.

    Args:
        prediction: what is predicted.
        like: a tensor of its shape.
        target: what it is compared with.
        truth: the target's values.
        wrong: 0 is perfect, 1 the plain opposite; a class is mistaken for the next one.

    Returns:
        None where the two do not say what perfect means.
    """
    held, against = prediction.holds, target.holds
    if against in ("class_index", "ignored_index"):
        return _classes(held, like, truth.clamp(min=0), wrong)
    if truth.shape != like.shape:
        if truth.numel() != like.numel():
            return None
        truth = truth.reshape(like.shape)
    if against in ("binary01", "sign", "one_hot"):
        return _yes_no(held, (truth + 1.0) / 2.0 if against == "sign" else truth, wrong, one_hot=against == "one_hot")
    if against == "soft_labels":
        mixed = (1.0 - wrong) * truth + wrong * truth.roll(1, dims=1 if truth.ndim > 1 else 0)
        return mixed.log() if held in ("log_probabilities", "logits") else mixed
    if held == against == "boxes":
        return truth + 5.0 * AWAY * wrong
    if held == against and held in ("embeddings", "unit", "real", "logits"):
        return _numbers(held, like, truth, wrong)
    if held == against and held in ("pixels", "probabilities"):
        return (1.0 - wrong) * truth + wrong * (1.0 - truth)
    if held in ("positive", "nonneg") and against in ("count", "positive", "nonneg", "time"):
        return truth.clamp(min=1e-3) * (1.0 + AWAY * wrong)
    return None


def _numbers(held: str, like: Tensor, truth: Tensor, wrong: float) -> Tensor:
    if held in ("embeddings", "unit"):  # the opposite direction, not quite exactly: there every slope is 0
        return (1.0 - 2.0 * wrong) * truth + 0.1 * wrong * like
    return truth + AWAY * wrong * torch.where(like >= truth, 1.0, -1.0)


def _classes(held: str, like: Tensor, index: Tensor, wrong: float) -> Tensor | None:
    axis = class_axis(like.shape, index.shape)
    if axis is None:
        return None
    count = like.shape[axis]
    if beyond(index, count):
        return _ranks(held, like, index, axis, wrong)
    right, other = (
        torch.nn.functional.one_hot(i, count).movedim(-1, axis).to(like) for i in (index % count, (index + 1) % count)
    )
    mixed = (1.0 - wrong) * right + wrong * other
    return {
        "logits": FAR * (mixed - 0.5),  # certain under softmax, and under a sigmoid for each class
        "real": FAR * mixed,
        "simplex": mixed,
        "probabilities": mixed,
        "log_probabilities": (FAR * mixed).log_softmax(axis),
    }.get(held)


def beyond(index: Tensor, count: int) -> bool:
    """Whether labels do not fit an axis.

    Its entries are then no classes, but thresholds, or one number.
    """
    return index.numel() > 0 and int(index.max()) >= count


def _ranks(held: str, like: Tensor, index: Tensor, axis: int, wrong: float) -> Tensor | None:
    """Return one number, or whether the rank exceeds each threshold."""
    count, top = like.shape[axis], int(index.max())
    if held == "real" and count == 1:
        return index.unsqueeze(axis).to(like) + AWAY * wrong
    if count != top:
        return None
    steps = torch.arange(count).reshape([-1 if a == axis else 1 for a in range(like.ndim)])
    right, other = ((i.unsqueeze(axis) > steps).to(like) for i in (index, (index + 1) % (top + 1)))
    return _yes_no(held, (1.0 - wrong) * right + wrong * other, 0.0, one_hot=False)


def _yes_no(held: str, truth: Tensor, wrong: float, *, one_hot: bool) -> Tensor | None:
    mixed = (1.0 - wrong) * truth + wrong * (truth.roll(1, dims=1) if one_hot else 1.0 - truth)
    if held in ("logits", "real"):
        return FAR * (2.0 * mixed - 1.0)
    if held == "log_probabilities":
        return (FAR * mixed).log_softmax(1)
    return mixed if held in ("probabilities", "simplex", "unit") else None
