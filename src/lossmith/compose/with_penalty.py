"""A loss and a price on a model's weights, as one loss."""

from typing import Any

import torch
from torch import Tensor

from lossmith.compose.composed import Composed, Parts, describe, expression, plain
from lossmith.compose.derived import BATCH, Derived, elicited_by, sizes_of, traits_of
from lossmith.compose.rules import unknown
from lossmith.criterion import Criterion


class WithPenalty(Composed):
    """A loss plus a weight times a penalty on a model.

    The model is looked at, not owned: its parameters are not among the loss's, nor in its `state_dict`. A copy of the
    loss that goes to another process or through `copy.deepcopy` is about a copy of the model.

    Args:
        loss: of predictions and targets.
        model: whose weights cost.
        penalty: such as `L2PenaltyLoss()`.
        weight: its factor, from 0 up.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: the weight is below 0, or the loss is not reduced.

    Example:
        >>> from lossmith.losses import L2PenaltyLoss, SquaredErrorLoss
        >>> model = torch.nn.Linear(2, 1)
        >>> model.weight.data = torch.tensor([[3.0, -4.0]])
        >>> loss = WithPenalty(SquaredErrorLoss(), model, L2PenaltyLoss(), weight=0.1)
        >>> loss(torch.ones(2), torch.zeros(2)).item()
        3.5
    """

    def __init__(self, loss: Criterion, model: torch.nn.Module, penalty: Criterion, weight: float) -> None:
        super().__init__(plain(loss).reduction)
        if not isinstance(penalty, Criterion) or penalty.card().kind != "penalty":
            raise TypeError(f"`penalty` should be a penalty of lossmith. Found {penalty}. Try `L2PenaltyLoss()`.")
        if not isinstance(model, torch.nn.Module):
            raise TypeError(f"`model` should be a torch.nn.Module. Found {type(model).__name__}.")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"`weight` should be a number from 0 up. Found {weight}.")
        if self.reduction == "none":
            raise ValueError("The loss should be reduced: a penalty is one number. Found 'none'. Try 'mean'.")
        self.loss, self.penalty = loss, penalty
        self._model = (model,)  # in a tuple, so that its parameters are not taken for the loss's own
        self._names = loss.card().name, penalty.card().name
        self._hyperparameters = {"weight": float(weight)}
        self._batchwise = True
        self._safe = {name: domain.safe for name, domain in loss.card().inputs.items()}

    @property
    def model(self) -> torch.nn.Module:
        """The model whose weights cost."""
        return self._model[0]

    def unreduced(self, *data: Any) -> Tensor:
        """Refuse: a penalty has no value per example."""
        raise ValueError(
            "A loss with a penalty should be the outermost. Found it inside another. Try to wrap its loss."
        )

    def forward(self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None) -> Tensor:
        """Return the loss, masked, weighted and reduced, plus the penalty."""
        return self.forward_parts(*data, mask=mask, sample_weight=sample_weight)[0]

    def forward_parts(
        self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None
    ) -> tuple[Tensor, Parts]:
        """Return the whole, and the parts of the loss and the penalty, detached."""
        if isinstance(self.loss, Composed):
            value, parts = self.loss.forward_parts(*data, mask=mask, sample_weight=sample_weight)
        else:
            value = self.loss(*data, mask=mask, sample_weight=sample_weight)
            parts = {self._names[0]: value.detach()}
        price = self._hyperparameters["weight"] * self.penalty(self.model)
        return value + price, {**parts, self._names[1]: price.detach()}

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows: to the prediction the penalty is a constant."""
        claims = unknown(traits_of(self.loss), ("non_negative", "zero_at_target"), "it depends on the model's weights")
        aside = dict.fromkeys(("sample_independent", "proper", "classification_calibrated"), BATCH)
        inner = self.loss.card()
        formula = rf"{inner.formula} + {self._hyperparameters['weight']:g}\left[{self.penalty.card().formula}\right]"
        return Derived(
            self, f"penalised_{inner.name}", "batch", inner.inputs, formula, elicited_by(self.loss),
            {**claims, **aside}, sizes=sizes_of(self.loss),
        )  # fmt: skip

    def described(self) -> dict[str, Any]:
        return {
            "loss": "with_penalty",
            "weight": self._hyperparameters["weight"],
            "of": describe(self.loss),
            "penalty": describe(self.penalty),
        }

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it."""
        weight = self._hyperparameters["weight"]
        return f"WithPenalty({expression(self.loss)}, model, {expression(self.penalty)}, weight={weight!r})"
