"""A price on each class, around any loss of class indices or of 0 and 1."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, WEIGHTED_PROBABILITIES, Fails
from lossmith.compose.composed import Around
from lossmith.compose.derived import UNKNOWN, Derived, Trait, elicited_by, sizes_of
from lossmith.compose.rules import holds, kept, unknown
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, ClassIndex


class ClassWeighted(Around):
    """A loss times the weight of the example's class.

    Args:
        loss: of class indices, or of targets 0 and 1 (soft ones between them are weighted in between).
        counts: how many training examples each class has; then weight = n/(classes·count), and a class of average
            size has weight 1. Rare classes weigh more.
        weight: a number above 0 per class, in place of counts; for 0 and 1 two numbers, that of 0 first.

    Raises:
        ValueError: not exactly one of both is given, or they do not fit the loss.

    Example:
        >>> from lossmith.losses import CrossEntropyLoss
        >>> ClassWeighted(CrossEntropyLoss(), counts=[90, 10]).weight
        tensor([0.5556, 5.0000])
    """

    key = "class_weighted"
    weight: Tensor

    def __init__(
        self, loss: Criterion, *, counts: Sequence[float] | None = None, weight: Sequence[float] | Tensor | None = None
    ) -> None:
        super().__init__(loss)
        if (counts is None) == (weight is None):
            raise ValueError("`ClassWeighted` should have either `counts` or `weight`. Found both or none.")
        given = torch.as_tensor(weight if counts is None else counts, dtype=torch.get_default_dtype()).detach().clone()
        if given.ndim != 1 or not bool((given > 0).all() and given.isfinite().all()):
            raise ValueError(f"A class's count or weight should be a number above 0. Found {given.tolist()}.")
        self._check_classes(loss, len(given))
        self.register_buffer("weight", given if counts is None else given.sum() / (len(given) * given))
        self._hyperparameters = {"weight": None}

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Multiply each value with the weight of its class."""
        target, weight = data[-1], self.weight.to(values.dtype)
        if target.is_floating_point():
            return values * (weight[0] + target.to(values.dtype) * (weight[1] - weight[0]))
        expect.one_per_class("weight", weight, data[0])
        return values * weight[target]

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the loss inside."""
        inner, elicits, claims = self.inner(), elicited_by(self.loss), dict(self.inner())
        if bool((self.weight != self.weight[0]).any()):
            reweighted: dict[str, Trait] = {}
            if elicits == CLASS_PROBABILITIES and holds(inner, "proper"):
                reweighted["proper"] = Fails(note="the minimiser is proportional to weight times probability")
                reweighted["classification_calibrated"] = Fails(note="a heavy class wins below even odds")
            changed = ("proper", "classification_calibrated", "symmetric")
            claims = kept(unknown(claims, changed, "classes are weighted"), reweighted)
            elicits = WEIGHTED_PROBABILITIES if elicits == CLASS_PROBABILITIES else UNKNOWN
        sizes = {**sizes_of(self.loss), **({} if self._two() else {"c": len(self.weight)})}
        return self.derived(claims, rf"w_y\left[{self.loss.card().formula}\right]", elicits=elicits, sizes=sizes)

    def _two(self) -> bool:
        return isinstance(self.loss.card().inputs["target"], BinaryTarget)

    def _check_classes(self, loss: Criterion, classes: int) -> None:
        card = loss.card()
        target = card.inputs.get("target")
        if self._batchwise or list(card.inputs)[-1] != "target" or not isinstance(target, ClassIndex | BinaryTarget):
            raise ValueError(
                "`ClassWeighted` should be put around a loss with one value per class index, or per 0 or 1. "
                f"Found {card.name} (unit {card.unit})."
            )
        if self._two() and classes != 2:
            raise ValueError(f"Targets of 0 and 1 should have two weights. Found {classes}. Try `weight=[1, 5]`.")
