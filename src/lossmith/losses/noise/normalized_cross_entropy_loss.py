"""Cross-entropy over what all labels together would cost: bounded, even-handed.

Reach for it as the part that raises the true class in a sum for wrong labels (`active_passive_loss`).
Avoid it alone: where the network is surely wrong it hardly pulls, and it underfits.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def normalized_cross_entropy_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Normalised cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class; two classes or more.
        target: index of the true class, 0 … c−1.

    Returns:
        log p[target] / Σ_k log p_k with p = softmax(input); between 0 and 1. Over all labels it sums to 1, which is why
        labels flipped evenly leave its minimiser where it was.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Ma et al. (2020).

    Example:
        >>> normalized_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0563, 0.5000])
    """
    expect.class_scores(input, target)
    cost = -input.log_softmax(-1)
    # One class alone costs 0 of 0: nothing. With two or more the sum is at least c·log c.
    everyone = cost.sum(-1).clamp(min=torch.finfo(input.dtype).tiny)
    return cost.gather(-1, target.unsqueeze(-1)).squeeze(-1) / everyone


class NormalizedCrossEntropyLoss(Criterion):
    """`normalized_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(normalized_cross_entropy_loss)


CARD = Card(
    module=NormalizedCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{\log p_y}{\sum_k \log p_k}",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="as one over the logits: slower than the absolute error's"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is sure of the likeliest class"),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="it falls when one wrong class takes from another all that would make it costly"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    references=(
        Reference(
            "Ma et al.", "Normalized loss functions for deep learning with noisy labels", 2020, "arXiv:2006.13554"
        ),
    ),
    mistakes=(
        "Using it alone: it underfits; add a passive loss, as active_passive_loss does.",
        "Taking it for the NCE of language models: noise-contrastive estimation is another loss.",
        "Dividing by the detached sum: the bound and the proof need the gradient through both.",
    ),
    relatives={
        "active_passive_loss": "with reverse cross-entropy beside it: trains further",
        "normalized_focal_loss": "the same of focal loss",
        "cross_entropy_loss": "what it divides: unbounded, and follows wrong labels",
    },
)
