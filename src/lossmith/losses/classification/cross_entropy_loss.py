"""Negative log-probability of the true class: the default, and hard to beat.

Reach for it first: it elicits the class probabilities, and every decision about the class follows from those.
Avoid putting a softmax before it (it takes logits), and do not expect it to choose the decision threshold for you.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def cross_entropy_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        −log softmax(input)[target], in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Good (1952), the logarithmic scoring rule.

    Example:
        >>> cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.1269, 0.6931])
    """
    expect.class_scores(input, target)
    return torch.nn.functional.cross_entropy(input, target, reduction="none")


class CrossEntropyLoss(Criterion):
    """`cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(cross_entropy_loss)


CARD = Card(
    module=CrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log \frac{e^{x_y}}{\sum_k e^{x_k}}",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Holds(note="falls in the true class's logit, rises in every other"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("log loss", "ce", "softmax loss", "multinomial logistic loss", "categorical cross-entropy"),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
    ),
    equivalents=(
        Equivalent(
            "torch", "nn.CrossEntropyLoss", "class dimension second, not last; leaves out targets of -100 unasked"
        ),
        Equivalent(
            "keras", "losses.SparseCategoricalCrossentropy", "target first; probabilities unless from_logits=True"
        ),
        Equivalent("optax", "losses.softmax_cross_entropy_with_integer_labels"),
        Equivalent("scikit-learn", "metrics.log_loss", "a metric of probabilities; target first; clips them"),
    ),
    mistakes=(
        "Putting a softmax before it: scores between 0 and 1 cannot differ by more than 1, so that with 10 classes the "
        "loss never falls below 1.46; pass logits.",
        "One-hot targets as class indices: take target.argmax(-1), or soft_cross_entropy_loss.",
        "Padding marked by -100 and no mask: torch leaves such targets out unasked, here the mask says so.",
        "Several labels a row: their probabilities do not sum to 1; use binary_cross_entropy_loss.",
    ),
    relatives={
        "soft_cross_entropy_loss": "a row of probabilities as target",
        "nll_loss": "from log-probabilities",
        "label_smoothing_cross_entropy_loss": "against a target never quite sure",
        "class_weighted_cross_entropy_loss": "a weight for each class",
        "brier_loss": "bounded, and as proper",
        "generalized_cross_entropy_loss": "bounded, for wrong labels",
    },
)
