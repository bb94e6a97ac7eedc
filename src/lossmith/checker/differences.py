"""Slopes of a loss that has none of its own: finite differences."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def slopes(number: Callable[[list[Tensor]], float | None], inputs: Sequence[Tensor], place: int) -> Tensor | None:
    """Return central differences in one argument, or None where a call fails.

    Args:
        number: the value, as one number, of a loss's arguments.
        inputs: the arguments; they stay as they are.
        place: of the argument, which must be floating point to have slopes.
    """
    x = inputs[place]
    if not x.is_floating_point():
        return None
    width = 1e-6 if x.dtype == torch.float64 else 1e-3
    found = torch.zeros_like(x).flatten()
    for entry in range(x.numel()):
        ends = []
        for way in (width, -width):
            moved = [y.detach().clone() for y in inputs]
            moved[place] = moved[place].contiguous()
            moved[place].view(-1)[entry] += way
            ends.append(number(moved))
        if ends[0] is None or ends[1] is None:
            return None
        found[entry] = (ends[0] - ends[1]) / (2.0 * width)
    return found.reshape(x.shape)
