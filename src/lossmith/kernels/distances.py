"""Distances of pixels to the nearest pixel of a mask, exact and in torch alone.

One axis after the other: the squared distance along one axis is the least, over all shifts, of what the axes before
found plus the squared shift. That is h + w passes over the picture, and no table of all pairs of pixels.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad


def squared_distances(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Return each pixel's squared distance to the nearest True of its picture.

    Args:
        mask: boolean (n, *pixels): pictures or volumes.
        dtype: of the result.

    Returns:
        A tensor of the mask's shape; where a picture has no True, the squared diagonal of the picture.

    Example:
        >>> squared_distances(torch.tensor([[[True, False, False]]]), torch.float32)
        tensor([[[0., 1., 4.]]])
    """
    furthest = float(sum(side**2 for side in mask.shape[1:]))
    found = torch.where(mask, 0.0, furthest).to(dtype)
    for axis in range(1, mask.ndim):
        here = found.movedim(axis, -1)
        best = here
        for shift in range(1, here.shape[-1]):
            ahead = pad(here[..., shift:], (0, shift), value=furthest)
            behind = pad(here[..., :-shift], (shift, 0), value=furthest)
            best = torch.minimum(best, torch.minimum(ahead, behind) + float(shift**2))
        found = best.movedim(-1, axis)
    return found.clamp(max=furthest)


def both_sides(mask: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return squared distances to the mask, and to what is not the mask.

    Of a picture that has no edge, all mask or none, both are 0.
    """
    flat = mask.flatten(1)
    edged = (flat.any(1) & ~flat.all(1)).reshape(-1, *[1] * (mask.ndim - 1))
    return tuple(torch.where(edged, squared_distances(side, dtype), 0.0) for side in (mask, ~mask))  # type: ignore[return-value]
