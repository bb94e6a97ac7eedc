"""Cross-entropy against a whole row of class probabilities instead of one class.

Reach for it when labels are mixed (mixup, CutMix), counted from several annotators, or given by a teacher network.
Avoid it for plain labels: with a class index `cross_entropy_loss` is the same, shorter and faster. It is not 0 at the
best prediction; `kl_divergence_loss` is, and has the same gradient.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassProbabilities, Logits


def soft_cross_entropy_loss(input: Float[Tensor, "n c"], target: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """Cross-entropy of each example against its row of probabilities.

    Args:
        input: logits, one row per example, one column per class.
        target: probability of each class, same shape; rows sum to 1, which is not checked. One-hot rows will do.

    Returns:
        −Σ_k target_k·log softmax(input)_k, in nats; at least the entropy of the target, so from 0 up.

    Raises:
        ValueError: shapes differ, or are not (n, c).
        TypeError: `target` is not floating point.

    Source:
        Good (1952), the logarithmic scoring rule, in expectation.

    Example:
        >>> soft_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.3, 0.7]]))
        tensor([0.1269, 0.6931])
    """
    expect.class_rows(input, target)
    return -(target * torch.log_softmax(input, -1)).sum(-1)


class SoftCrossEntropyLoss(Criterion):
    """`soft_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(soft_cross_entropy_loss)


CARD = Card(
    module=SoftCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassProbabilities("n c")},
    formula=r"-\sum_k t_k \log \frac{e^{x_k}}{\sum_j e^{x_j}}",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="the target's entropy is left"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="it is softmax(x) - t, each entry in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": NotApplicable("rows of probabilities are not ordered by how wrong they are, but by a loss"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("soft target cross-entropy", "one-hot cross-entropy", "mixup cross-entropy"),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
        Reference("Zhang et al.", "mixup: Beyond empirical risk minimization", 2018, "arXiv:1710.09412"),
    ),
    equivalents=(
        Equivalent("torch", "nn.CrossEntropyLoss", "with a floating-point target of the input's shape; classes second"),
        Equivalent("keras", "losses.CategoricalCrossentropy", "target first; takes probabilities unless from_logits"),
        Equivalent("optax", "softmax_cross_entropy"),
        Equivalent("timm", "loss.SoftTargetCrossEntropy"),
    ),
    mistakes=(
        "Putting a softmax before it: the loss then takes the softmax of a softmax and can hardly fall; pass logits.",
        "Rows that do not sum to 1, such as several yeses for one row: for tags use binary_cross_entropy_loss.",
        "Reading its level: most of it may be the target's own entropy; kl_divergence_loss takes that off.",
    ),
    relatives={
        "cross_entropy_loss": "one class index instead of a row",
        "kl_divergence_loss": "less the target's entropy: the same gradient, 0 at the target",
        "label_smoothing_cross_entropy_loss": "makes the soft row from a class index itself",
    },
)
