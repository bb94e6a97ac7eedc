"""What a person or a data set says: classes, grades, symbols and counts."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


class BinaryTarget(Domain):
    """0 or 1, as floating point; soft targets between them are allowed."""

    low, high, words = 0.0, 1.0, "0 or 1"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randint(0, 2, self.size(sizes), generator=generator).to(dtype)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0.0, 0.5, 1.0)


class Relevance(Domain):
    """Grades of relevance, from 0 up; below 0 is padding."""

    low, high, safe, integer, words = -1.0, 4.0, -1.0, True, "grades from 0 up, or -1 for padding"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(-1, 5, self.size(sizes), generator=generator)


class ClassIndex(Domain):
    """Integer class numbers 0 … c−1."""

    low, safe, integer, words = 0.0, 0.0, True, "class indices"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(0, sizes["c"], self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0, sizes["c"] - 1)


class Symbols(ClassIndex):
    """Integer numbers of symbols 1 … c−1, where 0 is the blank between them."""

    low, safe, words = 1.0, 1.0, "indices of symbols, without the blank"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return super().draw(sizes, generator).clamp(min=min(1, sizes["c"] - 1))

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (1, sizes["c"] - 1)


@dataclass(frozen=True)
class Lengths(Domain):
    """How many entries of a padded dimension count."""

    of: str = "n"
    """The dimension, by its word."""

    low, safe, integer, words = 1.0, 1.0, True, "numbers of entries that count"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(1, sizes[self.of] + 1, self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (1, sizes[self.of])
