"""Squared distance of a yes's probability from the truth: at most 1 an element.

Reach for it when each of several labels is scored by the Brier score, or when some labels are plainly wrong.
Avoid it from a bad start: where the network is surely wrong the gradient vanishes, and training may not recover.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def sigmoid_brier_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Brier score of each element, over a sigmoid.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.

    Returns:
        (σ(x) − y)², with x the input and y the target; between 0 and 1. Half of `brier_loss` at two classes.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Brier (1950).

    Example:
        >>> sigmoid_brier_loss(torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.0]))
        tensor([0.0142, 0.2500])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return (torch.sigmoid(input) - target).square()


class SigmoidBrierLoss(Criterion):
    """`sigmoid_brier_loss`, masked, weighted and reduced."""

    function = staticmethod(sigmoid_brier_loss)


CARD = Card(
    module=SigmoidBrierLoss,
    unit="element",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"\left(\sigma(x) - y\right)^2",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the probability it is; in the logit it levels off at 1"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("binary brier", "multi-label brier"),
    references=(
        Reference(
            "Brier",
            "Verification of forecasts expressed in terms of probability",
            1950,
            "Monthly Weather Review 78(1), 1-3",
        ),
    ),
    equivalents=(
        Equivalent("scikit-learn", "metrics.brier_score_loss", "a metric of probabilities; target first"),
        Equivalent("torch", "nn.MSELoss", "of the sigmoid"),
    ),
    mistakes=(
        "Putting a sigmoid before it: it takes logits.",
        "Taking it for squared_error_loss on labels, which has no sigmoid: there a logit of 5 for a yes is wrong.",
        "Starting from a network that is surely wrong: the gradient nearly vanishes; begin with cross-entropy.",
    ),
    relatives={
        "brier_loss": "classes that exclude each other; twice this at two",
        "binary_cross_entropy_loss": "as proper, and never stops pulling",
        "squared_error_loss": "without the sigmoid: convex, and not held between 0 and 1",
    },
)
