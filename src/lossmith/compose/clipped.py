"""A ceiling on each value of a loss: what is worse than that is given up."""

from torch import Tensor

from lossmith.card import Fails, Holds, NotApplicable
from lossmith.compose.composed import Around
from lossmith.compose.derived import UNKNOWN, Derived, Trait
from lossmith.compose.rules import holds, kept, unbounded, unknown
from lossmith.criterion import Criterion


class Clipped(Around):
    """A loss whose values stop at a ceiling.

    Above the ceiling the gradient is 0: such an example is not learned from at all, be it an outlier, a wrong label, or
    one that the network has not come to yet. Early in training that may be all of them. Clipping gradients
    (`torch.nn.utils.clip_grad_norm_`) does something else: every example goes on pulling in its own direction, and
    only the length of the whole step is limited. A loss whose own gradient is bounded (`HuberLoss`) is between both.

    Args:
        loss: with one value per element or example.
        at: the ceiling, above 0.

    Raises:
        ValueError: the ceiling is not above 0, or the loss has one value per batch.

    Example:
        >>> import torch
        >>> from lossmith.losses import SquaredErrorLoss
        >>> Clipped(SquaredErrorLoss(reduction="none"), at=4.0)(torch.tensor([1.0, 5.0]), torch.zeros(2))
        tensor([1., 4.])
    """

    key = "clipped"

    def __init__(self, loss: Criterion, *, at: float) -> None:
        super().__init__(loss)
        if not 0 < at < float("inf"):
            raise ValueError(f"`at` should be a number above 0. Found {at}.")
        if self._batchwise:
            raise ValueError(
                "`Clipped` should be put around a loss with one value per element or example. "
                f"Found {loss.card().name}, which is of the whole batch."
            )
        self._hyperparameters = {"at": float(at)}

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Put the ceiling on each value."""
        return values.clamp(max=self._hyperparameters["at"])

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the loss inside."""
        inner = self.inner()
        lost = ("convex", "differentiable", "smooth", "gradient_growth", "proper", "classification_calibrated")
        claims = unknown(inner, lost, "values are clipped")
        if not holds(inner, "bounded_gradient"):
            claims = unknown(claims, ("bounded_gradient",), "values are clipped")
        if unbounded(inner) and holds(inner, "zero_at_target"):
            # Convex, 0 somewhere and without bound: it passes the ceiling at a slope, and lies flat beyond.
            kink = "a kink where the ceiling is reached"
            changed: dict[str, Trait] = {name: Fails(note=kink) for name in ("convex", "differentiable", "smooth")}
            claims = kept(claims, {**changed, "gradient_growth": Holds("vanishing")})
        elicits = UNKNOWN if not isinstance(inner["proper"], NotApplicable) else self.loss.card().elicited()
        formula = rf"\min\left({self._hyperparameters['at']:g},\ {self.loss.card().formula}\right)"
        return self.derived(claims, formula, elicits=elicits)
