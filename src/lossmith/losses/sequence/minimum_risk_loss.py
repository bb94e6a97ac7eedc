"""Expected cost over a few candidates: trains on the metric itself.

Reach for it to finish training of translation or speech by BLEU or word errors, which have no gradient.
Avoid it from scratch (candidates of a bad model teach little), and with few candidates: it is noisy.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative, Real


def minimum_risk_loss(
    log_probability: Float[Tensor, "n k"], cost: Float[Tensor, "n k"], *, alpha: float = 0.005
) -> Float[Tensor, "n"]:
    """Expected cost of each example's candidates.

    Args:
        log_probability: of k different candidates for each example, summed over their tokens.
        cost: of each candidate, from 0 up: 1 − BLEU, word errors. Usually without gradient.
        alpha: sharpness of the distribution over candidates, above 0; the authors take 0.005 for sums over tokens.

    Returns:
        Σ_k q_k·cost_k with q = softmax(alpha·log_probability) over the candidates, in units of the cost; from 0 up.

    Raises:
        ValueError: shapes differ, or are not (n, k).

    Source:
        Shen et al. (2016), equations 11 to 13; Och (2003).

    Example:
        >>> import torch
        >>> minimum_risk_loss(torch.tensor([[-1.0, -1.0]]), torch.tensor([[0.2, 0.6]]))
        tensor([0.4000])
    """
    expect.masks(log_probability, cost)
    return ((alpha * log_probability).softmax(-1) * cost).sum(-1)


class MinimumRiskLoss(Criterion):
    """`minimum_risk_loss`, masked, weighted and reduced."""

    function = staticmethod(minimum_risk_loss)


_COSTS = NotApplicable("it is told costs, not a target")

CARD = Card(
    module=MinimumRiskLoss,
    unit="example",
    inputs={"log_probability": Real("n k"), "cost": NonNegative("n k")},
    formula=r"\sum_k \frac{p_k^{\alpha}}{\sum_j p_j^{\alpha}}\, \Delta_k",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="log_probability"),
        "zero_at_target": _COSTS,
        "convex": Fails(wrt="log_probability", at={"alpha": 1.0}),
        "differentiable": Holds(wrt="log_probability"),
        "smooth": Holds(wrt="log_probability"),
        "bounded_gradient": Fails(
            wrt="log_probability", note="it grows with the costs; with bounded ones it is bounded"
        ),
        "gradient_growth": _COSTS,
        "symmetric": _COSTS,
        "proper": _COSTS,
        "classification_calibrated": _COSTS,
        "monotone": _COSTS,
        "sample_independent": Holds(wrt="log_probability"),
        "vmap": Holds(wrt="log_probability"),
        "fullgraph": Holds(wrt="log_probability"),
        "twice_differentiable": Holds(wrt="log_probability"),
    },
    parameters={"alpha": POSITIVE},
    search={"alpha": Interval(0.001, 1.0, log=True)},
    also_known_as=("MRT loss", "expected risk", "minimum word error rate loss"),
    references=(
        Reference("Och", "Minimum error rate training in statistical machine translation", 2003, "ACL"),
        Reference("Shen et al.", "Minimum risk training for neural machine translation", 2016, "ACL, arXiv:1512.02433"),
    ),
    mistakes=(
        "Counting a candidate twice: drop repeats, or its probability counts double.",
        "An alpha of 1 with sums over many tokens: one candidate has all the weight and nothing is learned.",
        "A score in place of a cost: BLEU is to rise, so give 1 - BLEU.",
    ),
    relatives={
        "policy_gradient_loss": "one sample and its reward less a baseline",
        "masked_token_cross_entropy_loss": "the reference alone, token by token: what to start with",
    },
)
