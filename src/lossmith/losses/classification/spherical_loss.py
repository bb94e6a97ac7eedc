"""Angle between probabilities and truth: proper, and never more than 1.

Reach for it when probabilities are scored and some labels are plainly wrong: like the Brier loss it is bounded, and it
minds more how the mass is shared among the wrong classes.
Avoid it from a bad start: where the network is surely wrong the gradient vanishes, and training may not recover.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def spherical_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """One minus the spherical score of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        1 − p_y/√(Σ p_k²) with p = softmax(input); between 0 and 1. The fraction is the cosine of the angle between p
        and the truth.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Good (1971); Gneiting and Raftery (2007), with a minus and a 1.

    Example:
        >>> spherical_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0090, 0.2929])
    """
    expect.class_scores(input, target)
    log_p = input.log_softmax(-1)
    log_cosine = log_p.gather(-1, target.unsqueeze(-1)).squeeze(-1) - 0.5 * (2.0 * log_p).logsumexp(-1)
    return -torch.expm1(log_cosine)  # 1 - cosine has no digits left where p is near the truth


class SphericalLoss(Criterion):
    """`spherical_loss`, masked, weighted and reduced."""

    function = staticmethod(spherical_loss)


CARD = Card(
    module=SphericalLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"1 - \frac{p_y}{\sqrt{\sum_k p_k^2}}",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="it levels off at 1"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Holds(note="it hangs on Σ exp(2(x_k − x_y)) alone"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("spherical score", "spherical scoring rule"),
    references=(
        Reference("Good", "Comment on 'Measuring information and uncertainty' by Buehler", 1971, "Holt, Rinehart"),
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
    ),
    mistakes=(
        "Texts give the score p_y/‖p‖, of which more is better: this loss is 1 minus it.",
        "Putting a softmax before it: it takes logits.",
        "Starting from a network that is surely wrong: the gradient is nearly 0 there; begin with cross-entropy.",
    ),
    relatives={
        "brier_loss": "the distance in place of the angle: as proper, up to 2",
        "cross_entropy_loss": "as proper, and never stops pulling",
    },
)
