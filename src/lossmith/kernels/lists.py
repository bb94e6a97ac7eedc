"""Lists of items with grades of relevance; a grade below 0 marks padding."""

import torch
from torch import Tensor


def counted(relevance: Tensor) -> Tensor:
    """Tell which items are there, and no padding."""
    return relevance >= 0


def gains(relevance: Tensor, dtype: torch.dtype) -> Tensor:
    """Return 2^relevance - 1, over what the best order of the list would gain.

    Such shares of the ideal add up, discounted, to the NDCG. They are 0 where nothing is relevant.
    """
    gain = torch.exp2(relevance.clamp(min=0).to(dtype)) - 1.0
    places = torch.arange(1, relevance.shape[-1] + 1, device=relevance.device, dtype=dtype)
    ideal = (gain.sort(-1, descending=True).values * discount(places)).sum(-1, keepdim=True)
    return gain / torch.where(ideal > 0, ideal, torch.ones_like(ideal))


def discount(place: Tensor) -> Tensor:
    """Return what an item at a place, from 1, counts for."""
    return 1.0 / torch.log2(1.0 + place)
