"""Probabilities and shares, alone and in rows that sum to 1."""

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


class Probability(Domain):
    """Probability of a yes, 0 and 1 included."""

    low, high, safe, words = 0.0, 1.0, 0.5, "probabilities"
    head = "a linear layer and a sigmoid"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool(
            ((torch.as_tensor(values) >= 0) & (torch.as_tensor(values) <= 1)).all()
        )

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.rand(self.size(sizes), generator=generator, dtype=dtype)


class OpenShare(Probability):
    """A share that is neither none nor all, as that of the rows with a label."""

    low, high, words = 1e-3, 1.0 - 1e-3, "shares between 0 and 1"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool(
            ((torch.as_tensor(values) > 0) & (torch.as_tensor(values) < 1)).all()
        )

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return super().draw(sizes, generator, dtype).clamp(self.low, self.high)


class ClassProbabilities(Domain):
    """One row of class probabilities per example; each row sums to 1."""

    low, high, words = 0.0, 1.0, "rows of probabilities that sum to 1"
    safe = 1.0  # a masked row of these does not sum to 1, and need not: it is finite
    head = "a linear layer and a softmax"

    def __contains__(self, values: object) -> bool:
        if not super().__contains__(values):
            return False
        rows = torch.as_tensor(values)
        return bool((rows >= 0).all()) and torch.allclose(rows.sum(-1), rows.new_ones(()), atol=1e-3)

    def closest(self, values: Tensor) -> Tensor:
        even = torch.full_like(values, 1.0 / values.shape[-1])
        total = values.sum(-1, keepdim=True)
        return torch.where(total > 0, values / torch.where(total > 0, total, torch.ones_like(total)), even)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)).softmax(-1)


class Mistakes(ClassProbabilities):
    """How often each class, a row, is labelled as each other, a column."""

    words = "rows of shares that sum to 1, the largest of each its own class's"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        rows = super().draw(sizes, generator, dtype)
        classes = rows.shape[-1]
        own = torch.nn.functional.one_hot(torch.arange(rows.numel() // classes) % classes, classes)
        return 0.4 * rows + 0.6 * own.to(dtype).reshape(rows.shape)
