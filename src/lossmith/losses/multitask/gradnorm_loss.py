"""Several tasks' losses added, with weights that learn to even out gradients.

Reach for it when one task's gradient drowns the others' in the layers they share, and one more backward pass per task
through a single layer can be paid for.
Avoid it where gradients conflict in direction rather than in size: that is surgery's work, and TorchJD's
(`torchjd.aggregation.PCGrad`).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NON_NEGATIVE,
    NOTHING,
    PROPERTIES,
    Card,
    Equivalent,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative, Positive


def gradnorm_loss(
    losses: Float[Tensor, "k"],
    gradient_norm: Float[Tensor, "k"],
    *,
    weight: Float[Tensor, "k"],
    first_losses: Float[Tensor, "k"],
    alpha: float = 1.5,
) -> Float[Tensor, ""]:
    """Weighted sum of the losses, plus what teaches the weights.

    One backward pass serves both: the network gets the gradient of Σ wₖLₖ, the weights that of the second part alone.

    Args:
        losses: one number per task, as its own loss gave it, with its gradient.
        gradient_norm: norm of each task's unweighted gradient in the last layer they share, one
            `torch.autograd.grad(loss, layer.weight, retain_graph=True)` each; held fixed.
        weight: one factor per task, learned; start with ones. After each step scale them back to a sum of k:
            `loss.weight.data *= len(loss.weight) / loss.weight.data.sum()`.
        first_losses: each task's loss at the first step, above 0; a buffer of the module.
        alpha: how strongly a task that lags is pulled along; 0 makes all gradients alike; from 0 up.

    Returns:
        Σ wₖLₖ + Σ |wₖGₖ − target|, with target the mean of wG times (rₖ)^alpha, rₖ the share of its first loss that is
        left, over the tasks' mean of it; the target is held fixed.

    Raises:
        ValueError: shapes differ.

    Source:
        Chen, Badrinarayanan, Lee and Rabinovich (2018), equations 1 and 2.

    Example:
        >>> losses, norms, ones = torch.tensor([1.0, 1.0]), torch.tensor([4.0, 2.0]), torch.ones(2)
        >>> gradnorm_loss(losses, norms, weight=ones, first_losses=ones)
        tensor(4.)
    """
    expect.same_shape(losses=losses, gradient_norm=gradient_norm, weight=weight, first_losses=first_losses)
    factor = weight.to(losses.dtype)
    total = torch.dot(factor.detach(), losses)
    pull = factor * gradient_norm.detach()
    left = losses.detach() / first_losses.to(losses.dtype)
    target = pull.detach().mean() * (left / left.mean()).pow(alpha)
    return total + (pull - target).abs().sum()


class GradnormLoss(Criterion):
    """`gradnorm_loss` of losses and norms; its weights are learned.

    Hand `parameters()` to the optimiser beside the network's, in a group of their own.
    """

    function = staticmethod(gradnorm_loss)


CARD = Card(
    module=GradnormLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": Positive("k"), "gradient_norm": NonNegative("k")},
    formula=r"\sum_k w_k L_k + \sum_k \big|w_k G_k - \overline{w G}\,(r_k / \bar r)^\alpha\big|",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    parameters={"weight": Positive("k"), "first_losses": Positive("k"), "alpha": NON_NEGATIVE},
    search={"alpha": Interval(0.0, 3.0)},
    learned=("weight",),
    also_known_as=("gradient normalization",),
    references=(
        Reference(
            "Chen, Badrinarayanan, Lee and Rabinovich",
            "GradNorm: gradient normalization for adaptive loss balancing in deep multitask networks",
            2018,
            "ICML, arXiv:1711.02257",
        ),
    ),
    equivalents=(Equivalent("LibMTL", "weighting.GradNorm", "alpha 1.5; computes the norms itself"),),
    mistakes=(
        "Weights that are not scaled back to a sum of k go to 0 or grow, and the learning rate with them.",
        "A gradient through the target, or of Σ wL in the weights, drives every weight to 0: both are held fixed here.",
        "The weights need a learning rate of their own: a group of parameters, without weight decay.",
        "It takes two vectors, and so it cannot be `MultiTask`'s `combine`: call it with losses and norms.",
    ),
    relatives={
        "dynamic_weight_average_loss": "looks at losses alone",
        "uncertainty_weighting_loss": "learns weights from the losses' sizes",
    },
)
