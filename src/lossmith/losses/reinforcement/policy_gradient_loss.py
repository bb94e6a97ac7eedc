"""Log-probability of what was done, times how much better than expected it was.

Reach for it when actions were drawn from the very policy that is trained, once for each step (REINFORCE, actor-critic).
Avoid it for several steps on the same experience: the policy has moved on, and nothing holds it; take `ppo_clip_loss`.
Its value says nothing: only its gradient is that of the expected return.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, Real


def policy_gradient_loss(log_prob: Float[Tensor, "..."], advantage: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Policy gradient surrogate of each step; the policy minimises it.

    Args:
        log_prob: log-probability that the policy gives to the action taken, with its gradient.
        advantage: how much more the action brought than was expected, above 0 where it was good; held fixed.

    Returns:
        −log_prob·advantage, of either sign: descending makes good actions likelier. No gradient reaches `advantage`.

    Raises:
        ValueError: shapes differ.

    Source:
        Williams (1992); Sutton et al. (1999).

    Example:
        >>> import torch
        >>> policy_gradient_loss(torch.tensor([-0.5, -2.0]), torch.tensor([3.0, -1.0]))
        tensor([ 1.5000, -2.0000])
    """
    # (n, 1) from a critic against (n,) would broadcast to an n-by-n table.
    expect.same_shape(log_prob=log_prob, advantage=advantage)
    return -log_prob * advantage.detach()


def policy_gradient(log_prob: Tensor, advantage: Tensor) -> Tensor:
    """Slope in the log-probability: minus the advantage."""
    return -advantage


class PolicyGradientLoss(Criterion):
    """`policy_gradient_loss`, masked, weighted and reduced."""

    function = staticmethod(policy_gradient_loss)


CARD = Card(
    module=PolicyGradientLoss,
    unit="element",
    inputs={"log_prob": ActionLogProbability(), "advantage": Real()},
    formula=r"-A \log \pi(a \mid s), \quad A \text{ held fixed}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(
            wrt="log_prob", note="it is no distance; its value says nothing about how good a policy is"
        ),
        "convex": Holds(
            wrt="log_prob", note="linear in it; in the scores of a softmax only where the advantage is not negative"
        ),
        "differentiable": Holds(wrt="log_prob"),
        "smooth": Holds(wrt="log_prob"),
        "bounded_gradient": Fails(wrt="log_prob", note="it is the advantage, of any size"),
        "sample_independent": Holds(wrt="log_prob", note="where the advantages are not standardised over the batch"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="the second derivative is 0"),
    },
    also_known_as=("REINFORCE", "score function estimator", "vanilla policy gradient"),
    references=(
        Reference(
            "Williams",
            "Simple statistical gradient-following algorithms for connectionist reinforcement learning",
            1992,
            "Machine Learning 8, 229-256",
        ),
        Reference(
            "Sutton, McAllester, Singh and Mansour",
            "Policy gradient methods for reinforcement learning with function approximation",
            1999,
            "NeurIPS",
        ),
    ),
    equivalents=(
        Equivalent("torchrl", "objectives.ReinforceLoss", "takes the actor and a tensordict; adds the critic's loss"),
        Equivalent(
            "rlax", "policy_gradient_loss", "takes the scores of a softmax, actions and weights, and is their mean"
        ),
    ),
    mistakes=(
        "The minus sign is in it: an optimiser descends; ascending it as well makes the policy worse every step.",
        "Its value may rise while the policy gets better: watch the return.",
        "An advantage of shape (n, 1) against log-probabilities of shape (n,) is another loss; here it is refused.",
        "The gradient is right only for actions drawn from the present policy: use each experience once.",
        "Returns without a baseline make every action likelier, the luckiest most: subtract a value estimate.",
    ),
    relatives={
        "ppo_clip_loss": "allows several steps on one experience, and stops the policy from moving too far",
        "temporal_difference_loss": "trains the value function the advantage is made with",
    },
    surrogate_gradient=policy_gradient,
)
