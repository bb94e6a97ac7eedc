"""Policy gradient, the critic's squared error and a bonus for entropy, in one.

Reach for it when actor and critic share a network and learn from fresh steps, once each.
Avoid it for several steps on the same experience: take `ppo_clip_loss`; and where actor and critic are apart, whose
parts can be minimised each by itself.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, NonNegative, Real


def a2c_loss(
    log_prob: Float[Tensor, "..."],
    advantage: Float[Tensor, "..."],
    value: Float[Tensor, "..."],
    observed: Float[Tensor, "..."],
    entropy: Float[Tensor, "..."],
    *,
    value_weight: float = 0.5,
    entropy_weight: float = 0.01,
) -> Float[Tensor, "..."]:
    """Advantage actor-critic loss of each step.

    Args:
        log_prob: log-probability that the policy gives to the action taken, with its gradient.
        advantage: how much more the action brought than the critic expected; held fixed.
        value: the critic's value of the state, with its gradient.
        observed: return that was observed from there on, with the critic's value behind the last step; held fixed.
        entropy: the policy's entropy in the state, in nats, with its gradient.
        value_weight: weight of the critic's squared error; from 0 up.
        entropy_weight: weight of the entropy, which is to be large; from 0 up.

    Returns:
        −advantage·log_prob + value_weight·(observed − value)² − entropy_weight·entropy, of either sign.

    Raises:
        ValueError: shapes differ.

    Source:
        Mnih et al. (2016), algorithm S3 and section 4; its synchronous form is A2C.

    Example:
        >>> import torch
        >>> x = torch.tensor([1.0])
        >>> a2c_loss(-0.5 * x, 3.0 * x, x, 3.0 * x, x)
        tensor([3.4900])
    """
    expect.same_shape(log_prob=log_prob, advantage=advantage, value=value, observed=observed, entropy=entropy)
    critic = (observed.detach() - value).square()
    return -advantage.detach() * log_prob + value_weight * critic - entropy_weight * entropy


def policy_gradient(
    log_prob: Tensor,
    advantage: Tensor,
    value: Tensor,
    observed: Tensor,
    entropy: Tensor,
    *,
    value_weight: float = 0.5,
    entropy_weight: float = 0.01,
) -> Tensor:
    """Slope in the log-probability: minus the advantage."""
    return -advantage


class A2cLoss(Criterion):
    """`a2c_loss`, masked, weighted and reduced."""

    function = staticmethod(a2c_loss)


CARD = Card(
    module=A2cLoss,
    unit="element",
    inputs={
        "log_prob": ActionLogProbability(),
        "advantage": Real(),
        "value": Real(),
        "observed": Real(),
        "entropy": NonNegative(),
    },
    formula=r"-A \log \pi(a \mid s) + c_v (R - V(s))^2 - c_h H(\pi), \quad A, R \text{ held fixed}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="log_prob", note="its value says nothing about how good a policy is"),
        "convex": Holds(wrt="log_prob", note="linear in it, and convex in the value"),
        "differentiable": Holds(wrt="log_prob"),
        "smooth": Holds(wrt="log_prob"),
        "bounded_gradient": Fails(wrt="log_prob", note="it is the advantage, of any size"),
        "sample_independent": Holds(wrt="log_prob"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="0 in it, constant in the value"),
    },
    parameters={"value_weight": NON_NEGATIVE, "entropy_weight": NON_NEGATIVE},
    search={"value_weight": Interval(0.1, 2.0, log=True), "entropy_weight": Interval(0.0001, 0.1, log=True)},
    also_known_as=("advantage actor-critic loss", "A3C loss"),
    references=(
        Reference(
            "Mnih et al.",
            "Asynchronous methods for deep reinforcement learning",
            2016,
            "ICML, arXiv:1602.01783",
        ),
    ),
    equivalents=(
        Equivalent("torchrl", "objectives.A2CLoss", "three losses in a tensordict; the critic's is smooth L1"),
        Equivalent("stable-baselines3", "A2C", "the same sum, of means over the batch"),
    ),
    mistakes=(
        "An advantage with a gradient trains the critic to make actions look good: it is held fixed here.",
        "Without the minus sign before the entropy the policy is rewarded for being sure.",
        "Scaled rewards change the critic's part with their square: weigh it anew.",
    ),
    relatives={
        "policy_gradient_loss": "the first term alone",
        "ppo_clip_loss": "for several steps on the same experience",
        "temporal_difference_loss": "the critic's term, from single steps",
    },
    surrogate_gradient=policy_gradient,
)
