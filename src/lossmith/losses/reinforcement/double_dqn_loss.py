"""Q-learning in which one network chooses the next action and another values it.

Reach for it in place of `dqn_loss` at once: it takes away most of the optimism of the largest of uncertain values, for
one more look of the network.
Avoid it only where both networks are one and the same, which makes it that loss again.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, TARGET_OF_INPUTS, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Action, BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped, clipped_slope_of_taken, taken


def double_dqn_loss(
    values: Float[Tensor, "n c"],
    action: Int[Tensor, "n"],
    reward: Float[Tensor, "n"],
    next_choice: Float[Tensor, "n c"],
    next_values: Float[Tensor, "n c"],
    terminated: Float[Tensor, "n"] | Bool[Tensor, "n"],
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Float[Tensor, "n"]:
    """Double DQN loss of each step.

    Args:
        values: the network's value of every action in the state, one row per step.
        action: the action that was taken.
        reward: what the step brought.
        next_choice: the same network's values in the state that followed, which choose the action; held fixed.
        next_values: the slow network's values there, which say what it is worth; held fixed.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        discount: what a reward is worth one step later; from 0 to 1.
        delta: difference at which the loss turns from quadratic to linear; above 0.

    Returns:
        Huber's loss of reward + discount·(1 − terminated)·next_values[argmax next_choice] − values[action]; from 0 up.
        No gradient reaches the target.

    Raises:
        ValueError: shapes differ, or are not (n, c) and (n,).
        TypeError: `action` holds no integers.

    Source:
        van Hasselt, Guez and Silver (2016).

    Example:
        >>> values, choice = torch.tensor([[5.0, 1.0]]), torch.tensor([[0.0, 9.0]])
        >>> next_values = torch.tensor([[4.0, 2.0]])
        >>> action, reward, ended = torch.tensor([1]), torch.tensor([2.0]), torch.tensor([0.0])
        >>> double_dqn_loss(values, action, reward, choice, next_values, ended, discount=0.5)
        tensor([1.5000])
    """
    expect.steps(values, action, reward=reward, terminated=terminated)
    expect.same_shape(values=values, next_choice=next_choice, next_values=next_values)
    target = bootstrapped(reward, taken(next_values, next_choice.argmax(-1)), terminated, discount)
    return torch.nn.functional.huber_loss(taken(values, action), target, reduction="none", delta=delta)


def semi_gradient(
    values: Tensor,
    action: Tensor,
    reward: Tensor,
    next_choice: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Tensor:
    """Slope in the taken action's value alone: minus the difference, cut off."""
    target = bootstrapped(reward, taken(next_values, next_choice.argmax(-1)), terminated, discount)
    return clipped_slope_of_taken(values, action, target, delta)


class DoubleDqnLoss(Criterion):
    """`double_dqn_loss`, masked, weighted and reduced."""

    function = staticmethod(double_dqn_loss)


CARD = Card(
    module=DoubleDqnLoss,
    unit="example",
    inputs={
        "values": Real("n c"),
        "action": Action("n"),
        "reward": Real("n"),
        "next_choice": Real("n c"),
        "next_values": Real("n c"),
        "terminated": BinaryTarget("n"),
    },
    formula=r"H_\kappa\big(r + \gamma (1 - e)\,Q^-(s', \arg\max_{a'} Q(s', a')) - Q(s, a)\big)",
    elicits=NOTHING,
    claims={
        **TARGET_OF_INPUTS,
        "non_negative": Holds(wrt="values"),
        "convex": Holds(wrt="values"),
        "differentiable": Holds(wrt="values"),
        "smooth": Holds(wrt="values"),
        "bounded_gradient": Holds(wrt="values", note="by delta"),
        "sample_independent": Holds(wrt="values"),
        "vmap": Holds(wrt="values"),
        "fullgraph": Holds(wrt="values"),
        "twice_differentiable": Holds(wrt="values", note="except at a difference of delta"),
    },
    parameters={"discount": Interval(0.0, 1.0), "delta": POSITIVE},
    search={"discount": Interval(0.9, 0.999), "delta": Interval(0.1, 10.0, log=True)},
    also_known_as=("double Q-learning loss",),
    references=(
        Reference(
            "van Hasselt, Guez and Silver",
            "Deep reinforcement learning with double Q-learning",
            2016,
            "AAAI, arXiv:1509.06461",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl",
            "objectives.DQNLoss(double_dqn=True)",
            "takes the network and a tensordict; a square unless loss_function='smooth_l1'",
        ),
        Equivalent("rlax", "double_q_learning", "the difference itself, one step at a time"),
    ),
    mistakes=(
        "The two roles swapped, the slow network choosing, bring the optimism back: the one in training chooses.",
        "An episode cut short by a time limit goes on: mark only those that ended as `terminated`.",
    ),
    relatives={"dqn_loss": "the slow network chooses and values"},
    surrogate_gradient=semi_gradient,
)
