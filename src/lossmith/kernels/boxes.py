"""Corners, areas and overlaps of boxes, row by row."""

import torch
from torch import Tensor


def corners(box: Tensor) -> tuple[Tensor, Tensor]:
    """Return the corner of least x and y, and the one of greatest."""
    first, second = box[:, :2], box[:, 2:]
    return torch.minimum(first, second), torch.maximum(first, second)


def area(sides: Tensor) -> Tensor:
    """Multiply width and height."""
    return sides[:, 0] * sides[:, 1]


def ratio(part: Tensor, whole: Tensor) -> Tensor:
    """Divide; where there is nothing to divide by, the part is 0 and so is this."""
    return part / torch.where(whole > 0, whole, torch.ones_like(whole))


def union_and_overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return the area of two boxes together, and the share they have in common."""
    (low_a, high_a), (low_b, high_b) = corners(a), corners(b)
    inside = area((torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).relu())
    union = area(high_a - low_a) + area(high_b - low_b) - inside
    return union, ratio(inside, union)


def hull(a: Tensor, b: Tensor) -> Tensor:
    """Return width and height of the smallest box around both."""
    (low_a, high_a), (low_b, high_b) = corners(a), corners(b)
    return torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Return the squared distance of the centres over that of the hull's corners."""
    apart = (a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) / 2.0
    return ratio(apart.square().sum(-1), hull(a, b).square().sum(-1))
