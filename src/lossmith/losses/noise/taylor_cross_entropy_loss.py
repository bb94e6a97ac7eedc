"""The first terms of cross-entropy's series: each more follows hard labels on.

Reach for it when some labels are wrong and one whole number should set the trade: 1 is the absolute error, which no
label can drag far, more terms train faster and come near cross-entropy.
Avoid it on clean labels, and where probabilities are read off.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def taylor_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, order: int = 2
) -> Float[Tensor, "n"]:
    """Taylor cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        order: how many terms, from 1 up.

    Returns:
        Σ_{i=1…order} (1 − p)^i/i with p = softmax(input)[target]; from 0 up to Σ 1/i. Without end it is −log p.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Feng et al. (2020).

    Example:
        >>> taylor_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.1263, 0.6250])
    """
    expect.class_scores(input, target)
    # By way of expm1: 1 - p has no digits left where p is near 1.
    rest = -torch.expm1(-torch.nn.functional.cross_entropy(input, target, reduction="none"))
    total = torch.zeros_like(rest)
    for i in range(order, 0, -1):  # Horner's scheme
        total = rest * (1.0 / i + total)
    return total


class TaylorCrossEntropyLoss(Criterion):
    """`taylor_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(taylor_cross_entropy_loss)


CARD = Card(
    module=TaylorCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_{i=1}^{t} \frac{(1 - p_y)^i}{i}",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is taken for a wrong label"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is surer than the truth"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"order": Interval(1.0, float("inf"), high_open=True)},
    also_known_as=("taylor-ce",),
    references=(
        Reference("Feng et al.", "Can cross entropy loss be robust to label noise?", 2020, "IJCAI 29, 2206-2212"),
    ),
    mistakes=(
        "A high order for robustness: it is the low ones that hold against wrong labels; choose on checked rows.",
        "Reading the softmax as probabilities: it is surer than the truth.",
    ),
    relatives={
        "class_absolute_error_loss": "twice its first term",
        "cross_entropy_loss": "its limit",
        "generalized_cross_entropy_loss": "between the two by a power instead of a number of terms",
    },
)
