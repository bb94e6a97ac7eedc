"""What a step of experience says the value before it should have been."""

import torch
from torch import Tensor


def bootstrapped(reward: Tensor, next_value: Tensor, terminated: Tensor, discount: float) -> Tensor:
    """Return the reward and what follows, held fixed; nothing follows an end.

    No gradient reaches it: with one it is another method, the residual gradient.
    """
    goes_on = 1.0 - terminated.to(next_value.dtype)
    return (reward + discount * goes_on * next_value).detach()


def taken(values: Tensor, action: Tensor) -> Tensor:
    """Return from each row the value of the action taken."""
    return values.gather(-1, action.unsqueeze(-1)).squeeze(-1)


def clipped_slope_of_taken(values: Tensor, action: Tensor, target: Tensor, delta: float) -> Tensor:
    """Return Huber's slope in each row's taken value, and 0 in the others."""
    off = (taken(values, action) - target).clamp(-delta, delta).unsqueeze(-1)
    return torch.zeros_like(values).scatter(-1, action.unsqueeze(-1), off)
