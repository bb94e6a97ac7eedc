"""Cross-entropy with prediction and label exchanged: no label pulls without end.

Reach for it as the part that holds against wrong labels, beside one that trains fast, as in
`symmetric_cross_entropy_loss` and `active_passive_loss`.
Avoid it alone with many classes: its gradient is multiplied by p, which is nearly 0 at the start.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def reverse_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, log_zero: float = -4.0
) -> Float[Tensor, "n"]:
    """Reverse cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        log_zero: what stands for log 0, the authors' A; below 0. It is a factor, no more.

    Returns:
        −log_zero·(1 − p) with p = softmax(input)[target]; between 0 and −log_zero. It is −Σ_k p_k·log[k = target], with
        log 1 = 0 and log 0 replaced. At −2 it is `class_absolute_error_loss`.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Wang et al. (2019), equation 5.

    Example:
        >>> reverse_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.4768, 2.0000])
    """
    expect.class_scores(input, target)
    # By way of expm1: 1 - p has no digits left where p is near 1.
    return log_zero * torch.expm1(-torch.nn.functional.cross_entropy(input, target, reduction="none"))


class ReverseCrossEntropyLoss(Criterion):
    """`reverse_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(reverse_cross_entropy_loss)


CARD = Card(
    module=ReverseCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-A\,(1 - p_y)",
    # It is linear in the probabilities: the minimiser gives all to the likeliest class.
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry by a quarter of -log_zero"),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is taken for a wrong label"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is sure of the likeliest class"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"log_zero": Interval(-float("inf"), 0.0, low_open=True, high_open=True)},
    search={"log_zero": Interval(-8.0, -1.0)},
    also_known_as=("rce",),
    references=(
        Reference(
            "Wang et al.", "Symmetric cross entropy for robust learning with noisy labels", 2019, "arXiv:1908.06112"
        ),
    ),
    mistakes=(
        "Training many classes with it alone: the gradient is p(1 - p) at most, nearly 0 at the start; add a part that "
        "trains fast, as active_passive_loss does.",
        "Searching log_zero beside the learning rate: alone it is a factor; it only matters in a sum.",
        "Reading the softmax as probabilities: it is driven to be sure.",
    ),
    relatives={
        "class_absolute_error_loss": "the same at log_zero -2",
        "symmetric_cross_entropy_loss": "with the usual cross-entropy beside it",
        "active_passive_loss": "with a normalised loss beside it: bounded as a whole",
    },
)
