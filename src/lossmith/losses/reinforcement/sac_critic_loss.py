"""Squared temporal difference: the smaller of two critics, plus entropy.

Reach for it in the critics' step of soft actor-critic, once for each of the two critics against one and the same
target.
Avoid it with one critic only: the policy seeks out its errors. For clipped double Q-learning without entropy (TD3) set
alpha to 0.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, TARGET_OF_INPUTS, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped


def sac_critic_loss(
    value: Float[Tensor, "..."],
    reward: Float[Tensor, "..."],
    next_first: Float[Tensor, "..."],
    next_second: Float[Tensor, "..."],
    next_log_prob: Float[Tensor, "..."],
    terminated: Float[Tensor, "..."] | Bool[Tensor, "..."],
    *,
    alpha: float = 0.2,
    discount: float = 0.99,
) -> Float[Tensor, "..."]:
    """Soft temporal difference loss of each step, for one critic.

    Args:
        value: this critic's value of state and action, with its gradient.
        reward: what the step brought.
        next_first: the first slow critic's value of an action that the policy draws in the state that followed; held
            fixed, as all that is next.
        next_second: the second slow critic's value of that same action.
        next_log_prob: log-probability of that action.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        alpha: temperature: what a nat of entropy is worth, in units of the return; from 0 up.
        discount: what a reward is worth one step later; from 0 to 1.

    Returns:
        (reward + discount·(1 − terminated)·(min(next_first, next_second) − alpha·next_log_prob) − value)²; from 0 up.
        No gradient reaches the target.

    Raises:
        ValueError: shapes differ.

    Source:
        Haarnoja et al. (2018b), equation 5, without the ½; the smaller of two: Fujimoto, van Hoof and Meger (2018).

    Example:
        >>> one = torch.ones(1)
        >>> sac_critic_loss(one, 2.0 * one, 5.0 * one, 4.0 * one, -2.0 * one, 0.0 * one, alpha=0.5, discount=0.5)
        tensor([12.2500])
    """
    expect.same_shape(
        value=value,
        reward=reward,
        next_first=next_first,
        next_second=next_second,
        next_log_prob=next_log_prob,
        terminated=terminated,
    )
    soft = torch.minimum(next_first, next_second) - alpha * next_log_prob
    return (bootstrapped(reward, soft, terminated, discount) - value).square()


def semi_gradient(
    value: Tensor,
    reward: Tensor,
    next_first: Tensor,
    next_second: Tensor,
    next_log_prob: Tensor,
    terminated: Tensor,
    *,
    alpha: float = 0.2,
    discount: float = 0.99,
) -> Tensor:
    """Slope in the value alone: minus twice the difference."""
    soft = torch.minimum(next_first, next_second) - alpha * next_log_prob
    return 2.0 * (value - reward) - 2.0 * discount * (1.0 - terminated) * soft


class SacCriticLoss(Criterion):
    """`sac_critic_loss`, masked, weighted and reduced."""

    function = staticmethod(sac_critic_loss)


CARD = Card(
    module=SacCriticLoss,
    unit="element",
    inputs={
        "value": Real(),
        "reward": Real(),
        "next_first": Real(),
        "next_second": Real(),
        "next_log_prob": ActionLogProbability(),
        "terminated": BinaryTarget(),
    },
    formula=r"\big(r + \gamma (1 - e) (\min_i Q^-_i(s', a') - \alpha \log \pi(a' \mid s')) - Q(s, a)\big)^2",
    elicits=NOTHING,
    claims={
        **TARGET_OF_INPUTS,
        "non_negative": Holds(wrt="value"),
        "convex": Holds(wrt="value"),
        "differentiable": Holds(wrt="value"),
        "smooth": Holds(wrt="value"),
        "bounded_gradient": Fails(wrt="value", note="it grows with the temporal difference"),
        "sample_independent": Holds(wrt="value"),
        "vmap": Holds(wrt="value"),
        "fullgraph": Holds(wrt="value"),
        "twice_differentiable": Holds(wrt="value"),
    },
    parameters={"alpha": NON_NEGATIVE, "discount": Interval(0.0, 1.0)},
    search={"alpha": Interval(0.01, 1.0, log=True), "discount": Interval(0.9, 0.999)},
    also_known_as=("soft Bellman residual", "clipped double Q-learning loss"),
    references=(
        Reference("Haarnoja et al.", "Soft actor-critic algorithms and applications", 2018, "arXiv:1812.05905"),
        Reference(
            "Fujimoto, van Hoof and Meger",
            "Addressing function approximation error in actor-critic methods",
            2018,
            "ICML, arXiv:1802.09477",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl", "objectives.SACLoss", "its loss_qvalue: the sum over critics, smooth L1 unless told otherwise"
        ),
    ),
    mistakes=(
        "The next action is drawn anew from the present policy, not taken from the store.",
        "One target for both critics: each against its own next value loses what the smaller of the two is for.",
        "The entropy belongs to the next state: at an end there is none, which `terminated` takes care of.",
    ),
    relatives={
        "sac_actor_loss": "what the policy minimises beside it",
        "temporal_difference_loss": "one next value, and no entropy",
    },
    surrogate_gradient=semi_gradient,
)
