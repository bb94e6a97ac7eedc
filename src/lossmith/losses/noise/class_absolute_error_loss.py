"""Absolute error of class probabilities: no label costs more than 2.

Reach for it when labels are wrong evenly and classes are few: the minimiser is then the same as on clean labels.
Avoid it with many classes: the gradient is multiplied by p, so that hard examples are hardly learned and training is
slow; `generalized_cross_entropy_loss` goes part of the way.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def class_absolute_error_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Absolute error of each example's class probabilities, summed over classes.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        Σ_k |p_k − [k = target]| = 2·(1 − p[target]) with p = softmax(input); between 0 and 2.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Ghosh, Kumar and Sastry (2017).

    Example:
        >>> class_absolute_error_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.2384, 1.0000])
    """
    expect.class_scores(input, target)
    return -2.0 * torch.expm1(-torch.nn.functional.cross_entropy(input, target, reduction="none"))


class ClassAbsoluteErrorLoss(Criterion):
    """`class_absolute_error_loss`, masked, weighted and reduced."""

    function = staticmethod(class_absolute_error_loss)


CARD = Card(
    module=ClassAbsoluteErrorLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_k |p_k - [k = y]| = 2\,(1 - p_y)",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off at 2"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1/2, 1/2]"),
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
    also_known_as=("mae for classification", "mean absolute error for classification", "unhinged softmax loss"),
    references=(
        Reference(
            "Ghosh, Kumar and Sastry",
            "Robust loss functions under label noise for deep neural networks",
            2017,
            "arXiv:1712.09482",
        ),
    ),
    mistakes=(
        "Giving up when it does not train: with a hundred classes p starts at 1/100, and so does the gradient; start "
        "from cross-entropy, or take a larger learning rate.",
        "Trusting the proof under any noise: it asks for labels flipped evenly, or less often than kept.",
        "Reading the softmax as probabilities: it is driven to be sure.",
    ),
    relatives={
        "reverse_cross_entropy_loss": "the same but for a factor",
        "generalized_cross_entropy_loss": "between it and cross-entropy",
        "taylor_cross_entropy_loss": "the first term of cross-entropy's series; more terms train faster",
        "brier_loss": "squared in place of absolute: proper",
    },
)
