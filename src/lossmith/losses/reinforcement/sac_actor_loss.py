"""Value of what the policy does, and how predictable it is: it maximises both.

Reach for it in the policy's step of soft actor-critic, for continuous actions drawn so that a gradient passes through
them: value and log-probability both carry it.
Avoid it with actions drawn without such a gradient, or discrete ones: their expectation can be summed instead.
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
from lossmith.domains import ActionLogProbability, Real


def sac_actor_loss(
    log_prob: Float[Tensor, "..."], value: Float[Tensor, "..."], *, alpha: float = 0.2
) -> Float[Tensor, "..."]:
    """Soft actor-critic's loss of each drawn action; the policy minimises it.

    Args:
        log_prob: log-probability of the action drawn, with its gradient, also through the action.
        value: the smaller of the critics' values of that action, with its gradient through the action; the critics' own
            weights held fixed.
        alpha: temperature: what a nat of entropy is worth, in units of the return; from 0 up.

    Returns:
        alpha·log_prob − value, of either sign.

    Raises:
        ValueError: shapes differ.

    Source:
        Haarnoja et al. (2018a), equation 12; with the smaller of two critics and alpha: Haarnoja et al. (2018b).

    Example:
        >>> import torch
        >>> sac_actor_loss(torch.tensor([-1.0, 2.0]), torch.tensor([3.0, 3.0]), alpha=0.5)
        tensor([-3.5000, -2.0000])
    """
    expect.same_shape(log_prob=log_prob, value=value)
    return alpha * log_prob - value


class SacActorLoss(Criterion):
    """`sac_actor_loss`, masked, weighted and reduced."""

    function = staticmethod(sac_actor_loss)


CARD = Card(
    module=SacActorLoss,
    unit="element",
    inputs={"log_prob": ActionLogProbability(), "value": Real()},
    formula=r"\alpha \log \pi(a \mid s) - \min_i Q_i(s, a)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="log_prob", note="a value has no zero point"),
        "convex": Holds(wrt="log_prob", note="linear in both"),
        "differentiable": Holds(wrt="log_prob"),
        "smooth": Holds(wrt="log_prob"),
        "bounded_gradient": Holds(wrt="log_prob", note="by alpha, and by 1 in the value"),
        "sample_independent": Holds(wrt="log_prob"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="the second derivative is 0"),
    },
    parameters={"alpha": NON_NEGATIVE},
    search={"alpha": Interval(0.01, 1.0, log=True)},
    also_known_as=("soft actor-critic policy loss", "maximum entropy policy loss"),
    references=(
        Reference(
            "Haarnoja, Zhou, Abbeel and Levine",
            "Soft actor-critic: off-policy maximum entropy deep reinforcement learning with a stochastic actor",
            2018,
            "ICML, arXiv:1801.01290",
        ),
        Reference("Haarnoja et al.", "Soft actor-critic algorithms and applications", 2018, "arXiv:1812.05905"),
    ),
    equivalents=(
        Equivalent(
            "torchrl", "objectives.SACLoss", "its loss_actor; takes the networks and a tensordict, learns alpha"
        ),
    ),
    mistakes=(
        "A tanh that bounds the action changes its density: subtract log(1 − tanh²) summed over its dimensions.",
        "The critics' weights must not be trained by this: freeze them, or hand the optimiser the policy's only.",
        "Without a gradient through the action (`sample()` in place of `rsample()`) the value's part does nothing.",
    ),
    relatives={
        "sac_critic_loss": "what the critics minimise beside it",
        "policy_gradient_loss": "for actions without a gradient through them",
    },
)
