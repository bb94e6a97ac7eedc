"""Several tasks' losses added with learned weights: the noise of each task.

Reach for it when losses have different units or noise and there is no time to tune their weights.
Avoid it when one task matters more than another: it weighs by noise, not by what you care about.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Positive, Real


def uncertainty_weighting_loss(
    losses: Float[Tensor, "k"], *, log_variance: Float[Tensor, "k"], factor: Float[Tensor, "k"] | None = None
) -> Float[Tensor, ""]:
    """Sum of the tasks' losses over their noise, which is learned and paid for.

    Args:
        losses: one number per task, as its own loss gave it.
        log_variance: log σ² of each task, which training learns; 0 is a usual start.
        factor: what the theory has before each loss: ½ for a squared error (the normal distribution's exponent), 1 for
            a cross-entropy (a softmax at temperature σ²). None: 1 for all.

    Returns:
        Σ factorₖ·Lₖ·exp(−sₖ) + sₖ/2, where s is the log-variance; any real number, often below 0. At the best s the
        weight of a task is exp(−s) = 1/(2·factor·L): each task then contributes ½.

    Raises:
        ValueError: shapes differ.

    Source:
        Kendall, Gal and Cipolla (2018), equations 7 and 10; the second one is an approximation.

    Example:
        >>> losses, half = torch.tensor([4.0, 1.0]), torch.tensor([0.5, 0.5])
        >>> uncertainty_weighting_loss(losses, log_variance=torch.zeros(2), factor=half)
        tensor(2.5000)
    """
    expect.same_shape(losses=losses, log_variance=log_variance)
    log_variance = log_variance.to(losses.dtype)
    if factor is not None:
        expect.same_shape(losses=losses, factor=factor)
        losses = factor.to(losses.dtype) * losses
    return (torch.exp(-log_variance) * losses + 0.5 * log_variance).sum()


class UncertaintyWeightingLoss(Criterion):
    """`uncertainty_weighting_loss` of a vector of losses; its parameters are learned.

    Hand `parameters()` to the optimiser beside the network's, without weight decay.
    """

    function = staticmethod(uncertainty_weighting_loss)


CARD = Card(
    module=UncertaintyWeightingLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": Real("k")},
    formula=r"\sum_k f_k L_k e^{-s_k} + \tfrac12 s_k",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    parameters={"log_variance": Real("k"), "factor": Positive("k")},
    learned=("log_variance",),
    also_known_as=("homoscedastic uncertainty weighting", "kendall loss", "multi-task uncertainty loss"),
    references=(
        Reference(
            "Kendall, Gal and Cipolla",
            "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics",
            2018,
            "arXiv:1705.07115",
        ),
    ),
    equivalents=(Equivalent("LibMTL", "weighting.UW", "factor ½ for every task; starts at -0.5"),),
    mistakes=(
        "Forgetting to hand its parameters to the optimiser: then it is a plain sum; add `loss.parameters()`.",
        "Weight decay on the log-variances, which pulls every weight towards 1: put them in a group of their own.",
        "Learning σ itself and dividing by it: it may cross zero; the logarithm cannot.",
        "Stopping or comparing by the total, which falls below 0 as tasks get easy: watch each task's own loss.",
        "Giving it a loss that may be negative: no noise is then too small, and the total has no lower bound.",
    ),
    relatives={"weighted_sum_loss": "weights fixed by hand"},
)
