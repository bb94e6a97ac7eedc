"""A weight that changes with the step, as data that can be written down."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor

Shape = Literal["linear", "cosine", "step"]


@dataclass(frozen=True)
class Schedule:
    """A weight from `start` to `end` within `steps` steps, and `end` from then on.

    A warm-up alone is a linear schedule that starts at 0.

    Raises:
        ValueError: a field is out of its range.

    Example:
        >>> schedule = Schedule("cosine", start=1.0, end=0.0, steps=4)
        >>> [round(float(schedule.at(torch.tensor(step))), 3) for step in range(6)]
        [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    shape: Shape
    """`linear`; `cosine` (half a wave, flat at both ends); `step` (`start`, then all at once `end`)."""
    start: float
    end: float
    steps: int
    warm_up: int = 0
    """Before all that, so many steps rise evenly to `start`; the first one is not 0."""

    def __post_init__(self) -> None:
        if self.shape not in get_args(Shape):
            raise ValueError(f"`shape` should be one of {', '.join(get_args(Shape))}. Found {self.shape!r}.")
        for name in ("start", "end"):
            if not isinstance(getattr(self, name), int | float) or not math.isfinite(getattr(self, name)):
                raise ValueError(f"`{name}` should be a finite number. Found {getattr(self, name)!r}.")
        for name, least in (("steps", 1), ("warm_up", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"`{name}` should be a whole number from {least} up. Found {value!r}.")

    def at(self, step: Tensor) -> Tensor:
        """Return the weight at a step, counted from 0."""
        share = ((step - self.warm_up) / self.steps).clamp(0.0, 1.0)
        if self.shape == "cosine":
            share = 0.5 - 0.5 * torch.cos(math.pi * share)
        elif self.shape == "step":
            share = share.floor()
        weight = self.start + share * (self.end - self.start)
        return weight * ((step + 1) / self.warm_up).clamp(max=1.0) if self.warm_up else weight

    @property
    def least(self) -> float:
        """The smallest weight, apart from the warm-up."""
        return min(self.start, self.end)

    def as_data(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)
