"""Several tasks' losses added with fixed weights: plain, and hard to beat.

Reach for it first when a network learns several tasks: weights that make the terms alike in size are a good start.
Avoid it when the losses' scales drift apart in training: then weights that are learned, or a schedule, follow them.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative, Real


def weighted_sum_loss(losses: Float[Tensor, "k"], *, weight: Float[Tensor, "k"]) -> Float[Tensor, ""]:
    """Weighted sum of the tasks' losses.

    Args:
        losses: one number per task, as its own loss gave it.
        weight: one factor from 0 up per task; they need not add to 1.

    Returns:
        Σ wₖLₖ. A common factor changes SGD's step size, and under Adam nothing.

    Raises:
        ValueError: shapes differ.

    Source:
        Caruana (1997), multi-task learning.

    Example:
        >>> weighted_sum_loss(torch.tensor([2.0, 0.5]), weight=torch.tensor([1.0, 4.0]))
        tensor(4.)
    """
    expect.same_shape(losses=losses, weight=weight)
    return torch.dot(weight.to(losses.dtype), losses)


class WeightedSumLoss(Criterion):
    """`weighted_sum_loss` of a vector of losses."""

    function = staticmethod(weighted_sum_loss)


CARD = Card(
    module=WeightedSumLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": Real("k")},
    formula=r"\sum_k w_k L_k",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    parameters={"weight": NonNegative("k")},
    also_known_as=("linear scalarization", "linear scalarisation", "weighted multi-task loss"),
    references=(Reference("Caruana", "Multitask learning", 1997, "Machine Learning 28, 41-75"),),
    equivalents=(Equivalent("keras", "Model.compile(loss_weights=...)"),),
    mistakes=(
        "Making the weights add to 1 as if that were needed: only their ratios matter, apart from the step size.",
        "Adding losses in different units with weight 1 (years squared, nats): the largest one decides; scale targets.",
        "Comparing runs by the total: another choice of weights is another scale; compare task by task.",
    ),
    relatives={"uncertainty_weighting_loss": "learns the weights, as the noise of each task"},
)
