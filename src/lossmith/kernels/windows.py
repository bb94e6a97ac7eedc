"""What a Gaussian window sees that moves across a picture."""

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


def brightness_and_structure(x: Tensor, y: Tensor, *, window: int, sigma: float, range: float) -> tuple[Tensor, Tensor]:
    """Return the two factors of structural similarity, window by window.

    Args:
        x: pictures (n, c, h, w) of at least single precision: variances are differences of squares.
        y: others, same shape.
        window: side of the window in pixels.
        sigma: of the Gaussian, in pixels.
        range: largest value of a pixel.

    Returns:
        Two tensors of the shape of `local_means`: likeness of the means, above 0 to 1 for pixels from 0 up; likeness of
        what varies, from -1 to 1.
    """
    # One batch of all five: a fifth of the convolutions.
    every = torch.stack([x, y, x * x, y * y, x * y])
    means = local_means(every.flatten(0, 1), window, sigma)
    mean_x, mean_y, xx, yy, xy = means.reshape(*every.shape[:2], *means.shape[1:]).unbind()
    own_x, own_y, both = mean_x.square(), mean_y.square(), mean_x * mean_y
    small, smaller = (0.03 * range) ** 2, (0.01 * range) ** 2
    brightness = (2.0 * both + smaller) / (own_x + own_y + smaller)
    structure = (2.0 * (xy - both) + small) / ((xx - own_x) + (yy - own_y) + small)
    return brightness, structure


def _weights(size: int, sigma: float, like: Tensor) -> Tensor:
    place = torch.arange(size, dtype=like.dtype, device=like.device) - (size - 1) / 2.0
    return torch.softmax(-0.5 * (place / sigma).square(), dim=0)
