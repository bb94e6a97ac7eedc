"""Cross-entropy with the return's distribution, a step later, on a fixed grid.

Reach for it when learning from stored steps and the return is spread out or has several peaks: a distribution teaches
more than its mean, and a cross-entropy is gentler than a square.
Avoid it where the range of returns is unknown, since what lies outside of the grid is put at its ends; quantiles
(`qr_dqn_loss`) need no range.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, TARGET_OF_INPUTS, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, ClassProbabilities, Logits, Real


def c51_loss(
    logits: Float[Tensor, "n c"],
    next_probabilities: Float[Tensor, "n c"],
    reward: Float[Tensor, "n"],
    terminated: Float[Tensor, "n"] | Bool[Tensor, "n"],
    *,
    lowest: float = -10.0,
    highest: float = 10.0,
    discount: float = 0.99,
) -> Float[Tensor, "n"]:
    """Categorical distributional loss of each step.

    Args:
        logits: the network's logits of the return's atoms, for the action taken; the atoms lie at equal steps from
            `lowest` to `highest`, 51 in the paper, two or more.
        next_probabilities: the slow network's probabilities of the atoms, for the best action in the state that
            followed; held fixed.
        reward: what the step brought.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        lowest: return of the first atom.
        highest: return of the last atom, above it.
        discount: what a reward is worth one step later; from 0 to 1.

    Returns:
        Cross-entropy of softmax(logits), in nats, against the probabilities at reward + discount·(1 − terminated)·atom,
        each split between the two atoms next to it; from 0 up. No gradient reaches the target.

    Raises:
        ValueError: shapes differ, there are fewer than two atoms, or the grid is empty.

    Source:
        Bellemare, Dabney and Munos (2017), algorithm 1.

    Example:
        >>> next_probabilities, reward = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([0.5])
        >>> at = {"lowest": -1.0, "highest": 1.0}
        >>> c51_loss(torch.tensor([[0.0, 1.0, 1.0]]), next_probabilities, reward, torch.tensor([0.0]), **at)
        tensor([0.8620])
    """
    expect.same_shape(logits=logits, next_probabilities=next_probabilities)
    expect.one_per_row(logits, reward=reward, terminated=terminated)
    if logits.ndim != 2 or logits.shape[1] < 2 or not lowest < highest:
        raise ValueError(
            "`logits` should have shape (n, c), two atoms or more, from `lowest` up to `highest`. "
            f"Found {tuple(logits.shape)}, {lowest} and {highest}."
        )
    target = _projected(next_probabilities, reward, terminated, lowest, highest, discount).detach()
    return -(target * logits.log_softmax(-1)).sum(-1)


def _projected(
    probabilities: Tensor, reward: Tensor, terminated: Tensor, lowest: float, highest: float, discount: float
) -> Tensor:
    """Put every atom, moved by the step, on its two neighbours of the grid."""
    last = probabilities.shape[1] - 1
    places = torch.arange(last + 1, dtype=probabilities.dtype, device=probabilities.device)
    atoms = lowest + (highest - lowest) / last * places
    goes_on = discount * (1.0 - terminated.to(probabilities.dtype))
    moved = (reward.unsqueeze(-1) + goes_on.unsqueeze(-1) * atoms).clamp(lowest, highest)
    place = (moved - lowest) * (last / (highest - lowest))
    share = torch.relu(1.0 - (place.unsqueeze(-1) - places).abs())
    return (probabilities.unsqueeze(-1) * share).sum(1)


def probabilities_apart(
    logits: Tensor,
    next_probabilities: Tensor,
    reward: Tensor,
    terminated: Tensor,
    *,
    lowest: float = -10.0,
    highest: float = 10.0,
    discount: float = 0.99,
) -> Tensor:
    """Slope in the logits alone: their probabilities less the target's."""
    target = _projected(next_probabilities, reward, terminated, lowest, highest, discount)
    return logits.softmax(-1) * target.sum(-1, keepdim=True) - target


class C51Loss(Criterion):
    """`c51_loss`, masked, weighted and reduced."""

    function = staticmethod(c51_loss)


CARD = Card(
    module=C51Loss,
    unit="example",
    inputs={
        "logits": Logits("n c"),
        "next_probabilities": ClassProbabilities("n c"),
        "reward": Real("n"),
        "terminated": BinaryTarget("n"),
    },
    formula=r"-\sum_k m_k \log p_k, \quad m_k = \sum_j q_j \Big[1 - \frac{|r + \gamma z_j - z_k|}{\Delta z}\Big]_0^1",
    elicits=NOTHING,
    claims={
        **TARGET_OF_INPUTS,
        "non_negative": Holds(wrt="logits"),
        "convex": Holds(wrt="logits"),
        "differentiable": Holds(wrt="logits"),
        "smooth": Holds(wrt="logits"),
        "bounded_gradient": Holds(wrt="logits", note="each entry by 1"),
        "sample_independent": Holds(wrt="logits"),
        "vmap": Holds(wrt="logits"),
        "fullgraph": Holds(wrt="logits"),
        "twice_differentiable": Holds(wrt="logits"),
    },
    parameters={
        "lowest": Interval(-math.inf, math.inf),
        "highest": Interval(-math.inf, math.inf),
        "discount": Interval(0.0, 1.0),
    },
    search={"discount": Interval(0.9, 0.999)},
    also_known_as=("categorical DQN loss", "distributional DQN loss"),
    references=(
        Reference(
            "Bellemare, Dabney and Munos",
            "A distributional perspective on reinforcement learning",
            2017,
            "ICML, arXiv:1707.06887",
        ),
    ),
    equivalents=(
        Equivalent("torchrl", "objectives.DistributionalDQNLoss", "takes the network and a tensordict"),
        Equivalent("rlax", "categorical_q_learning", "takes all actions and chooses; one step at a time"),
    ),
    mistakes=(
        "An atom that falls exactly on the grid has its whole share there: code that splits by floor and ceiling loses "
        "it, since both are the same.",
        "The next action is the one of the largest mean, Σ atom·probability, not the one of the sharpest distribution.",
        "Returns beyond the grid pile up at its ends: choose it by the largest return, or scale rewards.",
    ),
    relatives={
        "qr_dqn_loss": "quantiles in place of a grid",
        "double_dqn_loss": "the mean alone",
        "soft_cross_entropy_loss": "the same once the target is known",
    },
    surrogate_gradient=probabilities_apart,
)
