"""Binary cross-entropy of a probability, for networks that end in a sigmoid.

Reach for it when the model's output is a probability that cannot be had as a logit: a product, a mixture, a noisy-or.
Avoid it wherever the logit is at hand: `binary_cross_entropy_loss` of the logit keeps every digit, this one cannot.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Probability

LEAST = 1e-7
"""Below this probability the logarithm is continued by its tangent."""


def probability_binary_cross_entropy_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Binary cross-entropy of each element, from probabilities.

    Args:
        input: probabilities of a yes, from 0 to 1.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.

    Returns:
        −y·log p − (1 − y)·log(1 − p), in nats, with p the input and y the target; from 0 up. The logarithm of a number
        below 1e-7 is continued along its tangent there, so that a surely wrong 0 or 1 costs 17.1 and is pulled back
        with slope 1e7; the true loss and slope would be infinite.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Good (1952), the logarithmic scoring rule.

    Example:
        >>> probability_binary_cross_entropy_loss(torch.tensor([0.75, 0.75, 0.0]), torch.tensor([1.0, 0.0, 1.0]))
        tensor([ 0.2877,  1.3863, 17.1181])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return -(target * _log(input) + (1.0 - target) * _log(1.0 - input))


def _log(share: Tensor) -> Tensor:
    """The logarithm, continued below `LEAST` by its tangent.

    A clamp would make the slope there 0.
    """
    inside = share > LEAST
    tangent = math.log(LEAST) + (share - LEAST) / LEAST
    return torch.where(inside, torch.log(torch.where(inside, share, torch.ones_like(share))), tangent)


class ProbabilityBinaryCrossEntropyLoss(Criterion):
    """`probability_binary_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(probability_binary_cross_entropy_loss)


CARD = Card(
    module=ProbabilityBinaryCrossEntropyLoss,
    unit="element",
    inputs={"input": Probability(), "target": BinaryTarget()},
    formula=r"-y \log p - (1 - y) \log(1 - p)",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="at a probability of exactly 0 or 1; a soft target keeps its entropy"),
        "convex": Holds(note="in the probability"),
        "differentiable": Holds(),
        "smooth": Fails(note="the slope changes by 1e14 per unit near a surely wrong answer"),
        "bounded_gradient": Holds(note="by 1e7, the tangent's slope; before that it grows as 1/p"),
        "gradient_growth": NotApplicable("a probability is wrong by 1 at most; the gradient is 1 over what is left"),
        "symmetric": NotApplicable("a probability is compared with an outcome"),
        "proper": Holds(note="for probabilities between 1e-7 and 1 - 1e-7"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at 1e-7 and 1 - 1e-7, where the second derivative jumps"),
    },
    also_known_as=("bce on probabilities", "bce without logits"),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
    ),
    equivalents=(
        Equivalent("torch", "nn.BCELoss", "clamps the logarithm at -100: a surely wrong answer gets no gradient"),
        Equivalent("keras", "losses.BinaryCrossentropy", "target first; clips to [1e-7, 1 - 1e-7], with no gradient"),
        Equivalent("scikit-learn", "metrics.log_loss", "a metric, the mean over rows; clips at the type's epsilon"),
    ),
    mistakes=(
        "Giving it logits, which are no probabilities: use binary_cross_entropy_loss.",
        "Expecting digits near 1: a float32 has nothing between 1 - 6e-8 and 1, so that a very sure network's loss and "
        "gradient move in steps; keep the logit.",
        "Clamping the probability first to avoid the log of 0, which leaves exactly the worst elements without "
        "gradient; the tangent here makes that unnecessary.",
    ),
    relatives={
        "binary_cross_entropy_loss": "the same from the logit: stable, and to be preferred",
        "nll_loss": "several classes, from log-probabilities",
        "sigmoid_brier_loss": "squared instead of logarithmic: never above 1",
    },
)
