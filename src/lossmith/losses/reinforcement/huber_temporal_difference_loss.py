"""Temporal difference, squared when small, linear when large: DQN's error.

Reach for it when a value function is to be learned from single steps and rewards or first values are far off at times.
Avoid it where the mean return is wanted to the last digit and rewards are skewed: beyond delta it leans to the median.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Equivalent, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Real
from lossmith.kernels.temporal_difference import bootstrapped


def huber_temporal_difference_loss(
    value: Float[Tensor, "..."],
    reward: Float[Tensor, "..."],
    next_value: Float[Tensor, "..."],
    terminated: Float[Tensor, "..."] | Bool[Tensor, "..."],
    *,
    discount: float = 0.99,
    delta: float = 1.0,
) -> Float[Tensor, "..."]:
    """Huber loss of the temporal difference of each step.

    Args:
        value: predicted value of the state, or of state and action, with its gradient.
        reward: what the step brought.
        next_value: predicted value of the state it led to (for Q-learning the largest of its actions'); held fixed.
        terminated: 1 or True where the episode ended there, so that nothing follows; not where it was cut short.
        discount: what a reward is worth one step later; from 0 to 1.
        delta: difference at which the loss turns from quadratic to linear; above 0.

    Returns:
        ½δ² where |δ| ≤ delta, else delta·(|δ| − ½·delta), with δ = reward + discount·(1 − terminated)·next_value −
        value; from 0 up. No gradient reaches the target.

    Raises:
        ValueError: shapes differ.

    Source:
        Mnih et al. (2015), whose clipped error is this at delta 1.

    Example:
        >>> value, reward, next_value = torch.tensor([1.0, 1.5]), torch.tensor([2.0, 2.0]), torch.tensor([4.0, 4.0])
        >>> huber_temporal_difference_loss(value, reward, next_value, torch.tensor([0.0, 1.0]), discount=0.5)
        tensor([2.5000, 0.1250])
    """
    expect.same_shape(value=value, reward=reward, next_value=next_value, terminated=terminated)
    target = bootstrapped(reward, next_value, terminated, discount)
    return torch.nn.functional.huber_loss(value, target, reduction="none", delta=delta)


def clipped_semi_gradient(
    value: Tensor, reward: Tensor, next_value: Tensor, terminated: Tensor, *, discount: float = 0.99, delta: float = 1.0
) -> Tensor:
    """Slope in the value alone: minus the temporal difference, cut off at delta."""
    return (value - reward - discount * (1.0 - terminated) * next_value).clamp(-delta, delta)


class HuberTemporalDifferenceLoss(Criterion):
    """`huber_temporal_difference_loss`, masked, weighted and reduced."""

    function = staticmethod(huber_temporal_difference_loss)


_MADE = NotApplicable("its target is made of three inputs, one of them a prediction")

CARD = Card(
    module=HuberTemporalDifferenceLoss,
    unit="element",
    inputs={"value": Real(), "reward": Real(), "next_value": Real(), "terminated": BinaryTarget()},
    formula=r"H_\kappa\big(r + \gamma (1 - e) V(s') - V(s)\big), \quad V(s') \text{ held fixed}",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="value"),
        "zero_at_target": _MADE,
        "convex": Holds(wrt="value"),
        "differentiable": Holds(wrt="value"),
        "smooth": Holds(wrt="value"),
        "bounded_gradient": Holds(wrt="value", note="by delta"),
        "gradient_growth": _MADE,
        "symmetric": _MADE,
        "proper": _MADE,
        "classification_calibrated": _MADE,
        "monotone": _MADE,
        "sample_independent": Holds(wrt="value"),
        "vmap": Holds(wrt="value"),
        "fullgraph": Holds(wrt="value"),
        "twice_differentiable": Holds(wrt="value", note="except at a difference of delta"),
    },
    parameters={"discount": Interval(0.0, 1.0), "delta": POSITIVE},
    search={"discount": Interval(0.9, 0.999), "delta": Interval(0.1, 10.0, log=True)},
    also_known_as=("clipped TD error",),
    references=(
        Reference(
            "Mnih et al.", "Human-level control through deep reinforcement learning", 2015, "Nature 518, 529-533"
        ),
    ),
    equivalents=(
        Equivalent(
            "torchrl",
            "objectives.DQNLoss(loss_function='smooth_l1')",
            "takes the network and a tensordict; the same at delta 1",
        ),
        Equivalent("rlax", "huber_loss of td_learning", "two calls, one step at a time"),
    ),
    mistakes=(
        "Delta is in units of the return: with rewards in the hundreds, 1 makes it an absolute error and slow.",
        "An episode cut short by a time limit goes on: mark only those that ended as `terminated`.",
        "Clipping the temporal difference itself, and then squaring, kills the gradient where it is largest.",
    ),
    relatives={
        "temporal_difference_loss": "the square, with no limit to a single step's pull",
        "huber_loss": "the same once the target is known",
    },
    surrogate_gradient=clipped_semi_gradient,
)
