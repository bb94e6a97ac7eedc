"""Huber loss of the taken action's value: the best next action is assumed.

Reach for it as the plainest way to learn values of a few discrete actions from stored steps.
Avoid it where rewards are noisy: the largest of several uncertain values is too large on average. `double_dqn_loss`
costs nothing more.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, TARGET_OF_INPUTS, Card, Equivalent, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Action, BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped, clipped_slope_of_taken, taken


def dqn_loss(
    values: Float[Tensor, "n c"],
    action: Int[Tensor, "n"],
    reward: Float[Tensor, "n"],
    next_values: Float[Tensor, "n c"],
    terminated: Float[Tensor, "n"] | Bool[Tensor, "n"],
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Float[Tensor, "n"]:
    """DQN loss of each step.

    Args:
        values: the network's value of every action in the state, one row per step.
        action: the action that was taken.
        reward: what the step brought.
        next_values: the slow network's value of every action in the state that followed; held fixed.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        discount: what a reward is worth one step later; from 0 to 1.
        delta: difference at which the loss turns from quadratic to linear; above 0.

    Returns:
        Huber's loss of reward + discount·(1 − terminated)·max next_values − values[action]; from 0 up. No gradient
        reaches the target.

    Raises:
        ValueError: shapes differ, or are not (n, c) and (n,).
        TypeError: `action` holds no integers.

    Source:
        Mnih et al. (2015), algorithm 1; at delta 1 it is their clipped error.

    Example:
        >>> values, next_values = torch.tensor([[5.0, 1.0]]), torch.tensor([[4.0, 2.0]])
        >>> action, reward, ended = torch.tensor([1]), torch.tensor([2.0]), torch.tensor([0.0])
        >>> dqn_loss(values, action, reward, next_values, ended, discount=0.5)
        tensor([2.5000])
    """
    expect.steps(values, action, reward=reward, terminated=terminated)
    expect.same_shape(values=values, next_values=next_values)
    target = bootstrapped(reward, next_values.amax(-1), terminated, discount)
    return torch.nn.functional.huber_loss(taken(values, action), target, reduction="none", delta=delta)


def semi_gradient(
    values: Tensor,
    action: Tensor,
    reward: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Tensor:
    """Slope in the taken action's value alone: minus the difference, cut off."""
    target = bootstrapped(reward, next_values.amax(-1), terminated, discount)
    return clipped_slope_of_taken(values, action, target, delta)


class DqnLoss(Criterion):
    """`dqn_loss`, masked, weighted and reduced."""

    function = staticmethod(dqn_loss)


CARD = Card(
    module=DqnLoss,
    unit="example",
    inputs={
        "values": Real("n c"),
        "action": Action("n"),
        "reward": Real("n"),
        "next_values": Real("n c"),
        "terminated": BinaryTarget("n"),
    },
    formula=r"H_\kappa\big(r + \gamma (1 - e) \max_{a'} Q^-(s', a') - Q(s, a)\big)",
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
    also_known_as=("deep Q-learning loss", "DQN"),
    references=(
        Reference(
            "Mnih et al.", "Human-level control through deep reinforcement learning", 2015, "Nature 518, 529-533"
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl",
            "objectives.DQNLoss(double_dqn=False)",
            "takes the network and a tensordict; a square unless loss_function='smooth_l1'",
        ),
        Equivalent("rlax", "q_learning", "the difference itself, one step at a time"),
    ),
    mistakes=(
        "Next values of the network in training, not of a slow copy, make it chase itself: update the copy now and "
        "then.",
        "An episode cut short by a time limit goes on: mark only those that ended as `terminated`.",
        "Gathering the largest value in place of the taken action's trains another action than the one that was tried.",
    ),
    relatives={
        "double_dqn_loss": "one network chooses the next action, the other says what it is worth",
        "huber_temporal_difference_loss": "the same once values are gathered",
        "c51_loss": "the whole distribution of the return, over a grid",
        "qr_dqn_loss": "its quantiles",
    },
    surrogate_gradient=semi_gradient,
)
