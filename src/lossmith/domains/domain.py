"""What a tensor argument may hold: shape, range, edge points, and a safe value."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Domain(ABC):
    """A tensor argument: its shape, and through its class the values it may hold."""

    shape: str = "..."

    low: ClassVar[float] = -torch.inf
    """Smallest value for which value and gradient must be finite in float32 and bfloat16."""
    high: ClassVar[float] = torch.inf
    safe: ClassVar[float] = 0.0
    """What stands in for a masked entry: never out of range, never NaN."""
    integer: ClassVar[bool] = False
    words: ClassVar[str] = ""
    head: ClassVar[str] = "a linear layer, nothing after it"
    """Where it is a prediction: what the network should end in."""

    def size(self, sizes: Sizes) -> tuple[int, ...]:
        """Concrete shape for named sizes.

        `...` becomes (n, 2), to catch code that assumes one dimension; what follows it belongs to each element.
        """
        words = self.shape.replace("...", "n 2").split()
        return tuple(int(word) if word.isdigit() else sizes[word] for word in words)

    @abstractmethod
    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        """Typical values, as a network or a data set would produce them."""

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        """Values at which losses break: the ends of the range, and the exact zero."""
        return (self.low, 0.0, self.high) if self.low < 0.0 < self.high else (self.low, self.high)

    def __contains__(self, values: object) -> bool:
        """Whether `values` is a finite tensor, on the right side of zero."""
        return isinstance(values, Tensor) and bool(values.isfinite().all())

    def decode(self, values: Tensor) -> Tensor:
        """What the numbers stand for on the target's scale.

        That is the exponential of a logarithm, the sigmoid of a logit.
        """
        return values

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        """Return a prediction of the shape of `like` that sits at `target`."""
        return target.clone()

    def closest(self, values: Tensor) -> Tensor:
        """Return values that the domain holds, where entries depend on each other.

        Rows of probabilities are made to sum to 1.
        """
        return values

    def of_scores(self, rows: Tensor) -> Tensor:
        """Return the prediction that rows of class scores amount to."""
        return self.closest(rows)

    def __str__(self) -> str:
        return f"{self.words}, shape ({', '.join(self.shape.split())})"
