"""Margin loss of a yes or no: what is right by a margin of 1 costs nothing.

Reach for it when only the decision counts and most examples should stop mattering once they are safely right, as in a
support vector machine.
Avoid it when probabilities or a ranking are wanted: its minimiser is -1 or 1, whatever the odds.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores


def hinge_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Hinge loss of each element.

    Args:
        input: scores; above 0 says yes.
        target: 0 or 1 as floating point, same shape, as for binary cross-entropy; a number between them is a soft
            target. Of labels of -1 and 1 take (label + 1)/2.

    Returns:
        max(0, 1 − x) for a yes, max(0, 1 + x) for a no, with x the input; from 0 up. A soft target y mixes the two,
        y to 1 − y.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Cortes and Vapnik (1995).

    Example:
        >>> hinge_loss(torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1.0, 1.0, 0.0]))
        tensor([0.0000, 0.5000, 1.5000])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return target * torch.relu(1.0 - input) + (1.0 - target) * torch.relu(1.0 + input)


class HingeLoss(Criterion):
    """`hinge_loss`, masked, weighted and reduced."""

    function = staticmethod(hinge_loss)


CARD = Card(
    module=HingeLoss,
    unit="element",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"y \max(0, 1 - x) + (1 - y) \max(0, 1 + x)",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where the margin is reached"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is -1 or 1 and knows nothing of the odds"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink, where the second derivative is 0"),
    },
    also_known_as=("svm loss", "binary hinge", "max-margin loss", "l1-svm loss"),
    references=(
        Reference("Cortes and Vapnik", "Support-vector networks", 1995, "Machine Learning 20, 273-297"),
        Reference("Bartlett et al.", "Convexity, classification, and risk bounds", 2006, "JASA 101(473), 138-156"),
    ),
    equivalents=(
        Equivalent("keras", "losses.Hinge", "target first; a batch of 0 and 1 is turned into -1 and 1"),
        Equivalent("optax", "losses.hinge_loss", "targets of -1 and 1"),
        Equivalent(
            "scikit-learn", "metrics.hinge_loss", "a metric; target first; labels of two values, the larger is yes"
        ),
    ),
    mistakes=(
        "Targets of -1 and 1, which here are no targets: give (label + 1)/2.",
        "Putting a sigmoid before it: scores between 0 and 1 never leave the margin and can never say no.",
        "Reading the sigmoid of the score as a probability: fit a calibration (Platt) on held-out rows first.",
        "Taking torch's HingeEmbeddingLoss for it, which is a loss of distances.",
    ),
    relatives={
        "squared_hinge_loss": "squared: smooth at the margin, and a violation pulls the more the larger it is",
        "binary_cross_entropy_loss": "the smooth one: gives probabilities, and never quite stops pulling",
        "multiclass_hinge_loss": "several classes",
    },
)
