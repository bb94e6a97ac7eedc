"""Sum of the sizes of a model's weights: many of them end up near zero.

Reach for it when few inputs or units should matter, or when a model is to be pruned afterwards.
Avoid it when exact zeros are needed: a gradient step passes over zero, so use a proximal step or cut small weights off.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.kernels.model_weights import model_weights


def l1_penalty_loss(model: torch.nn.Module, *, everything: bool = False) -> Float[Tensor, ""]:
    """Sum of the absolute weights of a model.

    Args:
        model: the network; its trainable parameters of two dimensions or more are its weights.
        everything: count biases and the scales of normalisation layers too.

    Returns:
        Σ|w|, from 0 up, in the unit of the weights. Where a weight is 0 the subgradient is 0. How much it counts is the
        factor it is added with.

    Raises:
        TypeError: `model` is no module.
        ValueError: it has no such parameters.

    Source:
        Tibshirani (1996), the lasso.

    Example:
        >>> model = torch.nn.Linear(2, 1)
        >>> model.weight.data = torch.tensor([[3.0, -4.0]])
        >>> l1_penalty_loss(model).item()
        7.0
    """
    return torch.stack([weight.abs().sum() for weight in model_weights(model, everything)]).sum()


class L1PenaltyLoss(Criterion):
    """`l1_penalty_loss`, to be added to a loss."""

    function = staticmethod(l1_penalty_loss)


CARD = Card(
    module=L1PenaltyLoss,
    kind="penalty",
    unit="batch",
    inputs={},
    formula=r"\sum_j |w_j|",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it is about the model's weights, not about a prediction")),
    also_known_as=("lasso penalty", "l1 regularisation", "l1 regularization"),
    references=(
        Reference("Tibshirani", "Regression shrinkage and selection via the lasso", 1996, "JRSS B 58(1), 267-288"),
    ),
    equivalents=(Equivalent("keras", "regularizers.L1", "set layer by layer, with its factor (0.01) inside"),),
    mistakes=(
        "Penalising biases and the scales of normalisation layers: leave `everything` at False.",
        "Choosing one factor for models of different size: the sum grows with the number of weights, so tune it anew.",
        "Expecting exact zeros from gradient steps: cut small weights off afterwards, or use a proximal step.",
        "Penalising weights of inputs in different units: standardise the inputs first.",
    ),
    relatives={
        "l2_penalty_loss": "shrinks every weight in proportion, and zeroes none",
        "elastic_net_penalty_loss": "keeps groups of correlated inputs together",
    },
)
