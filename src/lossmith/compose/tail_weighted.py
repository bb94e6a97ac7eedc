"""More weight for targets that are rare, around any loss of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lossmith.card import Fails
from lossmith.compose.composed import Around, expression
from lossmith.compose.derived import UNKNOWN, Derived, Trait
from lossmith.compose.rules import holds, kept, unknown
from lossmith.criterion import Criterion

POINTS = 64
MOST = 10_000
"""Targets that a density is estimated from; of more, an even choice of the sorted ones."""


@dataclass(frozen=True)
class Density:
    """How common each target is: heights at points, straight lines between them.

    Raises:
        ValueError: points do not increase, or heights are below 0 or all 0.
    """

    at: tuple[float, ...]
    value: tuple[float, ...]

    def __post_init__(self) -> None:
        at, value = torch.tensor(self.at), torch.tensor(self.value)
        if at.ndim != 1 or at.shape != value.shape or len(at) < 2 or not bool((at.diff() > 0).all()):
            raise ValueError(
                "A density should have two points or more, in increasing order, and a height for each. "
                f"Found {len(self.at)} points and {len(self.value)} heights."
            )
        if not bool((value >= 0).all() and value.isfinite().all() and at.isfinite().all() and (value > 0).any()):
            raise ValueError("A density's heights should be finite, from 0 up, and not all 0. Found others.")

    @classmethod
    def of(cls, target: Tensor | Sequence[float]) -> "Density":
        """Estimate it from training targets, with a normal kernel of Silverman's width.

        Raises:
            ValueError: the targets are not finite, or all the same.

        Example:
            >>> density = Density.of(torch.randn(500, generator=torch.Generator().manual_seed(0)))
            >>> abs(density.at[density.value.index(max(density.value))]) < 0.5
            True
        """
        y = torch.as_tensor(target).detach().double().flatten().cpu().sort().values
        if len(y) < 2 or not bool(y.isfinite().all()) or y[0] == y[-1]:
            raise ValueError(f"`target` should hold finite numbers that differ. Found {len(y)} that do not.")
        y = y[torch.linspace(0, len(y) - 1, min(len(y), MOST)).long()]
        middle = float(y.quantile(0.75) - y.quantile(0.25)) / 1.34
        width = 0.9 * min(float(y.std()), middle or float("inf")) * len(y) ** -0.2
        at = torch.linspace(float(y[0]) - 3.0 * width, float(y[-1]) + 3.0 * width, POINTS, dtype=torch.float64)
        height = torch.exp(-0.5 * ((at[:, None] - y) / width).square()).mean(1)
        return cls(tuple(at.tolist()), tuple(height.tolist()))


class TailWeighted(Around):
    """A loss times a weight that is large where the target is rare (DenseWeight).

    The weight is 1 − alpha·density, with the density scaled to lie between 0 and 1, and divided by the mean weight: the
    loss keeps its size. It elicits what the loss would if targets were drawn that much more often from the tails: the
    mean is missed, and totals are off.

    Args:
        loss: of numbers, with one value per element or example.
        density: of the training targets: `Density.of(targets)`.
        alpha: from 0 (no change) to below 1; at 0.9 the most common target has a tenth of the weight of the rarest.

    Raises:
        TypeError: `density` is no Density.
        ValueError: `alpha` is out of range, or the loss does not fit.

    Source:
        Steininger et al. (2021), Density-based weighting for imbalanced regression.

    Example:
        >>> from lossmith.losses import SquaredErrorLoss
        >>> density = Density(at=(0.0, 10.0), value=(1.0, 0.0))
        >>> loss = TailWeighted(SquaredErrorLoss(reduction="none"), density, alpha=0.5)
        >>> (loss(torch.ones(2), torch.tensor([0.0, 10.0])) / torch.tensor([1.0, 81.0])).tolist()
        [0.75, 1.5]
    """

    key = "tail_weighted"
    at: Tensor
    heights: Tensor

    def __init__(self, loss: Criterion, density: Density, *, alpha: float = 0.9) -> None:
        super().__init__(loss)
        if not isinstance(density, Density):
            raise TypeError(
                f"`density` should be a Density. Found {type(density).__name__}. Try `Density.of(targets)`."
            )
        if not 0 <= alpha < 1:
            raise ValueError(f"`alpha` should lie in [0, 1). Found {alpha}.")
        card = loss.card()
        if self._batchwise or list(card.inputs)[-1:] != ["target"] or card.inputs["target"].integer:
            raise ValueError(
                "`TailWeighted` should be put around a loss with one value per target that is a number. "
                f"Found {card.name}. Try `ClassWeighted` for classes."
            )
        self.density = density
        self._hyperparameters = {"alpha": float(alpha)}
        at, value = torch.tensor(density.at), torch.tensor(density.value)
        weight = 1.0 - alpha * _scaled(value)
        self.register_buffer("at", at)
        self.register_buffer("heights", weight * torch.trapezoid(value, at) / _mean_product(weight, value, at))

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Multiply each value with the weight of its target, read off between the points."""
        at, heights, y = self.at.to(values.dtype), self.heights.to(values.dtype), data[-1].to(values.dtype)
        right = torch.searchsorted(at, y.detach().contiguous()).clamp(1, len(at) - 1)
        share = ((y - at[right - 1]) / (at[right] - at[right - 1])).clamp(0.0, 1.0)
        return values * torch.lerp(heights[right - 1], heights[right], share)

    def settings(self) -> dict[str, object]:
        """Return alpha, and the density as a table."""
        return {**self._hyperparameters, "density": {"at": list(self.density.at), "value": list(self.density.value)}}

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it, the density's points left out."""
        return f"TailWeighted({expression(self.loss)}, Density(...), alpha={self._hyperparameters['alpha']!r})"

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the loss inside."""
        inner = self.inner()
        if bool((self.heights == self.heights[0]).all()):
            return self.derived(inner, rf"w(y)\left[{self.loss.card().formula}\right]")
        changed: dict[str, Trait] = {}
        if holds(inner, "symmetric"):
            changed["symmetric"] = Fails(note="the weight is that of the target")
        if holds(inner, "proper"):
            changed["proper"] = Fails(note="the minimiser is that of a distribution with heavier tails")
        lost = ("symmetric", "proper", "classification_calibrated")
        claims = kept(unknown(inner, lost, "targets are weighted"), changed)
        return self.derived(claims, rf"w(y)\left[{self.loss.card().formula}\right]", elicits=UNKNOWN)


def _scaled(value: Tensor) -> Tensor:
    """Scale to lie between 0 and 1; a flat density is common everywhere alike."""
    reach = value.max() - value.min()
    return (value - value.min()) / reach if reach > 0 else torch.zeros_like(value)


def _mean_product(one: Tensor, other: Tensor, at: Tensor) -> Tensor:
    """Integrate the product of two lines of straight pieces, exactly."""
    ends = one[:-1] * other[:-1] + one[1:] * other[1:]
    crossed = one[:-1] * other[1:] + one[1:] * other[:-1]
    return ((2.0 * ends + crossed) * at.diff()).sum() / 6.0
