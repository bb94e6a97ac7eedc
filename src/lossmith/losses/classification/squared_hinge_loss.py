"""Hinge loss squared: smooth at the margin, steep where it is badly missed.

Reach for it when a margin loss is wanted and the optimiser likes a gradient without jumps.
Avoid it under label noise: the pull of a wrong label grows with how far off it seems.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores


def squared_hinge_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Squared hinge loss of each element.

    Args:
        input: scores; above 0 says yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target. Of labels of -1 and 1
            take (label + 1)/2.

    Returns:
        max(0, 1 − x)² for a yes, max(0, 1 + x)² for a no, with x the input; from 0 up. A soft target y mixes the two,
        y to 1 − y. Where the probability of a yes is p, the minimiser is 2p − 1.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Cortes and Vapnik (1995), their penalty with power 2.

    Example:
        >>> squared_hinge_loss(torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1.0, 1.0, 0.0]))
        tensor([0.0000, 0.2500, 2.2500])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return target * torch.relu(1.0 - input).square() + (1.0 - target) * torch.relu(1.0 + input).square()


class SquaredHingeLoss(Criterion):
    """`squared_hinge_loss`, masked, weighted and reduced."""

    function = staticmethod(squared_hinge_loss)


CARD = Card(
    module=SquaredHingeLoss,
    unit="element",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"y \max(0, 1 - x)^2 + (1 - y) \max(0, 1 + x)^2",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 2"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the score's sigmoid is not the probability p; the minimiser is 2p - 1"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at the margin, where the second derivative jumps"),
    },
    also_known_as=("l2-svm loss", "truncated quadratic loss"),
    references=(
        Reference("Cortes and Vapnik", "Support-vector networks", 1995, "Machine Learning 20, 273-297"),
        Reference("Tang", "Deep learning using linear support vector machines", 2013, "arXiv:1306.0239"),
    ),
    equivalents=(
        Equivalent("keras", "losses.SquaredHinge", "target first; a batch of 0 and 1 is turned into -1 and 1"),
    ),
    mistakes=(
        "Targets of -1 and 1, which here are no targets: give (label + 1)/2.",
        "Putting a sigmoid before it: scores between 0 and 1 can never say no.",
        "Reading the sigmoid of the score as a probability: it is (score + 1)/2, cut at 0 and 1, that estimates one.",
    ),
    relatives={
        "hinge_loss": "not squared: a wrong label pulls no harder than another",
        "squared_error_loss": "what it is on -1 and 1, without forgiving what is more than right",
        "binary_cross_entropy_loss": "gives probabilities",
    },
)
