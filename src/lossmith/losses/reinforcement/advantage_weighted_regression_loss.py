"""Imitates stored actions, those that turned out well the more.

Reach for it when a policy is learned from a fixed store of steps (offline): it never asks for an action that nobody
tried. With IQL's values it is IQL's policy, with `expectile_loss` for the values.
Avoid it where all of the store is poor: it cannot become better than its best parts.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, Real


def advantage_weighted_regression_loss(
    log_prob: Float[Tensor, "..."],
    advantage: Float[Tensor, "..."],
    *,
    beta: float = 3.0,
    largest_weight: float = 100.0,
) -> Float[Tensor, "..."]:
    """Advantage-weighted regression of each stored action; the policy minimises it.

    Args:
        log_prob: log-probability that the policy gives to the stored action, with its gradient.
        advantage: how much more it brought than was expected; held fixed.
        beta: what advantages are multiplied by, one over a temperature; at 0 it is plain imitation; from 0 up.
        largest_weight: at which weights are cut off; above 0.

    Returns:
        −min(exp(beta·advantage), largest_weight)·log_prob. No gradient reaches `advantage`.

    Raises:
        ValueError: shapes differ.

    Source:
        Peng et al. (2019); Kostrikov, Nair and Levine (2022), equation 7, whose beta this is.

    Example:
        >>> import torch
        >>> advantage_weighted_regression_loss(torch.tensor([-0.5, -0.5]), torch.tensor([0.0, 1e4]))
        tensor([ 0.5000, 50.0000])
    """
    expect.same_shape(log_prob=log_prob, advantage=advantage)
    return -_weight(advantage.detach(), beta, largest_weight) * log_prob


def _weight(advantage: Tensor, beta: float, largest: float) -> Tensor:
    # Cut off before the exponential, which would overflow.
    return (beta * advantage).clamp(max=math.log(largest)).exp()


def weighted_imitation(
    log_prob: Tensor, advantage: Tensor, *, beta: float = 3.0, largest_weight: float = 100.0
) -> Tensor:
    """Slope in the log-probability: minus the weight."""
    return -_weight(advantage, beta, largest_weight)


class AdvantageWeightedRegressionLoss(Criterion):
    """`advantage_weighted_regression_loss`, masked, weighted and reduced."""

    function = staticmethod(advantage_weighted_regression_loss)


CARD = Card(
    module=AdvantageWeightedRegressionLoss,
    unit="element",
    inputs={"log_prob": ActionLogProbability(), "advantage": Real()},
    formula=r"-\min\big(e^{\beta A}, w\big) \log \pi(a \mid s), \quad A \text{ held fixed}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="log_prob", note="the density of a continuous action may be above 1"),
        "convex": Holds(wrt="log_prob", note="linear in it, and in a softmax's scores"),
        "differentiable": Holds(wrt="log_prob"),
        "smooth": Holds(wrt="log_prob"),
        "bounded_gradient": Holds(wrt="log_prob", note="by the largest weight"),
        "sample_independent": Holds(wrt="log_prob"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="the second derivative is 0"),
    },
    parameters={"beta": NON_NEGATIVE, "largest_weight": POSITIVE},
    search={"beta": Interval(0.1, 10.0, log=True), "largest_weight": Interval(10.0, 1000.0, log=True)},
    also_known_as=("AWR", "IQL policy loss", "AWAC policy loss"),
    references=(
        Reference(
            "Peng, Kumar, Zhang and Levine",
            "Advantage-weighted regression: simple and scalable off-policy reinforcement learning",
            2019,
            "arXiv:1910.00177",
        ),
        Reference(
            "Kostrikov, Nair and Levine",
            "Offline reinforcement learning with implicit Q-learning",
            2022,
            "ICLR, arXiv:2110.06169",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl", "objectives.IQLLoss", "its loss_actor; temperature is beta and 1; cut off after the exponential"
        ),
    ),
    mistakes=(
        "Beta multiplies here and in IQL, and divides in AWR: 3 of one is a third of the other.",
        "Advantages in units of thousands make every weight 0 or the largest: scale rewards, or beta.",
        "Cutting off after the exponential is too late: inf stays inf in between, and 0·inf is NaN.",
    ),
    relatives={
        "policy_gradient_loss": "weights that may be negative, for actions of the policy itself",
        "expectile_loss": "IQL's state values: of values of stored actions, at a level such as 0.7",
    },
    surrogate_gradient=weighted_imitation,
)
