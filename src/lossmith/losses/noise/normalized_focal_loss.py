"""Focal loss over what all labels together would cost: bounded, even-handed.

Reach for it in place of `normalized_cross_entropy_loss` in a sum for wrong labels, when easy examples are many.
Avoid it alone: it underfits. Avoid a large gamma under label noise: hard examples are then the wrong labels.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, NON_NEGATIVE, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.class_sums import log_others


def normalized_focal_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, gamma: float = 0.5
) -> Float[Tensor, "n"]:
    """Normalised focal loss of each example.

    Args:
        input: logits, one row per example, one column per class; two classes or more.
        target: index of the true class, 0 … c−1.
        gamma: how strongly easy examples are played down; 0 is normalised cross-entropy.

    Returns:
        F(p[target]) / Σ_k F(p_k) with p = softmax(input) and F(p) = −(1 − p)^gamma·log p; between 0 and 1.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Ma et al. (2020).

    Example:
        >>> normalized_focal_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0215, 0.5000])
    """
    expect.class_scores(input, target)
    cost = -torch.exp(gamma * log_others(input)) * input.log_softmax(-1)
    everyone = cost.sum(-1).clamp(min=torch.finfo(input.dtype).tiny)  # 0 only of one class alone
    return cost.gather(-1, target.unsqueeze(-1)).squeeze(-1) / everyone


class NormalizedFocalLoss(Criterion):
    """`normalized_focal_loss`, masked, weighted and reduced."""

    function = staticmethod(normalized_focal_loss)


CARD = Card(
    module=NormalizedFocalLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{(1-p_y)^\gamma \log p_y}{\sum_k (1-p_k)^\gamma \log p_k}",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is sure of the likeliest class"),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="it falls when one wrong class takes from another all that would make it costly"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": NON_NEGATIVE},
    search={"gamma": Interval(0.0, 2.0)},
    also_known_as=("nfl",),
    references=(
        Reference(
            "Ma et al.", "Normalized loss functions for deep learning with noisy labels", 2020, "arXiv:2006.13554"
        ),
    ),
    mistakes=(
        "Using it alone: it underfits; the authors add the absolute or the reverse cross-entropy.",
        "Copying focal loss's gamma of 2: the authors take 0.5 here.",
    ),
    relatives={
        "normalized_cross_entropy_loss": "what it is at gamma 0",
        "active_passive_loss": "a normalised loss with a passive one beside it",
        "focal_loss": "what it divides",
    },
)
