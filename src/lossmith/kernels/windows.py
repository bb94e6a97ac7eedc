"""Means over a Gaussian window that moves across a picture."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d


def local_means(pictures: Tensor, size: int, sigma: float) -> Tensor:
    """Average over every window that lies inside the picture.

    Args:
        pictures: (n, c, h, w).
        size: of the window's side in pixels; a picture smaller than that is one window of its own size.
        sigma: of the Gaussian, in pixels.

    Returns:
        (n, c, h − size + 1, w − size + 1), or 1 in a dimension that is smaller than the window.

    Example:
        >>> local_means(torch.ones(1, 1, 2, 5), 3, 1.5).shape
        torch.Size([1, 1, 1, 3])
    """
    n, c, h, w = pictures.shape
    means = pictures.reshape(n * c, 1, h, w)
    for side, shape in ((min(size, h), (1, 1, -1, 1)), (min(size, w), (1, 1, 1, -1))):
        means = conv2d(means, _weights(side, sigma, pictures).reshape(shape))
    return means.reshape(n, c, *means.shape[2:])


def _weights(size: int, sigma: float, like: Tensor) -> Tensor:
    place = torch.arange(size, dtype=like.dtype, device=like.device) - (size - 1) / 2.0
    return torch.softmax(-0.5 * (place / sigma).square(), dim=0)
