"""Sums over all paths through a table, one anti-diagonal after the other.

Cells of an anti-diagonal do not depend on each other: a table of t by u takes t + u steps of vectors, not t·u steps.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

NEVER = 1e30
"""What stands for infinity: differences of it are 0, not NaN, and e to its negative is 0."""


def slanted(table: Tensor, outside: float) -> Tensor:
    """Lay the anti-diagonals of each table flat.

    Args:
        table: (n, t, u).
        outside: what stands where an anti-diagonal has left the table.

    Returns:
        (n, t + u − 1, u), whose entry d, j is the table's d − j, j.

    Example:
        >>> slanted(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 0.0)
        tensor([[[1., 0.],
                 [3., 2.],
                 [0., 4.]]])
    """
    t, u = table.shape[1:]
    column = torch.arange(u, device=table.device)
    row = torch.arange(t + u - 1, device=table.device).unsqueeze(-1) - column
    there = (row >= 0) & (row < t)
    return torch.where(there, table[:, row.clamp(0, max(t - 1, 0)), column], outside)


def soft_warping(costs: Tensor, gamma: float) -> Tensor:
    """Soft minimum of the cost of all warping paths.

    Args:
        costs: (n, t, u), of laying step i on step j.
        gamma: softness of the minimum, above 0.

    Returns:
        −gamma·log Σ exp(−cost/gamma) over all paths from corner to corner, (n,).

    Source:
        Cuturi and Blondel (2017), algorithm 1.
    """
    return priced_warping(costs, gamma, None)[0]


def priced_warping(costs: Tensor, gamma: float, price: Tensor | None) -> tuple[Tensor, Tensor]:
    """Soft minimum of the cost of all warping paths, and what they pay on average.

    Args:
        costs: as in `soft_warping`.
        gamma: likewise.
        price: (t, u), of each cell; None if nothing is paid.

    Returns:
        The soft minimum, and the mean of the paths' summed price, each path weighed by exp(−cost/gamma); both (n,). The
        mean goes along with the minimum, as a derivative does.
    """
    cost = slanted(costs, NEVER)
    paid = None if price is None else slanted(price.unsqueeze(0), 0.0).expand_as(cost)
    first = torch.arange(costs.shape[2], device=costs.device) == 0
    # One column more, in front: what lies before the first column is never reached.
    last = pad(torch.where(first, cost[:, 0], NEVER), (1, 0), value=NEVER)
    before = torch.full_like(last, NEVER)
    last_paid = before_paid = torch.zeros_like(last) if paid is None else pad(paid[:, 0], (1, 0))
    for d in range(1, cost.shape[1]):
        # From the step before on one side, on the other, or on both, which is two anti-diagonals ago.
        ways = torch.stack([last[:, 1:], last[:, :-1], before[:, :-1]]) / -gamma
        least = ways.logsumexp(0)
        if paid is not None:
            means = torch.stack([last_paid[:, 1:], last_paid[:, :-1], before_paid[:, :-1]])
            mean = paid[:, d] + ((ways - least).exp() * means).sum(0)
            before_paid, last_paid = last_paid, pad(mean, (1, 0))
        before, last = last, pad((cost[:, d] - gamma * least).clamp(max=NEVER), (1, 0), value=NEVER)
    return last[:, -1], last_paid[:, -1]


def transducer(blank: Tensor, symbol: Tensor) -> Tensor:
    """Log-probability of reaching each cell of a transducer's table, and leaving it.

    Args:
        blank: (n, t, s + 1), log-probability of going to the next frame.
        symbol: (n, t, s), log-probability of the next symbol.

    Returns:
        (n, t + s, s + 1), by anti-diagonals: entry d, j belongs to frame d − j after j symbols.

    Source:
        Graves (2012), equations 16 and 18.
    """
    down = slanted(blank, -NEVER)
    across = slanted(pad(symbol, (0, 1), value=-NEVER), -NEVER)
    reached = torch.where(torch.arange(blank.shape[2], device=blank.device) == 0, 0.0, -NEVER).to(blank.dtype)
    reached = reached.expand_as(down[:, 0])
    left = []
    for d in range(down.shape[1]):
        left.append(reached + down[:, d])
        by_symbol = _moved(reached + across[:, d], -NEVER)
        # Not logaddexp, whose second derivative is NaN this far apart.
        reached = torch.stack([left[-1], by_symbol]).logsumexp(0).clamp(min=-NEVER)
    return torch.stack(left, dim=1)


def _moved(row: Tensor, first: float) -> Tensor:
    return pad(row[:, :-1], (1, 0), value=first)
