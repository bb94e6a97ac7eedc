"""Squared error of a value against the reward plus the next value, held fixed.

Reach for it when a value function is to be learned from single steps, without waiting for the end of an episode.
Avoid it where rewards have outliers or values are off by much at first: take `huber_temporal_difference_loss`. With one
network for both values training can run away; take the next value from a slow copy.
"""

from jaxtyping import Bool, Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped


def temporal_difference_loss(
    value: Float[Tensor, "..."],
    reward: Float[Tensor, "..."],
    next_value: Float[Tensor, "..."],
    terminated: Float[Tensor, "..."] | Bool[Tensor, "..."],
    *,
    discount: float = 0.99,
) -> Float[Tensor, "..."]:
    """Squared temporal difference of each step.

    Args:
        value: predicted value of the state, or of state and action, with its gradient.
        reward: what the step brought.
        next_value: predicted value of the state it led to (for Q-learning the largest of its actions'); held fixed.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        discount: what a reward is worth one step later; from 0 to 1.

    Returns:
        δ² with δ = reward + discount·(1 − terminated)·next_value − value, from 0 up. No gradient reaches the target.

    Raises:
        ValueError: shapes differ.

    Source:
        Sutton (1988); with the target held fixed its gradient is TD(0)'s, and no derivative of a squared Bellman error.

    Example:
        >>> import torch
        >>> value, reward, next_value = torch.tensor([1.0, 1.0]), torch.tensor([2.0, 2.0]), torch.tensor([4.0, 4.0])
        >>> temporal_difference_loss(value, reward, next_value, torch.tensor([0.0, 1.0]), discount=0.5)
        tensor([9., 1.])
    """
    expect.same_shape(value=value, reward=reward, next_value=next_value, terminated=terminated)
    target = bootstrapped(reward, next_value, terminated, discount)
    return (target - value).square()


def semi_gradient(
    value: Tensor, reward: Tensor, next_value: Tensor, terminated: Tensor, *, discount: float = 0.99
) -> Tensor:
    """Slope in the value alone: minus twice the temporal difference."""
    return 2.0 * (value - reward) - 2.0 * discount * (1.0 - terminated) * next_value


class TemporalDifferenceLoss(Criterion):
    """`temporal_difference_loss`, masked, weighted and reduced."""

    function = staticmethod(temporal_difference_loss)


_MADE = NotApplicable("its target is made of three inputs, one of them a prediction")

CARD = Card(
    module=TemporalDifferenceLoss,
    unit="element",
    inputs={"value": Real(), "reward": Real(), "next_value": Real(), "terminated": BinaryTarget()},
    formula=r"\big(r + \gamma (1 - e) V(s') - V(s)\big)^2, \quad V(s') \text{ held fixed}",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="value"),
        "zero_at_target": _MADE,
        "convex": Holds(wrt="value"),
        "differentiable": Holds(wrt="value"),
        "smooth": Holds(wrt="value"),
        "bounded_gradient": Fails(wrt="value", note="it grows with the temporal difference"),
        "gradient_growth": _MADE,
        "symmetric": _MADE,
        "proper": _MADE,
        "classification_calibrated": _MADE,
        "monotone": _MADE,
        "sample_independent": Holds(wrt="value"),
        "vmap": Holds(wrt="value"),
        "fullgraph": Holds(wrt="value"),
        "twice_differentiable": Holds(wrt="value"),
    },
    parameters={"discount": Interval(0.0, 1.0)},
    search={"discount": Interval(0.9, 0.999)},
    also_known_as=("TD error loss", "TD(0) loss", "squared Bellman error with a fixed target"),
    references=(
        Reference(
            "Sutton", "Learning to predict by the methods of temporal differences", 1988, "Machine Learning 3, 9-44"
        ),
        Reference(
            "Mnih et al.", "Human-level control through deep reinforcement learning", 2015, "Nature 518, 529-533"
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl",
            "objectives.DQNLoss(loss_function='l2')",
            "takes the network and a tensordict, which hold the target's parameters and the discount",
        ),
        Equivalent(
            "rlax", "td_learning", "the temporal difference itself, and one step at a time; l2_loss halves its square"
        ),
    ),
    mistakes=(
        "An episode cut short by a time limit goes on: mark only those that ended as `terminated`, else its last "
        "values are "
        "taken for 0.",
        "With a gradient through the target it is another method (residual gradient), slower and with another "
        "solution: "
        "here the target is held fixed.",
        "Values of shape (n, 1) against rewards of shape (n,) are an n-by-n table of wrong differences; here refused.",
        "A small value is no sign of a good policy: the target moves with the network.",
    ),
    relatives={
        "huber_temporal_difference_loss": "linear for large differences, so that none takes over",
        "squared_error_loss": "the same once the target is known",
    },
    surrogate_gradient=semi_gradient,
)
