"""Sums over all classes but one, in logarithms."""

import torch
from torch import Tensor


def log_others(input: Tensor) -> Tensor:
    """Return log(1 − p_k) of every class, (n, c), with p the softmax of `input`.

    Near p_k = 1 the difference has no digits left, and a power of it below 1 an infinite slope; there 1 − p_k is summed
    over the other classes. Only one class of a row can be that likely, so the sum is taken for one.
    """
    log_p = input.log_softmax(-1)
    top = torch.arange(input.shape[-1], device=input.device) == log_p.argmax(-1, keepdim=True)
    rest = log_p.masked_fill(top, torch.finfo(input.dtype).min).logsumexp(-1, keepdim=True)
    # log1p(-exp(log p)) has its digits where p is at most a half; at the top it is not used, nor is its slope.
    below = torch.log1p(-log_p.masked_fill(top, torch.finfo(input.dtype).min).exp())
    return torch.where(top, rest, below)
