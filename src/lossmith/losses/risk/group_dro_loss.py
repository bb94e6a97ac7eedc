"""Mean losses of known groups, by weights that follow the worst.

Reach for it when every group must be served (hospitals, dialects, sexes with hair colours) and the rows say which group
they are of.
Avoid it without strong regularisation: a network that fits every training row has no worst group left to help.

The weights are the caller's to keep; `next_group_weights` gives those after a batch:

    value = group_dro_loss(losses, groups, group_weights=weights)
    weights = next_group_weights(losses.detach(), groups, group_weights=weights)
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NON_NEGATIVE, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Positive, Real


def group_dro_loss(
    losses: Float[Tensor, "n"], groups: Int[Tensor, "n"], *, group_weights: Float[Tensor, "c"], step_size: float = 0.01
) -> Float[Tensor, ""]:
    """Group-weighted loss of a batch, the weights moved towards its worst group.

    Args:
        losses: one value for each example, of any loss.
        groups: index of each example's group, 0 … c−1.
        group_weights: weight of each group before this batch, above 0; they need not sum to 1. Even ones at first.
        step_size: how far the weights follow the losses, in one over their unit; from 0 up.

    Returns:
        Σ_g q_g·L_g with L_g the mean loss of group g in the batch (0 where it has none) and q_g in proportion to
        group_weights_g·exp(step_size·L_g), summing to 1. The weights q are held fixed: no gradient goes through them.

    Raises:
        ValueError: shapes are not (n,), (n,) and (c,).
        TypeError: `groups` is not an integer tensor.

    Source:
        Sagawa et al. (2020), algorithm 1.

    Example:
        >>> losses, groups = torch.tensor([1.0, 3.0, 4.0]), torch.tensor([0, 0, 1])
        >>> group_dro_loss(losses, groups, group_weights=torch.tensor([0.5, 0.5]), step_size=0.0)
        tensor(3.)
    """
    weights = next_group_weights(losses.detach(), groups, group_weights=group_weights, step_size=step_size)
    return weights.to(losses.dtype) @ _means(losses, groups, len(group_weights))


def next_group_weights(losses: Tensor, groups: Tensor, *, group_weights: Tensor, step_size: float = 0.01) -> Tensor:
    """Weights of the groups after a batch with these losses; they sum to 1."""
    expect.one_per_row(losses, groups=groups)
    expect.indices(groups=groups)
    means = _means(losses, groups, len(group_weights)).to(group_weights.dtype)
    return torch.softmax(group_weights.log() + step_size * means, dim=0)


def group_dro_gradient(losses: Tensor, groups: Tensor, *, group_weights: Tensor, step_size: float = 0.01) -> Tensor:
    """Slope in each loss with the weights held fixed: its group's weight, shared."""
    weights = next_group_weights(losses, groups, group_weights=group_weights, step_size=step_size)
    return weights[groups] / _members(groups, len(group_weights)).sum(0)[groups]


def _members(groups: Tensor, count: int) -> Tensor:
    """Who is in which group, (n, c)."""
    return groups.unsqueeze(-1) == torch.arange(count, device=groups.device)


def _means(losses: Tensor, groups: Tensor, count: int) -> Tensor:
    """Mean loss of each group; 0 where it has no example."""
    members = _members(groups, count).to(losses.dtype)
    return losses @ members / members.sum(0).clamp(min=1.0)


class GroupDroLoss(Criterion):
    """`group_dro_loss` of a batch's losses."""

    function = staticmethod(group_dro_loss)


CARD = Card(
    module=GroupDroLoss,
    unit="batch",
    inputs={"losses": Real("n"), "groups": ClassIndex("n")},
    formula=r"\sum_g q_g \bar\ell_g,\quad q_g \propto w_g\, e^{\eta \bar\ell_g} \text{ held fixed}",
    elicits=NOTHING,
    claims={
        "non_negative": Fails(wrt="losses", note="where the losses are below 0; of losses from 0 up it is"),
        **NO_TARGET,
        "convex": Fails(at={"step_size": 1.0}, wrt="losses", note="the value, as the weights follow the losses"),
        "differentiable": Holds(wrt="losses"),
        "smooth": Holds(wrt="losses"),
        "bounded_gradient": Holds(wrt="losses", note="it is a set of shares: they sum to 1"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(wrt="losses"),
        "fullgraph": Holds(wrt="losses"),
        "twice_differentiable": Fails(
            at={"step_size": 1.0}, wrt="losses", note="the slope of its gradient leaves out the fixed weights"
        ),
    },
    parameters={"group_weights": Positive("c"), "step_size": NON_NEGATIVE},
    search={"step_size": Interval(0.01, 1.0, log=True)},
    also_known_as=("group distributionally robust optimisation", "worst-group loss", "gdro"),
    references=(
        Reference(
            "Sagawa et al.",
            "Distributionally robust neural networks for group shifts: on the importance of regularization for "
            "worst-case generalization",
            2020,
            "arXiv:1911.08731",
        ),
    ),
    mistakes=(
        "Leaving the weights as they began: it is then nearly the mean over groups; keep `next_group_weights`.",
        "Weak regularisation: the authors need strong weight decay or early stopping for it to help.",
        "Choosing the model by mean accuracy: choose by the accuracy of the worst group.",
        "Rare groups met in few batches: draw the groups evenly, as the authors do.",
    ),
    relatives={
        "cvar_loss": "the worst examples, without groups",
        "tilted_loss": "tilts towards the worst without groups",
        "class_weighted_cross_entropy_loss": "fixed weights, by class",
    },
    surrogate_gradient=group_dro_gradient,
)
