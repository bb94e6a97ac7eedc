"""Cross-entropy against a target never quite sure: some mass on every class.

Reach for it when labels are a little noisy, or a large network grows over-confident.
Avoid it when the probabilities themselves are used, or when the network will teach another: the softmax is shrunk
towards uniform and what distinguishes the wrong classes is flattened.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def label_smoothing_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, smoothing: float = 0.1
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example against its smoothed label.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        smoothing: share of the mass spread evenly over all c classes, the true one included; from 0, below 1. Some
            papers spread it over the c − 1 others: their ε is this one times (c − 1)/c.

    Returns:
        −(1 − smoothing)·log p_y − (smoothing/c)·Σ log p_k with p = softmax(input), in nats; above 0.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Szegedy et al. (2016), section 7.

    Example:
        >>> label_smoothing_cross_entropy_loss(torch.tensor([[2.0, 0.0]]), torch.tensor([0]), smoothing=0.2)
        tensor([0.3269])
    """
    expect.class_scores(input, target)
    return torch.nn.functional.cross_entropy(input, target, label_smoothing=smoothing, reduction="none")


class LabelSmoothingCrossEntropyLoss(Criterion):
    """`label_smoothing_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(label_smoothing_cross_entropy_loss)


CARD = Card(
    module=LabelSmoothingCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-(1-\varepsilon)\log p_y - \frac{\varepsilon}{c}\sum_k \log p_k",
    # The minimiser is (1 - ε)·P + ε/c: its order is right, its values are not.
    elicits=lambda smoothing: CLASS_PROBABILITIES if smoothing == 0 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"smoothing": 0.1}, note="being sure of the true class is punished"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"smoothing": 0.1}, note="the minimiser is shrunk towards uniform"),
        "classification_calibrated": Holds(),
        "monotone": Fails(at={"smoothing": 0.1}, note="past its best margin, a surer right answer costs more"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"smoothing": Interval(0.0, 1.0, high_open=True)},
    search={"smoothing": Interval(0.0, 0.3)},
    also_known_as=("label smoothing", "label smoothing regularisation", "smoothed cross-entropy"),
    references=(
        Reference(
            "Szegedy et al.", "Rethinking the Inception architecture for computer vision", 2016, "arXiv:1512.00567"
        ),
        Reference("Müller et al.", "When does label smoothing help?", 2019, "arXiv:1906.02629"),
    ),
    equivalents=(
        Equivalent("torch", "nn.CrossEntropyLoss", "label_smoothing=, 0 unless given; over all classes, as here"),
        Equivalent("keras", "losses.CategoricalCrossentropy", "label_smoothing=; one-hot target first; probabilities"),
        Equivalent("optax", "losses.smooth_labels", "makes the soft target only; softmax_cross_entropy follows"),
        Equivalent("timm", "loss.LabelSmoothingCrossEntropy"),
    ),
    mistakes=(
        "Smoothing over the other classes instead of all: that ε is this one times (c - 1)/c; convert it.",
        "Scoring a validation set with the smoothed loss, whose best value is not 0 nor the log loss: validate with "
        "cross_entropy_loss.",
        "Reading probabilities off the softmax: they are pulled to even; recalibrate, or leave the smoothing out.",
    ),
    relatives={
        "cross_entropy_loss": "what it is without smoothing",
        "soft_cross_entropy_loss": "any soft target",
        "per_example_prior_cross_entropy_loss": "pulls to a prior by the divergence the other way round",
    },
)
