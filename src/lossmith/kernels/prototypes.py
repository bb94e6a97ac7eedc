"""Embeddings against one learned row per class, by the angle between them."""

import torch
from torch import Tensor

from lossmith.kernels.lengths import directions, length


def cosines(embeddings: Tensor, prototypes: Tensor) -> Tensor:
    """Return the cosine of each embedding with each prototype, (n, c)."""
    return directions(embeddings) @ directions(prototypes.to(embeddings.dtype)).T


def own_angle(embeddings: Tensor, prototypes: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of each embedding's angle with its own class, (n,) each.

    The sine is the length of what the cosine leaves. √(1 − cosine²) has an infinite slope where the two agree, and
    there loses half of the digits.
    """
    rows, own = directions(embeddings), directions(prototypes.to(embeddings.dtype))[labels]
    cosine = (rows * own).sum(-1)
    return cosine, length(rows - cosine.unsqueeze(-1) * own)


def is_own(labels: Tensor, prototypes: Tensor) -> Tensor:
    """Tell for each example which class is its own, (n, c)."""
    return labels[:, None] == torch.arange(len(prototypes), device=labels.device)
