"""Squared distance of probabilities from the truth: no example costs more than 2.

Reach for it when the metric is the Brier score, or when some labels are plainly wrong and cross-entropy chases them.
Avoid it from a bad start: where the network is surely wrong the gradient vanishes, and training may not recover.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def brier_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Brier score of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        Σ_k (p_k − [k = target])² with p = softmax(input), between 0 and 2. With two classes it is twice the binary
        form (p − y)², which scikit-learn's `brier_score_loss` and weather services report.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Brier (1950).

    Example:
        >>> brier_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0284, 0.5000])
    """
    expect.class_scores(input, target)
    # A comparison, not `one_hot`: that one reads the target's values, which neither vmap nor a meta device allows.
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    return (input.softmax(-1) - truth.to(input.dtype)).square().sum(-1)


class BrierLoss(Criterion):
    """`brier_loss`, masked, weighted and reduced."""

    function = staticmethod(brier_loss)


CARD = Card(
    module=BrierLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_k \left(p_k - [k = y]\right)^2",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the probabilities it is; in the logits it levels off at 2"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="from three classes on: raising one wrong class can take mass from a worse one"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("brier score", "quadratic score", "multiclass brier"),
    references=(
        Reference(
            "Brier",
            "Verification of forecasts expressed in terms of probability",
            1950,
            "Monthly Weather Review 78(1), 1-3",
        ),
    ),
    equivalents=(
        Equivalent(
            "scikit-learn",
            "metrics.brier_score_loss",
            "a metric of probabilities; target first; of two classes half of this",
        ),
    ),
    mistakes=(
        "Comparing with a figure of the binary form, which is half of this at two classes: halve one of them.",
        "Putting a softmax before it: it takes logits.",
        "Starting from a network that is surely wrong, such as one with large random outputs: the gradient is nearly 0 "
        "there; begin with cross-entropy, or with a last layer of zeros.",
    ),
    relatives={
        "sigmoid_brier_loss": "a yes or no, or several labels a row",
        "cross_entropy_loss": "as proper, and never stops pulling",
        "generalized_cross_entropy_loss": "bounded too; not proper",
    },
)
