"""Squared hinge loss that turns straight where the margin is badly missed.

Reach for it when a smooth margin loss is wanted and a few labels are wrong: they pull no harder than 4.
Avoid it when sure probabilities are needed: all scores from the margin on say 1.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores


def modified_huber_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Modified Huber loss of each element.

    Args:
        input: scores; above 0 says yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target. Of labels of -1 and 1
            take (label + 1)/2.

    Returns:
        max(0, 1 − v)² where v ≥ −1, else −4v, with v the score for a yes and minus the score for a no; from 0 up. A
        soft target y mixes the two, y to 1 − y. Where the probability of a yes is p, the minimiser is 2p − 1.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Zhang (2004), section 2.

    Example:
        >>> modified_huber_loss(torch.tensor([2.0, 0.5, 3.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor([ 0.0000,  0.2500, 12.0000])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return target * _of_margin(input) + (1.0 - target) * _of_margin(-input)


def _of_margin(v: Tensor) -> Tensor:
    return torch.where(v < -1.0, -4.0 * v, torch.relu(1.0 - v.clamp(min=-1.0)).square())


class ModifiedHuberLoss(Criterion):
    """`modified_huber_loss`, masked, weighted and reduced."""

    function = staticmethod(modified_huber_loss)


CARD = Card(
    module=ModifiedHuberLoss,
    unit="element",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\phi(v) = \begin{cases}\max(0, 1 - v)^2 & v \ge -1\\ -4v & v < -1\end{cases}",
    elicits=Functional("twice_the_probability_less_1"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 2"),
        "bounded_gradient": Holds(note="by 4"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the score's sigmoid is not the probability p; the minimiser is 2p - 1"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at v = 1 and v = -1, where the second derivative jumps"),
    },
    also_known_as=("modified huber classification loss", "quadratically smoothed hinge"),
    references=(
        Reference(
            "Zhang",
            "Solving large scale linear prediction problems using stochastic gradient descent algorithms",
            2004,
            "ICML",
        ),
    ),
    equivalents=(
        Equivalent(
            "scikit-learn", "linear_model.SGDClassifier(loss='modified_huber')", "labels -1 and 1; linear model only"
        ),
    ),
    mistakes=(
        "Taking it for Huber's loss of the residual: it is a margin loss of a yes or no.",
        "Reading the sigmoid of the score as a probability: it is (score + 1)/2, cut at 0 and 1, that estimates one.",
        "Targets of -1 and 1, which here are no targets: give (label + 1)/2.",
    ),
    relatives={
        "squared_hinge_loss": "goes on growing with the square",
        "hinge_loss": "a corner at the margin, and no probability to be had",
        "huber_loss": "the same idea for residuals",
    },
)
