"""What a tensor argument may hold: shape, range, edge points, and a safe value.

A domain says what goes in, so that no loss needs a `from_logits=` flag, and it draws the data of every test.
Shapes are words: `"n c"` is one row of class scores per example, `"..."` any shape at all.
"""

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

    def size(self, sizes: Sizes) -> tuple[int, ...]:
        """Concrete shape for named sizes.

        `...` becomes (n, 2), to catch code that assumes one dimension.
        """
        if self.shape == "...":
            return (sizes["n"], 2)
        return tuple(sizes[word] for word in self.shape.split())

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

    def __str__(self) -> str:
        return f"{self.words}, shape ({', '.join(self.shape.split())})"


class Real(Domain):
    """Any real number, as a regression network predicts it."""

    low, high, words = -1e4, 1e4, "real numbers"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return 3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Positive(Domain):
    """Real numbers above zero, such as prices."""

    low, high, safe, words = 1e-3, 1e4, 1.0, "numbers above 0"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool((torch.as_tensor(values) > 0).all())

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype).exp()


class NonNegative(Domain):
    """Zero or more, often exactly zero: counts, claims, rainfall."""

    low, high, words = 0.0, 1e4, "numbers from 0 up"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool((torch.as_tensor(values) >= 0).all())

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)).clamp(min=0.0)


class LogMean(Domain):
    """Logarithm of a predicted mean; the prediction is its exponential."""

    low, high, words = -20.0, 20.0, "logarithms of a mean"

    def decode(self, values: Tensor) -> Tensor:
        return values.exp()

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Logits(Domain):
    """Unnormalised log-odds (one per element) or class scores (last dimension `c`)."""

    low, high, words = -1e4, 1e4, "logits"

    def decode(self, values: Tensor) -> Tensor:
        return values.softmax(-1) if self.shape.endswith(" c") else values.sigmoid()

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return 2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class BinaryTarget(Domain):
    """0 or 1, as floating point; soft targets between them are allowed."""

    low, high, words = 0.0, 1.0, "0 or 1"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randint(0, 2, self.size(sizes), generator=generator).to(dtype)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0.0, 0.5, 1.0)


class ClassIndex(Domain):
    """Integer class numbers 0 … c−1."""

    low, safe, integer, words = 0.0, 0.0, True, "class indices"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(0, sizes["c"], self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0, sizes["c"] - 1)
