"""Brier loss of the cumulative probabilities: proper, and a near miss costs less.

Reach for it when classes are ordered and probabilities are wanted: ratings, grades, stages, rainfall classes.
Avoid it where the order means nothing, and from a bad start: the gradient of a surely wrong row vanishes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def ranked_probability_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Ranked probability score of each example.

    Args:
        input: logits, one row per example, one column per level, in order.
        target: index of the true level, 0 … c−1.

    Returns:
        Σ_{k<c−1} (F_k − [target ≤ k])² with F the cumulative sum of softmax(input); from 0 to c − 1. Divided by c − 1,
        as some have it, it is at most 1.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Epstein (1969); Murphy (1971).

    Example:
        >>> even = torch.zeros(2, 3)
        >>> ranked_probability_loss(even, torch.tensor([0, 1]))  # an end is further from the rest than the middle
        tensor([0.5556, 0.2222])
    """
    expect.class_scores(input, target)
    p = input.softmax(-1)
    below, above = p.cumsum(-1)[:, :-1], p.flip(-1).cumsum(-1).flip(-1)[:, 1:]
    # The mass on the wrong side of each step, summed as it is: 1 - F has no digits left where F is near 1.
    truth_above = torch.arange(p.shape[-1] - 1, device=p.device) < target.unsqueeze(-1)
    return torch.where(truth_above, below, above).square().sum(-1)


class RankedProbabilityLoss(Criterion):
    """`ranked_probability_loss`, masked, weighted and reduced."""

    function = staticmethod(ranked_probability_loss)


CARD = Card(
    module=RankedProbabilityLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_{k<c-1} \left(F_k - [y \le k]\right)^2,\quad F_k = \sum_{j \le k} p_j",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the probabilities it is; in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="raising a level next to the true one takes mass from those further off"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("RPS", "ranked probability score", "discrete CRPS"),
    references=(
        Reference(
            "Epstein", "A scoring system for probability forecasts of ranked categories", 1969, "J. Appl. Meteor. 8(6)"
        ),
        Reference("Murphy", "A note on the ranked probability score", 1971, "J. Appl. Meteor. 10(1)"),
    ),
    equivalents=(Equivalent("scoringrules", "rps_score", "takes probabilities; levels from 1; target first"),),
    mistakes=(
        "Comparing with a figure that was divided by the number of levels less 1: multiply it back.",
        "Columns out of order: the loss knows levels only by their place.",
        "Reading the distance between levels as equal where it is not: merge levels, or use expected_cost_loss.",
    ),
    relatives={
        "squared_emd_loss": "the same against a soft target",
        "brier_loss": "every wrong level is as wrong",
        "coral_loss": "the likelihood of the steps, with an output for each",
        "gaussian_crps_loss": "the same score for numbers",
    },
)
