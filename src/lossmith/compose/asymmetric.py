"""A different price for too high and too low, around any loss of numbers."""

import torch
from torch import Tensor

from lossmith.card import MEDIAN, Fails, Functional, Holds
from lossmith.compose.composed import Around
from lossmith.compose.derived import UNKNOWN, Derived, Trait, elicited_by
from lossmith.compose.rules import holds, kept, unknown
from lossmith.criterion import Criterion


class Asymmetric(Around):
    """A loss with one price for predicting too high and another for too low.

    Around the absolute error it elicits the quantile under/(over + under); around the squared error that expectile.

    Args:
        loss: of numbers, 0 where prediction and target agree; else the price would jump there.
        over: price of predicting too high, above 0.
        under: price of predicting too low, above 0.

    Raises:
        ValueError: a price is not above 0, or the loss does not fit.

    Example:
        >>> from lossmith.losses import AbsoluteErrorLoss
        >>> loss = Asymmetric(AbsoluteErrorLoss(reduction="none"), over=1, under=3)
        >>> loss(torch.tensor([2.0, -2.0]), torch.zeros(2))
        tensor([2., 6.])
        >>> str(loss.card().elicits)
        '0.75-quantile'
    """

    key = "asymmetric"

    def __init__(self, loss: Criterion, *, over: float, under: float) -> None:
        super().__init__(loss)
        card = loss.card()
        numbers = list(card.inputs) == ["input", "target"] and not card.inputs["target"].integer
        if not numbers or self._batchwise or not holds(self.inner(), "zero_at_target"):
            raise ValueError(
                "`Asymmetric` should be put around a loss that has one value per prediction and is 0 where prediction "
                f"and target agree. Found {card.name}. Try `AbsoluteErrorLoss()`, or `ClassWeighted` for classes."
            )
        for name, price in (("over", over), ("under", under)):
            if not 0 < price < float("inf"):
                raise ValueError(f"`{name}` should be a price above 0. Found {price}.")
        self._scale = card.inputs["input"]
        self._hyperparameters = {"over": float(over), "under": float(under)}

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Multiply each value with the price of its side."""
        prediction, target = data
        over, under = self._hyperparameters["over"], self._hyperparameters["under"]
        high = self._scale.decode(prediction) > target
        return torch.where(high, over * values, under * values)

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the loss inside."""
        inner, uneven = self.inner(), self._hyperparameters["over"] != self._hyperparameters["under"]
        claims = dict(inner)
        if uneven:
            # Below 0 nowhere and 0 at the target: the least value is there, so both halves meet as they should.
            if not holds(inner, "non_negative"):
                claims = unknown(claims, ("convex", "differentiable", "smooth"), "the loss may be below 0")
            changed: dict[str, Trait] = {"symmetric": Fails(note="the prices differ")}
            if self._quantile():
                changed["proper"] = Holds(note="for a quantile")
            elif holds(inner, "proper"):
                changed["proper"] = Fails(note="prices move the minimiser away from the mean")
            claims = kept(unknown(claims, ("proper", "classification_calibrated"), "the prices differ"), changed)
        over, under = self._hyperparameters["over"], self._hyperparameters["under"]
        formula = rf"\left({over:g}[x > y] + {under:g}[x \le y]\right)"
        formula += rf"\left[{self.loss.card().formula}\right]"
        return self.derived(claims, formula, elicits=self._elicited(uneven))

    def _quantile(self) -> bool:
        return elicited_by(self.loss).name == MEDIAN.name

    def _elicited(self, uneven: bool) -> Functional:
        """A level moves as the odds of the prices."""
        inside = elicited_by(self.loss)
        expectile = {"squared_error_loss": 0.5}.get(self.loss.card().name)
        level = inside.level if self._quantile() or inside.name == "expectile" else expectile
        if not uneven:
            return inside
        if level is None:
            return UNKNOWN
        low = level * self._hyperparameters["under"]
        level = low / (low + (1.0 - level) * self._hyperparameters["over"])
        return Functional(inside.name if self._quantile() else "expectile", level)
