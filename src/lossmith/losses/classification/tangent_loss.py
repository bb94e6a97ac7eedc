"""A bounded margin loss that charges for being far too sure, even if right.

Reach for it when some labels are plainly wrong and a few examples are extreme: neither side of the margin runs away.
Avoid it from a bad start: where the network is surely wrong the gradient vanishes. Avoid it where sure scores are
wanted: past a score of 0.55 being more right costs more.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, TangentScores


def tangent_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Tangent loss of each element.

    Args:
        input: scores; above 0 says yes. The best one is tan(p − ½) where p is the probability of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target. Of labels of -1 and 1
            take (label + 1)/2.

    Returns:
        (2·arctan(x) − 1)² for a yes, (2·arctan(x) + 1)² for a no, with x the input; from 0 (at a score of tan ½) to
        (π + 1)². A soft target y mixes the two, y to 1 − y.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Masnadi-Shirazi, Mahadevan and Vasconcelos (2010).

    Example:
        >>> tangent_loss(torch.tensor([0.0, 1.0, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor([1.0000, 0.3258, 6.6090])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    turned = 2.0 * torch.atan(input)
    return target * (turned - 1.0).square() + (1.0 - target) * (turned + 1.0).square()


class TangentLoss(Criterion):
    """`tangent_loss`, masked, weighted and reduced."""

    function = staticmethod(tangent_loss)


CARD = Card(
    module=TangentLoss,
    unit="element",
    inputs={"input": TangentScores(), "target": BinaryTarget()},
    formula=r"y\,(2\arctan x - 1)^2 + (1 - y)(2\arctan x + 1)^2",
    elicits=Functional("tangent_of_the_probability_less_a_half"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="it is 0 at a score of tan ½, about 0.546, and nowhere else"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is hardly corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("its probability is arctan(x) + ½, not a sigmoid: see what it elicits"),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="a score beyond tan ½ on the right side costs more again"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("tangentboost loss",),
    references=(
        Reference(
            "Masnadi-Shirazi, Mahadevan and Vasconcelos",
            "On the design of robust classifiers for computer vision",
            2010,
            "CVPR",
        ),
    ),
    mistakes=(
        "Reading the sigmoid of the score as a probability: it is arctan(x) + ½, cut at 0 and 1.",
        "Starting from large random scores: the gradient falls with the score squared; begin with a last layer "
        "of zeros.",
    ),
    relatives={
        "sigmoid_brier_loss": "bounded too, and never charges for being right",
        "squared_hinge_loss": "convex; a wrong label pulls the harder the further off",
        "binary_cross_entropy_loss": "never stops pulling",
    },
)
