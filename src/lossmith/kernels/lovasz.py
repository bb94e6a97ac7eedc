"""The Lovász extension of the Jaccard loss: overlap, made continuous."""

import torch
from torch import Tensor


def of_errors(errors: Tensor, truth: Tensor) -> Tensor:
    """Extend the Jaccard loss from sets of wrong pixels to errors of any size.

    Args:
        errors: how wrong each pixel is, from 0 up; the last dimension counts pixels.
        truth: 1 inside the mask and 0 outside, same shape.

    Returns:
        Σ e_i·(J(the i most wrong) − J(the i − 1 most wrong)), without the last dimension, where J of a set of pixels
        is 1 − I/U if just those are wrong.

    Source:
        Berman, Rannen Triki and Blaschko (2018), equation 9 and algorithm 1.

    Example:
        >>> of_errors(torch.tensor([1.0, 0.5, 0.0]), torch.tensor([1.0, 0.0, 1.0]))  # 1·1/2 + 0.5·(2/3 - 1/2)
        tensor(0.5833)
    """
    ordered, order = errors.sort(-1, descending=True)
    inside = truth.gather(-1, order)
    total = inside.sum(-1, keepdim=True)
    missed, extra = inside.cumsum(-1), (1.0 - inside).cumsum(-1)
    loss = (missed + extra) / (total + extra)
    step = loss - torch.nn.functional.pad(loss, (1, 0))[..., :-1]
    return (ordered * step).sum(-1)
