"""What goes into training and what comes out of it, as plain data."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossmith.training import decision
from lossmith.training.links import Anchor, Link
from lossmith.training.network import StackedMLP
from lossmith.training.problem import Candidate

Array = NDArray[Any]
Features = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to choose by, as numbers.

    Training runs in the precision of `x_train`.
    """

    x_train: Features
    y_train: Array
    x_valid: Features
    y_valid: Array
    classes: int = 0
    weight_train: Array | None = None
    """How much each row counts in the loss, not below 0; None: all the same."""
    weight_valid: Array | None = None
    """How much each row counts in the metric."""
    anchor_train: Anchor | None = None
    """A forecast at hand for each row, from which the network predicts the departure."""
    anchor_valid: Anchor | None = None
    paced_by: int | None = None
    """Rows that the schedule is made for, so that splits of different length keep step; by default their own."""

    @property
    def pace(self) -> int:
        """Rows that the schedule is made for."""
        return len(self.y_train) if self.paced_by is None else self.paced_by


@dataclass(frozen=True)
class Fitted:
    """One candidate, trained."""

    candidate: Candidate
    learning_rate: float
    link: Link
    rule_params: dict[str, Any]
    state: list[Tensor]
    hidden: tuple[int, ...]
    valid_score: float
    """NaN when the candidate never gave a finite score; then `error` says why."""
    best_epoch: int
    seconds: float
    epochs: list[int] = field(default_factory=list)
    """After which the curves were written."""
    train_curve: list[float] = field(default_factory=list)
    valid_curve: list[float] = field(default_factory=list)
    error: str = ""
    residual: bool = False

    def predict(self, x: Features, anchor: Anchor | None = None) -> Array:
        """Return predictions in the target's unit, or probabilities (n, classes).

        They are as the network gives them, before the decision rule.
        """
        outputs, dtype = len(self.state[-1]), self.state[0].dtype
        network = StackedMLP(1, x.shape[1], self.hidden, outputs, dtype, residual=self.residual)
        network.load_copy(0, self.state)
        return self.link.inverse(network.output(0, torch.from_numpy(x)), anchor)

    def decide(self, x: Features, anchor: Anchor | None = None) -> Array:
        """Return what the metric takes."""
        return decision.decide(self.candidate.rule, self.predict(x, anchor), self.rule_params)
