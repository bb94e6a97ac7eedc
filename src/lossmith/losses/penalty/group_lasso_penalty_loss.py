"""Sum of the lengths of groups of weights: whole inputs or units fade out.

Reach for it when few inputs should matter, or whole units are to be pruned: what a group penalty empties can be cut.
Avoid it when exact zeros are needed: a gradient step passes over zero, so use a proximal step or cut short groups off.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, PROPERTIES, Card, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.kernels.lengths import length
from lossmith.kernels.model_weights import model_weights


def group_lasso_penalty_loss(
    model: torch.nn.Module, *, by_input: bool = False, everything: bool = False
) -> Float[Tensor, ""]:
    """Sum over groups of weights of length times the root of the group's size.

    Args:
        model: the network; its trainable parameters of two dimensions or more are its weights.
        by_input: a group is what leaves one input of a layer; else what enters one of its units.
        everything: count biases and the scales of normalisation layers too, each number a group.

    Returns:
        Σ_g √|g|·‖w_g‖, from 0 up, in the unit of the weights. Of a group of zeros the subgradient is 0. How much it
        counts is the factor it is added with.

    Raises:
        TypeError: `model` is no module.
        ValueError: it has no such parameters.

    Source:
        Yuan and Lin (2006); Wen et al. (2016) for networks.

    Example:
        >>> model = torch.nn.Linear(2, 2)
        >>> model.weight.data = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
        >>> group_lasso_penalty_loss(model).item()  # √2·5: one unit is empty
        7.071067810058594
    """
    weights = model_weights(model, everything)
    return torch.stack([_of_groups(_groups(weight, by_input)) for weight in weights]).sum()


def _groups(weight: Tensor, by_input: bool) -> Tensor:
    """Lay groups out as rows."""
    if weight.ndim == 1:
        return weight.unsqueeze(-1)
    return (weight.transpose(0, 1) if by_input else weight).flatten(1)


def _of_groups(rows: Tensor) -> Tensor:
    return math.sqrt(rows.shape[1]) * length(rows).sum()


class GroupLassoPenaltyLoss(Criterion):
    """`group_lasso_penalty_loss`, to be added to a loss."""

    function = staticmethod(group_lasso_penalty_loss)


CARD = Card(
    module=GroupLassoPenaltyLoss,
    kind="penalty",
    unit="batch",
    inputs={},
    formula=r"\sum_g \sqrt{|g|}\, \|w_g\|_2",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it is about the model's weights, not about a prediction")),
    also_known_as=("group lasso", "structured sparsity penalty"),
    references=(
        Reference(
            "Yuan and Lin", "Model selection and estimation in regression with grouped variables", 2006, "JRSS B"
        ),
        Reference("Wen et al.", "Learning structured sparsity in deep neural networks", 2016, "NIPS; arXiv:1608.03665"),
    ),
    mistakes=(
        "Grouping every layer by input to select features: only the first layer's inputs are features; pass it alone.",
        "Expecting exact zeros from gradient steps: cut short groups off afterwards, or use a proximal step.",
        "A normalisation after the layer undoes it: the scale takes over what the weights lose.",
        "Penalising weights of inputs in different units: standardise the inputs first.",
    ),
    relatives={
        "l1_penalty_loss": "every weight a group of its own",
        "l2_penalty_loss": "shrinks every weight in proportion, and zeroes none",
        "elastic_net_penalty_loss": "keeps groups of correlated inputs together without naming them",
    },
)
