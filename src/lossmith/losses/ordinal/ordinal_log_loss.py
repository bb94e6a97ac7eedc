"""Log of what each wrong level is not given: mass far off costs most.

Reach for it when a far miss is much worse than a near one and a plain classifier is to be kept.
Avoid it when the probabilities are used: mass on the true level is rewarded only as mass that lies nowhere else.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def ordinal_log_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, alpha: float = 1.5
) -> Float[Tensor, "n"]:
    """Ordinal log loss of each example.

    Args:
        input: logits, one row per example, one column per level, in order; two columns or more.
        target: index of the true level, 0 … c−1.
        alpha: power of the distance in levels; above 0.

    Returns:
        −Σ_k |k − target|^alpha · log(1 − p_k) with p = softmax(input), in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Castagnos, Mihelich and Dognin (2022).

    Example:
        >>> ordinal_log_loss(torch.zeros(2, 3), torch.tensor([0, 1]))  # (1 + 2^1.5)·log(3/2), and 2·log(3/2)
        tensor([1.5523, 0.8109])
    """
    expect.class_scores(input, target)
    levels = torch.arange(input.shape[-1], device=input.device)
    away = (levels - target.unsqueeze(-1)).abs().to(input.dtype)
    return -(away**alpha * _log_rest(input)).sum(-1)


def _log_rest(logits: Tensor) -> Tensor:
    """Return log(1 − p) of every class.

    Of the largest it is what the others hold in sum: 1 − p has no digits left there.
    """
    top = torch.arange(logits.shape[-1], device=logits.device) == logits.argmax(-1, keepdim=True)
    log_p = logits.log_softmax(-1)
    others = log_p.masked_fill(top, -torch.inf).logsumexp(-1, keepdim=True)
    return torch.where(top, others, torch.log1p(-log_p.exp().masked_fill(top, 0.0)))


class OrdinalLogLoss(Criterion):
    """`ordinal_log_loss`, masked, weighted and reduced."""

    function = staticmethod(ordinal_log_loss)


CARD = Card(
    module=OrdinalLogLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\sum_k |k - y|^{\alpha} \log(1 - p_k)",
    # At the minimum p_k = max(0, 1 - w_k/λ), where w_k is the expected distance from level k.
    elicits=lambda alpha: Functional("level_nearest_on_average", alpha),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="from three levels on"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="levels far from the others get no mass at all"),
        "classification_calibrated": Fails(note="it finds the level that is nearest on average"),
        "monotone": Fails(note="raising a level next to the true one takes mass from those further off"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": POSITIVE},
    search={"alpha": Interval(0.5, 3.0)},
    also_known_as=("OLL",),
    references=(
        Reference(
            "Castagnos, Mihelich and Dognin",
            "A simple log-based loss function for ordinal text classification",
            2022,
            "COLING",
        ),
    ),
    mistakes=(
        "Reading probabilities off the softmax: they are no probabilities of the levels; decide by the largest.",
        "Computing log(1 - p) from the softmax: where the network is sure of a wrong level that is log 0.",
        "Comparing values at two alphas: distances beyond 1 are raised to it.",
    ),
    relatives={
        "ranked_probability_loss": "minds the order and gives probabilities",
        "sord_loss": "cross-entropy against a spread label",
        "expected_cost_loss": "any price for each pair of levels, and linear in p",
    },
)
