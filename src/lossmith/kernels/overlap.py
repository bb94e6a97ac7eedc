"""What a predicted mask gets right and wrong, counted softly."""

import torch
from torch import Tensor


def hits_and_misses(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Count true positives, false positives and false negatives of each image.

    Args:
        logits: log-odds of the pixels, the first dimension counts images.
        target: 0 or 1 for each pixel, or a share between.

    Returns:
        Three tensors (n,): Σpy, Σp(1 − y) and Σ(1 − p)y with p = sigmoid(logits). Errors are sums of what is small
        where the mask is right, not differences of what is large: no digits are lost.
    """
    x, y = logits.flatten(1), target.flatten(1)
    p, q = torch.sigmoid(x), torch.sigmoid(-x)
    return (p * y).sum(1), (p * (1.0 - y)).sum(1), (q * y).sum(1)
