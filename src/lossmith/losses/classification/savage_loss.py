"""Brier score on half log-odds: a boosting loss that gives up what is far off.

Reach for it to compare with exponential loss on labels that may be wrong: a mistake costs 1 at most.
Avoid it from a bad start: where the network is surely wrong the gradient vanishes. Outside boosting take
`sigmoid_brier_loss`, the same at half the score.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, HalfLogOdds


def savage_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Savage loss of each element.

    Args:
        input: scores, between -20 and 20; above 0 says yes. The best one is half the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target. Of labels of -1 and 1
            take (label + 1)/2.

    Returns:
        1/(1 + e^2x)² for a yes, 1/(1 + e^−2x)² for a no, with x the input; between 0 and 1. A soft target y mixes the
        two, y to 1 − y. Where the probability of a yes is p, the minimiser is ½·log(p/(1 − p)), so that sigmoid(2x)
        estimates p.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Masnadi-Shirazi and Vasconcelos (2008).

    Example:
        >>> savage_loss(torch.tensor([0.0, 1.0, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor([0.2500, 0.0142, 0.7758])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    yes, no = torch.sigmoid(2.0 * input), torch.sigmoid(-2.0 * input)
    return target * no.square() + (1.0 - target) * yes.square()


class SavageLoss(Criterion):
    """`savage_loss`, masked, weighted and reduced."""

    function = staticmethod(savage_loss)


CARD = Card(
    module=SavageLoss,
    unit="element",
    inputs={"input": HalfLogOdds(), "target": BinaryTarget()},
    formula=r"\frac{y}{(1 + e^{2x})^2} + \frac{1 - y}{(1 + e^{-2x})^2}",
    elicits=Functional("half_log_odds"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached"),
        "convex": Fails(note="it levels off at 1 on the wrong side"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="by 16/27"),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(note="sigmoid(2x) is the probability, not sigmoid(x)"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("savageboost loss",),
    references=(
        Reference(
            "Masnadi-Shirazi and Vasconcelos",
            "On the design of loss functions for classification: theory, robustness to outliers, and SavageBoost",
            2008,
            "NeurIPS",
        ),
    ),
    mistakes=(
        "Reading sigmoid(x) as the probability: it is sigmoid(2x).",
        "Starting from large random scores: the gradient of a sure mistake vanishes; begin with a last layer of zeros.",
        "Copying it from code whose exponent is x, without the 2: that is sigmoid_brier_loss, of whole log-odds.",
    ),
    relatives={
        "sigmoid_brier_loss": "the same of whole log-odds: half the slope",
        "exponential_loss": "the same minimiser; one sure mistake outweighs all the rest",
        "tangent_loss": "bounded too, and charges for being far too sure",
    },
)
