"""All pairs of a yes and a no, by sorting: never a table of them."""

import torch
from torch import Tensor


def pair_shortfall(input: Tensor, target: Tensor, margin: float) -> tuple[Tensor, Tensor]:
    """Mean shortfall of all pairs of a yes and a no, and mean squared shortfall.

    The shortfall is max(0, margin − (yes − no)): by how much a yes fails to lead a no by the margin. A `target` between
    0 and 1 counts as both, in shares. Both are 0 where yeses or noes are missing.

    Yeses lie at their score, noes at theirs plus the margin. Walking up, a no meets the sum of its shortfalls as it was
    at the place before, grown by gap·count; and squared, by 2·gap·sum + gap²·count: sums of numbers from 0 up, in which
    no digits cancel, as they would in Σ(no² − 2·no·yes + yes²) (Hillman and Hocking 2023).
    """
    if not input.numel():
        return input.sum(), input.sum()
    score, yes = (x.flatten().to(torch.promote_types(x.dtype, torch.float32)) for x in (input, target))
    place, order = torch.cat([score, score + margin]).sort(stable=True)
    nothing = torch.zeros_like(yes)
    yeses, noes = torch.cat([yes, nothing])[order], torch.cat([nothing, 1.0 - yes])[order]
    gap, count = place.diff(), yeses.cumsum(0)[:-1]
    first = _walk(gap * count)
    second = _walk(2.0 * gap * first[:-1] + gap.square() * count)
    pairs = yes.sum() * (1.0 - yes).sum()
    pairs = torch.where(pairs > 0, pairs, torch.ones_like(pairs))
    return (noes @ first / pairs).to(input.dtype), (noes @ second / pairs).to(input.dtype)


def _walk(steps: Tensor) -> Tensor:
    """Sums up to each place, 0 at the first."""
    return torch.cat([steps.new_zeros(1), steps.cumsum(0)])
