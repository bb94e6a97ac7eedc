"""One candidate in training on one split at one learning rate."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lossmith import registry
from lossmith.criterion import Criterion
from lossmith.metric import ChosenMetric
from lossmith.training import decision
from lossmith.training.fitted import Array, Fitted, Split
from lossmith.training.links import fit_around, fit_link, fit_own_link, shaped
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings

OwnLoss = Callable[[Tensor, Tensor], Tensor]
"""A loss of the user's own, of (input, target)."""


class Arm:
    """A candidate's target on one split, its history, and its best weights."""

    def __init__(
        self, candidate: Candidate, split: Split, metric: ChosenMetric, rate: float, own_loss: OwnLoss | None = None
    ) -> None:
        self.candidate, self.metric, self.split, self.rate = candidate, metric, split, rate
        dtype = torch.from_numpy(split.x_train[:0]).dtype
        self.weight = None if split.weight_train is None else _relative(split.weight_train, dtype)
        anchor = split.anchor_train
        if own_loss is None:
            self.criterion: Criterion = registry.load(candidate.loss, reduction="none", **candidate.params)
            card = self.criterion.card()
            link = fit_link(
                candidate.link, split.y_train, card, self.criterion.hyperparameters, split.classes, split.weight_train,
            ) if anchor is None else fit_around(candidate.link, split.y_train, card, anchor)  # fmt: skip
            self.link = shaped(link, card, self.criterion.hyperparameters, metric)
        else:  # which has no card
            self.link = fit_own_link(candidate.link, split.y_train, split.classes)
        self.target = self.link.target(split.y_train, dtype, anchor)
        self.start = None if anchor is None else self.link.start(anchor, dtype)
        self.best_error, self.best_epoch, self.score = math.inf, 0, math.nan
        self.rule_params: dict[str, Any] = dict(candidate.rule_params)
        self.state: list[Tensor] | None = None
        self.epochs: list[int] = []
        self.train_curve: list[float] = []
        self.valid_curve: list[float] = []
        self.error = ""

    def validate(self, output: Tensor, epoch: int) -> bool:
        """Score the validation rows; return whether this epoch is the best so far."""
        prediction = self.link.inverse(output, self.split.anchor_valid)
        if not np.isfinite(prediction).all():
            self.error = self.error or f"the network's output was not finite after epoch {epoch}"
            self.valid_curve.append(math.nan)
            return False
        rule_params, score = decision.tune(
            self.candidate.rule, prediction, self.split.y_valid, self.metric, self.candidate.rule_params,
            self.split.weight_valid,
        )  # fmt: skip
        self.valid_curve.append(score)
        error = self.metric.error(score)
        if not error < self.best_error:
            return False
        self.best_error, self.best_epoch, self.score, self.rule_params = error, epoch, score, rule_params
        return True

    def fitted(self, settings: Settings, seconds: float) -> Fitted:
        """Return what training came to."""
        failed = "" if self.state is not None else self.error or "the metric was never a number"
        return Fitted(
            self.candidate, self.rate, self.link, self.rule_params, self.state or [], settings.hidden, self.score,
            self.best_epoch, seconds, self.epochs, self.train_curve, self.valid_curve, failed, settings.residual,
        )  # fmt: skip


def _relative(weight: Array, dtype: torch.dtype) -> Tensor:
    """Return weights as multiples of their mean over all training rows.

    A batch's loss is then the mean of w·l, whose gradient is on average that of Σwl/Σw over all rows. Dividing by the
    batch's own Σw instead would let a heavy row count for less just where it is drawn.
    """
    mean = float(np.mean(weight))
    if not (np.min(weight) >= 0.0 and 0.0 < mean < math.inf):
        raise ValueError("Weights should be 0 or more, finite, and not all 0. Found others. Try correcting the rows.")
    return torch.as_tensor(weight / mean, dtype=dtype)
