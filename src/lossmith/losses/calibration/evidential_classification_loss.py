"""Squared error under a Dirichlet: class scores that can say they do not know.

Reach for it when inputs unlike the training data should be told apart in one forward pass, by little evidence.
Avoid it where that doubt is taken at its word, or the probabilities are scored: the price on evidence decides both.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, NON_NEGATIVE, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Scores


def evidential_classification_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, evidence_weight: float = 1.0
) -> Float[Tensor, "n"]:
    """Evidential (Dirichlet) loss of each example.

    Args:
        input: scores; their softplus is the evidence for each class.
        target: index of the true class, 0 … c−1.
        evidence_weight: price of evidence for the wrong classes; 0 or more. The paper lets it rise from 0 to 1 over the
            first ten epochs.

    Returns:
        Σ_k (p_k − [k = target])² + Σ_k p_k(1 − p_k)/(S + 1) plus evidence_weight times the divergence of the wrong
        classes' Dirichlet from an even one, with α = 1 + softplus(input), S = Σα and p = α/S; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Sensoy, Kaplan and Kandemir (2018), with softplus in place of ReLU.

    Example:
        >>> scores = torch.tensor([[9.0, -9.0], [-9.0, 9.0]])
        >>> evidential_classification_loss(scores, torch.tensor([0, 0]))  # sure and right; sure and wrong
        tensor([0.0303, 3.0692])
    """
    expect.class_scores(input, target)
    true = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    alpha = 1.0 + torch.nn.functional.softplus(input)
    total = alpha.sum(-1, keepdim=True)
    p = alpha / total
    error = (p - true.to(p.dtype)).square() + p * (1.0 - p) / (total + 1.0)
    return error.sum(-1) + evidence_weight * _from_even(torch.where(true, torch.ones_like(alpha), alpha))


def _from_even(alpha: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of a Dirichlet from the even one."""
    total = alpha.sum(-1, keepdim=True)
    even = torch.full_like(total, alpha.shape[-1]).lgamma()
    spread = (alpha - 1.0) * (alpha.digamma() - total.digamma())
    return (total.lgamma() - even).squeeze(-1) + (spread - alpha.lgamma()).sum(-1)


class EvidentialClassificationLoss(Criterion):
    """`evidential_classification_loss`, masked, weighted and reduced."""

    function = staticmethod(evidential_classification_loss)


CARD = Card(
    module=EvidentialClassificationLoss,
    unit="example",
    inputs={"input": Scores("n c"), "target": ClassIndex("n")},
    formula=r"\sum_k \left((p_k - [k=y])^2 + \frac{p_k(1-p_k)}{S+1}\right)"
    r" + \lambda\, \mathrm{KL}\left(\mathrm{Dir}(\tilde\alpha)\,\|\,\mathrm{Dir}(1)\right)",
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as evidence for the true class grows"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="between wrong classes; in the surely wrong one it vanishes"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="evidence for the less likely classes is priced away"),
        "classification_calibrated": Holds(),
        "monotone": Fails(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"evidence_weight": NON_NEGATIVE},
    also_known_as=("evidential deep learning", "EDL loss", "Dirichlet loss"),
    references=(
        Reference(
            "Sensoy, Kaplan and Kandemir",
            "Evidential deep learning to quantify classification uncertainty",
            2018,
            "NeurIPS; arXiv:1806.01768",
        ),
        Reference(
            "Bengs, Hüllermeier and Waegeman",
            "Pitfalls of epistemic uncertainty quantification through loss minimisation",
            2022,
            "NeurIPS; arXiv:2203.06102",
        ),
    ),
    mistakes=(
        "Full price from the first step: every class is priced away before any is learned; let it rise from 0.",
        "Putting a softmax before it: it takes scores, and makes evidence of them.",
        "Reading c/S as calibrated doubt: it ranks rows at best (Bengs et al. 2022); check it on data.",
    ),
    relatives={
        "brier_loss": "the squared error alone",
        "evidential_regression_loss": "the same idea for numbers",
        "label_smoothing_cross_entropy_loss": "against overconfidence, with a plain softmax",
    },
)
