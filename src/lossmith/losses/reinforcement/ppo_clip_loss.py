"""Policy gradient that gives nothing for moving an action's odds beyond a limit.

Reach for it when one experience should serve several steps of training (PPO; of language models too).
Avoid taking the clip for a wall: it only stops rewarding. A policy still leaves the old one behind by shared weights or
momentum, so watch the divergence and stop early.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, UNIT_OPEN, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, Real
from lossmith.kernels.policy import clipped_gain, clipped_slope


def ppo_clip_loss(
    log_prob: Float[Tensor, "..."],
    old_log_prob: Float[Tensor, "..."],
    advantage: Float[Tensor, "..."],
    *,
    clip: float = 0.2,
) -> Float[Tensor, "..."]:
    """PPO's clipped surrogate of each step; the policy minimises it.

    Args:
        log_prob: log-probability that the policy gives to the action taken, with its gradient.
        old_log_prob: the same of the policy that took it; held fixed.
        advantage: how much more the action brought than was expected, above 0 where it was good; held fixed.
        clip: by how much the ratio of the two probabilities may leave 1 before it brings no more; between 0 and 1.

    Returns:
        −min(ratio·advantage, clamp(ratio, 1 − clip, 1 + clip)·advantage), of either sign. The gradient is 0 for a good
        action whose ratio is above 1 + clip, and for a bad one below 1 − clip; not on the other sides.

    Raises:
        ValueError: shapes differ.

    Source:
        Schulman et al. (2017), equation 7, with a minus sign.

    Example:
        >>> import torch
        >>> old, new = torch.tensor([0.2, 0.2]).log(), torch.tensor([0.4, 0.4]).log()
        >>> ppo_clip_loss(new, old, torch.tensor([3.0, -3.0]))
        tensor([-3.6000,  6.0000])
    """
    expect.same_shape(log_prob=log_prob, old_log_prob=old_log_prob, advantage=advantage)
    moved, gain = log_prob - old_log_prob.detach(), advantage.detach()
    return -clipped_gain(moved, gain, clip)


def clipped_policy_gradient(log_prob: Tensor, old_log_prob: Tensor, advantage: Tensor, *, clip: float = 0.2) -> Tensor:
    """Slope in the log-probability: the ratio times the advantage, or 0."""
    return -clipped_slope(log_prob - old_log_prob, advantage, clip)


class PpoClipLoss(Criterion):
    """`ppo_clip_loss`, masked, weighted and reduced."""

    function = staticmethod(ppo_clip_loss)


CARD = Card(
    module=PpoClipLoss,
    unit="element",
    inputs={"log_prob": ActionLogProbability(), "old_log_prob": ActionLogProbability(), "advantage": Real()},
    formula=r"-\min(\rho A, \mathrm{clip}(\rho, 1-\varepsilon, 1+\varepsilon) A), \quad \rho = \pi(a)/\pi_{old}(a)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="log_prob", note="it is a gain with a minus sign"),
        "convex": Fails(wrt="log_prob"),
        "differentiable": Fails(wrt="log_prob", note="at the clip"),
        "smooth": Fails(wrt="log_prob"),
        "bounded_gradient": Fails(wrt="log_prob", note="the clip does not hold for a bad action that got likelier"),
        "sample_independent": Holds(wrt="log_prob", note="where the advantages are not standardised over the batch"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="except at the clip"),
    },
    parameters={"clip": UNIT_OPEN},
    search={"clip": Interval(0.05, 0.5)},
    also_known_as=("PPO", "clipped surrogate objective"),
    references=(
        Reference(
            "Schulman, Wolski, Dhariwal, Radford and Klimov",
            "Proximal policy optimization algorithms",
            2017,
            "arXiv:1707.06347",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl",
            "objectives.ClipPPOLoss",
            "takes the actor and a tensordict; adds an entropy bonus and the critic's loss",
        ),
        Equivalent("rlax", "clipped_surrogate_pg_loss", "takes the ratio itself, and is the mean"),
    ),
    mistakes=(
        "The paper's objective is to be ascended; with the minus sign here an optimiser descends.",
        "Store the log-probabilities when the policy acts: computed anew from the present one, the "
        "ratio "
        "is always 1 and nothing is ever clipped.",
        "A ratio of exactly 1 in the first step is right; at every step it means the mistake before this.",
        "Padding must be left out by `mask` and not by a product with 0: an overflow times 0 is NaN.",
    ),
    relatives={"policy_gradient_loss": "the same gradient where the ratio is 1, without the clip"},
    surrogate_gradient=clipped_policy_gradient,
)
