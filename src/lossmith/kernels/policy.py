"""What a policy that has moved gains on actions that an older one took."""

import math

import torch
from torch import Tensor


def clipped_gain(moved: Tensor, gain: Tensor, clip: float) -> Tensor:
    """Return min(ratio·gain, clamp(ratio, 1 - clip, 1 + clip)·gain).

    `moved` is the logarithm of the ratio. The minimum caps the ratio of a good action and floors that of a bad one.
    Done before the exponential, a good action's ratio cannot overflow: the usual form then has a gradient of 0·inf.
    """
    held = torch.where(gain < 0, moved.clamp(min=math.log1p(-clip)), moved.clamp(max=math.log1p(clip)))
    return held.exp() * gain


def clipped_slope(moved: Tensor, gain: Tensor, clip: float) -> Tensor:
    """Return its slope in `moved`: the ratio times the gain, or 0 beyond the clip."""
    ratio = moved.exp()
    idle = ((gain > 0) & (ratio > 1.0 + clip)) | ((gain < 0) & (ratio < 1.0 - clip))
    return torch.where(idle, 0.0, ratio * gain)
