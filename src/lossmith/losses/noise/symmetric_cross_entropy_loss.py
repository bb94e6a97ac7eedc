"""Cross-entropy both ways round: some of the usual, and a bounded reverse.

Reach for it when a share of the labels is wrong and cross-entropy learns them by heart: the reverse part holds against
them, the usual one keeps training going where the reverse part has no gradient.
Avoid it on clean labels, and where probabilities are read off the softmax: they are surer than the truth.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    NON_NEGATIVE,
    POSITIVE,
    Card,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def symmetric_cross_entropy_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    alpha: float = 0.1,
    beta: float = 1.0,
    log_zero: float = -4.0,
) -> Float[Tensor, "n"]:
    """Symmetric cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        alpha: factor of the usual cross-entropy. The authors take 0.1 with 10 classes, 6 with 100.
        beta: factor of the reverse one. The authors take 1 with 10 classes, 0.1 with 100.
        log_zero: what stands for log 0 in the reverse part, the authors' A; below 0.

    Returns:
        −alpha·log p − beta·log_zero·(1 − p) with p = softmax(input)[target]; from 0 up. The second term is the reverse
        cross-entropy −Σ_k p_k·log[k = target], with log 1 = 0 and log 0 replaced.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Wang et al. (2019), equations 5 and 6.

    Example:
        >>> symmetric_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.4895, 2.0693])
    """
    expect.class_scores(input, target)
    usual = torch.nn.functional.cross_entropy(input, target, reduction="none")
    return alpha * usual + beta * log_zero * torch.expm1(-usual)  # expm1: the digits of 1 - p where p is near 1


class SymmetricCrossEntropyLoss(Criterion):
    """`symmetric_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(symmetric_cross_entropy_loss)


CARD = Card(
    module=SymmetricCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\alpha \log p_y - \beta A\,(1 - p_y)",
    # The minimiser's p_k is alpha·P_k/(λ + beta·A·P_k): in the order of P_k, but surer.
    elicits=lambda alpha, beta, log_zero: CLASS_PROBABILITIES if beta == 0 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits the reverse part levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="of size alpha where it is surely wrong; the reverse part vanishes"),
        "symmetric": NotApplicable("the name is of its two parts; prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is surer than the truth"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "alpha": POSITIVE,
        "beta": NON_NEGATIVE,
        "log_zero": Interval(-float("inf"), 0.0, low_open=True, high_open=True),
    },
    search={"alpha": Interval(0.05, 6.0, log=True), "beta": Interval(0.1, 2.0, log=True)},
    also_known_as=("sce", "symmetric cross-entropy learning", "sl loss"),
    references=(
        Reference(
            "Wang et al.", "Symmetric cross entropy for robust learning with noisy labels", 2019, "arXiv:1908.06112"
        ),
    ),
    mistakes=(
        "Tuning beta and log_zero both: only their product matters; leave log_zero at -4.",
        "Clamping the softmax as well as the label before the logarithms, as circulating code does, which takes the "
        "gradient from the examples that are surely wrong; only log 0 of the label is to be replaced.",
        "Keeping alpha at 0.1 with many classes: it then hardly learns; the authors take 6 with 100 classes.",
    ),
    relatives={
        "generalized_cross_entropy_loss": "bounded as a whole, by one knob",
        "cross_entropy_loss": "its first part: chases wrong labels",
        "label_smoothing_cross_entropy_loss": "less sure instead of surer; helps against a little noise",
    },
)
