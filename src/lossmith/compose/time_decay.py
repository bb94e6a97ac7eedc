"""Weights that fall along time: with age, or as a forecast reaches ahead."""

from typing import Literal

import torch
from torch import Tensor

from lossmith.compose.composed import Around
from lossmith.compose.derived import Derived
from lossmith.criterion import Criterion


class TimeDecay(Around):
    """A loss times a weight that halves every so many steps of time.

    Time is the last dimension.

    The weights have mean 1, so the loss keeps its size; every step has the same minimiser as before, and only what the
    network spends its effort on changes. Rows of a table have no last dimension: give them
    `sample_weight=0.5 ** (age / half_life)`.

    Args:
        loss: with one value per element.
        half_life: steps after which a weight is half as large, above 0.
        heaviest: `"last"` (the newest step of a window) or `"first"` (the nearest step of a forecast).

    Raises:
        ValueError: a setting is out of range, the loss has no values along time, or the data have one dimension.

    Example:
        >>> from lossmith.losses import AbsoluteErrorLoss
        >>> loss = TimeDecay(AbsoluteErrorLoss(reduction="none"), half_life=1.0)
        >>> loss(torch.ones(1, 2), torch.zeros(1, 2))
        tensor([[0.6667, 1.3333]])
    """

    key = "time_decay"

    def __init__(self, loss: Criterion, *, half_life: float, heaviest: Literal["first", "last"] = "last") -> None:
        super().__init__(loss)
        if loss.card().unit != "element":
            raise ValueError(
                f"`TimeDecay` should be put around a loss with one value per element. Found {loss.card().name} "
                f"(unit {loss.card().unit}). Try `sample_weight`."
            )
        if not 0 < half_life < float("inf"):
            raise ValueError(f"`half_life` should be a number of steps above 0. Found {half_life}.")
        if heaviest not in ("first", "last"):
            raise ValueError(f'`heaviest` should be "first" or "last". Found {heaviest!r}.')
        self._hyperparameters = {"half_life": float(half_life), "heaviest": heaviest}

    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Multiply each value with the weight of its step."""
        if values.ndim < 2:
            raise ValueError(
                f"`TimeDecay` should find time in the last of several dimensions. Found shape {tuple(values.shape)}. "
                "Try `sample_weight=0.5 ** (age / half_life)` for rows."
            )
        age = torch.arange(values.shape[-1], device=values.device, dtype=values.dtype)
        age = age.flip(0) if self._hyperparameters["heaviest"] == "last" else age
        weight = torch.exp2(-age / self._hyperparameters["half_life"])
        return values * (weight / weight.mean())

    def card(self) -> Derived:  # type: ignore[override]
        """Return what holds of the loss inside.

        A factor above 0 for each step changes none of it.
        """
        return self.derived(self.inner(), rf"2^{{-a/h}}\left[{self.loss.card().formula}\right]")
