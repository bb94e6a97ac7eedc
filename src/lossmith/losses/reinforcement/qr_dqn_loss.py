"""Quantiles of the return, learned from the next state's quantiles, pair by pair.

Reach for it when the return's distribution matters (risk) or helps (it mostly does) and its range is unknown.
Avoid it where only few quantiles are kept: the mean, which chooses actions, is theirs.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, TARGET_OF_INPUTS, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped


def qr_dqn_loss(
    quantiles: Float[Tensor, "n q"],
    next_quantiles: Float[Tensor, "n k"],
    reward: Float[Tensor, "n"],
    terminated: Float[Tensor, "n"] | Bool[Tensor, "n"],
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Float[Tensor, "n"]:
    """Quantile regression loss of each step.

    Args:
        quantiles: the network's quantiles of the return, for the action taken, at the levels (i − ½)/q.
        next_quantiles: the slow network's, for the best action in the state that followed; held fixed.
        reward: what the step brought.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        discount: what a reward is worth one step later; from 0 to 1.
        delta: difference at which the loss turns from quadratic to linear; above 0.

    Returns:
        Sum over quantiles of the mean, over the targets reward + discount·(1 − terminated)·next_quantiles, of
        |level − [target < quantile]|·h, with h Huber's loss over delta: ½u²/delta where |u| ≤ delta, else |u| −
        ½·delta; from 0 up. No gradient reaches the target. It needs memory for n·q·k numbers.

    Raises:
        ValueError: shapes differ.

    Source:
        Dabney, Rowland, Bellemare and Munos (2018), equations 9 and 10, divided by delta as in Dabney, Ostrovski et al.
        (2018).

    Example:
        >>> quantiles, next_quantiles = torch.tensor([[0.0, 4.0]]), torch.tensor([[2.0]])
        >>> qr_dqn_loss(quantiles, next_quantiles, torch.tensor([1.0]), torch.tensor([0.0]), discount=1.0)
        tensor([0.7500])
    """
    expect.row_for_row(quantiles=quantiles, next_quantiles=next_quantiles)
    expect.one_per_row(quantiles, reward=reward, terminated=terminated)
    off, level = _off(quantiles, next_quantiles, reward, terminated, discount)
    rounded = torch.nn.functional.smooth_l1_loss(off, torch.zeros_like(off), reduction="none", beta=delta)
    return (torch.where(off > 0, level, 1.0 - level) * rounded).mean(-1).sum(-1)


def _off(
    quantiles: Tensor, following: Tensor, reward: Tensor, terminated: Tensor, discount: float
) -> tuple[Tensor, Tensor]:
    """What each target is above each quantile, and the quantiles' levels."""
    target = bootstrapped(reward.unsqueeze(-1), following, terminated.unsqueeze(-1), discount)
    count = quantiles.shape[-1]
    level = (torch.arange(count, dtype=quantiles.dtype, device=quantiles.device) + 0.5) / count
    return target.unsqueeze(1) - quantiles.unsqueeze(-1), level.unsqueeze(-1)


def semi_gradient(
    quantiles: Tensor,
    next_quantiles: Tensor,
    reward: Tensor,
    terminated: Tensor,
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Tensor:
    """Slope in the quantiles alone: minus a level's share of the clipped differences."""
    off, level = _off(quantiles, next_quantiles, reward, terminated, discount)
    return -(torch.where(off > 0, level, 1.0 - level) * (off / delta).clamp(-1.0, 1.0)).mean(-1)


class QrDqnLoss(Criterion):
    """`qr_dqn_loss`, masked, weighted and reduced."""

    function = staticmethod(qr_dqn_loss)


CARD = Card(
    module=QrDqnLoss,
    unit="example",
    inputs={
        "quantiles": Real("n q"),
        "next_quantiles": Real("n k"),
        "reward": Real("n"),
        "terminated": BinaryTarget("n"),
    },
    formula=r"\sum_i \frac1K \sum_j \big|\tau_i - [u_{ij} < 0]\big|\,\frac{H_\kappa(u_{ij})}{\kappa}, \quad u_{ij} "
    r"= r + \gamma \theta^-_j - \theta_i",
    elicits=NOTHING,
    claims={
        **TARGET_OF_INPUTS,
        "non_negative": Holds(wrt="quantiles"),
        "convex": Holds(wrt="quantiles"),
        "differentiable": Holds(wrt="quantiles"),
        "smooth": Holds(wrt="quantiles"),
        "bounded_gradient": Holds(wrt="quantiles", note="each entry by its level, or 1 less it"),
        "sample_independent": Holds(wrt="quantiles"),
        "vmap": Holds(wrt="quantiles"),
        "fullgraph": Holds(wrt="quantiles"),
        "twice_differentiable": Holds(wrt="quantiles", note="except where a target meets a quantile or is delta away"),
    },
    parameters={"discount": Interval(0.0, 1.0), "delta": POSITIVE},
    search={"discount": Interval(0.9, 0.999), "delta": Interval(0.1, 10.0, log=True)},
    also_known_as=("quantile temporal difference loss",),
    references=(
        Reference(
            "Dabney, Rowland, Bellemare and Munos",
            "Distributional reinforcement learning with quantile regression",
            2018,
            "AAAI, arXiv:1710.10044",
        ),
        Reference(
            "Dabney, Ostrovski, Silver and Munos",
            "Implicit quantile networks for distributional reinforcement learning",
            2018,
            "ICML, arXiv:1806.06923",
        ),
    ),
    equivalents=(
        Equivalent(
            "stable-baselines3-contrib",
            "common.utils.quantile_huber_loss",
            "delta is 1; by default the mean over quantiles, not their sum",
        ),
        Equivalent("rlax", "quantile_q_learning", "takes all actions and chooses; one step at a time"),
    ),
    mistakes=(
        "Mean over the targets and sum over the quantiles, not the other way round: else the step hangs on their "
        "numbers.",
        "Targets and quantiles swapped in the subtraction learn the quantiles in reverse order.",
        "Broadcasting (n, q) against (n, k) pairs them by place: every target meets every quantile.",
    ),
    relatives={
        "quantile_huber_loss": "one quantile of a target that is known",
        "c51_loss": "a grid in place of quantiles",
    },
    surrogate_gradient=semi_gradient,
)
