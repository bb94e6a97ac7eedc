"""Points and boxes of a space."""

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


class Boxes(Domain):
    """Boxes, by two opposite corners: x1, y1, x2, y2."""

    low, high, words = -1e4, 1e4, "corners x1, y1, x2, y2"
    head = "a linear layer, decoded to corners (anchor plus offsets, or distances to the sides)"

    def closest(self, values: Tensor) -> Tensor:
        half = values.shape[-1] // 2
        first, second = values[..., :half], values[..., half : 2 * half]
        return torch.cat([torch.minimum(first, second), torch.maximum(first, second), values[..., 2 * half :]], dim=-1)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return self.closest(3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype))


class Embedding(Domain):
    """Points of a space in which distance, or angle, stands for likeness."""

    low, high, words = -1e4, 1e4, "embeddings"
    head = "a linear layer; no activation after it, which would shut off half the space"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        # Distances about the usual margins, so that both sides of a hinge are met.
        return 0.5 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Prototypes(Embedding):
    """One row for each class, in the space of the embeddings."""

    words = "a row for each class, among the embeddings"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        # The second draw: the first one, at the same seed, is the embeddings themselves.
        return [super(Prototypes, self).draw(sizes, generator, dtype) for _ in range(2)][1]
