"""Negative log-probability of a yes or no: the binary and multi-label default.

Reach for it first: it elicits the probability, and every threshold or ranking follows from that.
Avoid putting a sigmoid before it (it takes logits), and do not expect 0.5 to be the right threshold for your metric.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def binary_cross_entropy_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Binary cross-entropy of each element.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.

    Returns:
        −y·log σ(x) − (1 − y)·log(1 − σ(x)), in nats, with x the input and y the target; from 0 up.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Good (1952), the logarithmic scoring rule.

    Example:
        >>> binary_cross_entropy_loss(torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.0]))
        tensor([0.1269, 0.6931])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    # The logit form: sigmoid followed by log loses the probability's last digits and then the whole gradient.
    return torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction="none")


class BinaryCrossEntropyLoss(Criterion):
    """`binary_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(binary_cross_entropy_loss)


CARD = Card(
    module=BinaryCrossEntropyLoss,
    unit="element",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"-y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/4"),
        "bounded_gradient": Holds(note="it is σ(x) - y, in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=(
        "bce",
        "bce with logits",
        "logistic loss",
        "sigmoid cross-entropy",
        "multilabel binary cross-entropy",
    ),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
    ),
    equivalents=(
        Equivalent("torch", "nn.BCEWithLogitsLoss"),
        Equivalent(
            "torch", "nn.MultiLabelSoftMarginLoss", "averages the labels of a row first; with a mask that differs"
        ),
        Equivalent("torch", "nn.SoftMarginLoss", "targets of -1 and 1; overflows where it is wrong by 90 and more"),
        Equivalent("keras", "losses.BinaryCrossentropy", "target first; takes probabilities unless from_logits=True"),
        Equivalent("optax", "losses.sigmoid_binary_cross_entropy"),
    ),
    mistakes=(
        "Putting a sigmoid before it: that takes the sigmoid of a sigmoid and never falls below 0.31; pass logits.",
        "Shapes (n, 1) against (n,), which elsewhere broadcast to (n, n) and train on nonsense: squeeze the output.",
        "A softmax, or cross_entropy_loss, for several labels a row: tags do not exclude each other; this is their "
        "loss, one logit per tag.",
        "Integer targets: they are floating point here, for a soft target lies between 0 and 1.",
    ),
    relatives={
        "cross_entropy_loss": "classes that exclude each other",
        "weighted_binary_cross_entropy_loss": "a yes weighs more than a no",
        "probability_binary_cross_entropy_loss": "from the probability, where the logit cannot be had",
        "sigmoid_brier_loss": "bounded: one wrong label cannot cost more than 1",
        "hinge_loss": "stops pulling once an element is safely right",
    },
)
