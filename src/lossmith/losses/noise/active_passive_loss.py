"""One part raises the true class, one lowers the others, and both are bounded.

Reach for it when a large share of the labels is wrong: either part alone holds against them but underfits, the sum
learns what is right.
Avoid it on clean labels, where cross-entropy is faster and gives probabilities.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith.card import MOST_LIKELY_CLASS, NON_NEGATIVE, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.losses.noise.normalized_cross_entropy_loss import normalized_cross_entropy_loss
from lossmith.losses.noise.reverse_cross_entropy_loss import reverse_cross_entropy_loss


def active_passive_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    log_zero: float = -9.21,
) -> Float[Tensor, "n"]:
    """Normalised cross-entropy plus reverse cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class; two classes or more.
        target: index of the true class, 0 … c−1.
        alpha: factor of the active part, normalised cross-entropy. The authors take 1 with 10 classes, 10 with 100.
        beta: factor of the passive part, reverse cross-entropy. The authors take 1 with 10 classes, 0.1 with 100.
        log_zero: what stands for log 0 in the passive part; below 0. The authors' code has log 1e-4.

    Returns:
        alpha·log p[target]/Σ_k log p_k − beta·log_zero·(1 − p[target]) with p = softmax(input); from 0 up to
        alpha − beta·log_zero.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Ma et al. (2020), as NCE + RCE.

    Example:
        >>> import torch
        >>> active_passive_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([1.1542, 5.1050])
    """
    active = normalized_cross_entropy_loss(input, target)
    return alpha * active + beta * reverse_cross_entropy_loss(input, target, log_zero=log_zero)


class ActivePassiveLoss(Criterion):
    """`active_passive_loss`, masked, weighted and reduced."""

    function = staticmethod(active_passive_loss)


CARD = Card(
    module=ActivePassiveLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\alpha \frac{\log p_y}{\sum_k \log p_k} - \beta A\,(1 - p_y)",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits both parts level off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is sure of the likeliest class"),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="its normalised part is not"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "alpha": NON_NEGATIVE,
        "beta": NON_NEGATIVE,
        "log_zero": Interval(-float("inf"), 0.0, low_open=True, high_open=True),
    },
    search={"alpha": Interval(0.1, 10.0, log=True), "beta": Interval(0.1, 10.0, log=True)},
    also_known_as=("apl", "nce+rce"),
    references=(
        Reference(
            "Ma et al.", "Normalized loss functions for deep learning with noisy labels", 2020, "arXiv:2006.13554"
        ),
    ),
    mistakes=(
        "The factors of 10 classes with 100: the passive part then drowns the other; take alpha 10 and beta 0.1.",
        "Adding two active parts, or two passive ones: the authors show that it takes one of each.",
        "Reading the softmax as probabilities: it is driven to be sure.",
    ),
    relatives={
        "symmetric_cross_entropy_loss": "the active part is plain cross-entropy: trains faster, and is not bounded",
        "normalized_cross_entropy_loss": "the active part alone",
        "reverse_cross_entropy_loss": "the passive part alone",
    },
)
