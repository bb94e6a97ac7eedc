"""A loss whose weight follows a schedule; the step is part of its state."""

import torch
from torch import Tensor

from lossmith.compose.composed import Around, expression
from lossmith.compose.derived import UNKNOWN, Derived, elicited_by
from lossmith.compose.rules import unknown
from lossmith.compose.schedule import Schedule
from lossmith.criterion import Criterion


class Scheduled(Around):
    """A loss times a weight that changes from step to step.

    A step is a call in training mode with gradients on: `eval()` and `torch.no_grad()` stop the clock. Whoever gathers
    gradients over several calls gives the schedule so many times the steps. The step is a buffer: it is saved in
    `state_dict`, and compiled code does not see a new number as new code.

    Args:
        loss: with any unit.
        weight: the schedule.

    Raises:
        TypeError: `weight` is no Schedule.

    Example:
        >>> from lossmith.losses import SquaredErrorLoss
        >>> loss = Scheduled(SquaredErrorLoss(), weight=Schedule("linear", start=1.0, end=0.0, steps=2))
        >>> [loss(torch.ones(1), torch.zeros(1)).item() for _ in range(4)]
        [1.0, 0.5, 0.0, 0.0]
        >>> loss.state_dict()["step"]
        tensor(4)
    """

    key = "scheduled"
    step: Tensor

    def __init__(self, loss: Criterion, *, weight: Schedule) -> None:
        super().__init__(loss)
        if not isinstance(weight, Schedule):
            raise TypeError(
                f"`weight` should be a Schedule, which can be written down. Found {type(weight).__name__}. "
                'Try `Schedule("linear", start=0.0, end=1.0, steps=1000)`.'
            )
        self.schedule = weight
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Multiply with the weight of this step, and count it."""
        weight = self.schedule.at(self.step).to(values.dtype)
        if self.training and torch.is_grad_enabled():
            self.step += 1
        return values * weight

    def settings(self) -> dict[str, object]:
        """Return the schedule as data; the step is state, not a setting."""
        return {"weight": self.schedule.as_data()}

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it."""
        return f"Scheduled({expression(self.loss)}, weight={self.schedule})"

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the loss inside, at any step."""
        claims, elicits = self.inner(), elicited_by(self.loss)
        if self.schedule.least < 0:
            independent = ("sample_independent", "vmap", "fullgraph")
            claims = unknown(claims, [name for name in claims if name not in independent], "the weight falls below 0")
        elif self.schedule.least == 0:
            told = ("gradient_growth", "proper", "classification_calibrated")
            claims = unknown(claims, told, "the weight reaches 0, and then nothing is learned from it")
            # What a loss lacks, nothing times it may have.
            fails = [name for name, claim in claims.items() if type(claim).__name__ == "Fails"]
            claims = unknown(claims, fails, "the weight reaches 0")
        elicits = elicits if self.schedule.least > 0 else UNKNOWN
        return self.derived(claims, rf"w(t)\left[{self.loss.card().formula}\right]", elicits=elicits)
