"""Which examples of a labelled batch are alike."""

import torch
from torch import Tensor


def alike_and_others(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Tell for each example who is of its class, itself left out, and who is not.

    Returns:
        Two boolean tables (n, n), a row per example.
    """
    same = labels[:, None] == labels[None]
    return same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device), ~same


def log_sum_exp(values: Tensor, kept: Tensor) -> Tensor:
    """Return log Σ exp over what is kept of the last dimension.

    It is -inf, with a gradient of 0, where nothing is.
    """
    some = kept.any(-1)
    # An empty row is kept whole and thrown away after: the second derivative of log 0 is no number.
    left_out = ~kept & some.unsqueeze(-1)
    return values.masked_fill(left_out, -torch.inf).logsumexp(-1).masked_fill(~some, -torch.inf)


def log1p_exp(values: Tensor) -> Tensor:
    """Return log(1 + exp(values)), with all its digits at both ends.

    torch's softplus is a straight line from 20 on.
    """
    return -torch.nn.functional.logsigmoid(-values)
