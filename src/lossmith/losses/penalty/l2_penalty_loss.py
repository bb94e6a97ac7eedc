"""Sum of the squares of a model's weights: all shrink, the large ones most.

Reach for it when a model fits its training data too well and the optimiser is SGD or L-BFGS.
Avoid it under Adam, whose step size undoes it where gradients are large: decoupled weight decay (AdamW) is meant there.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.kernels.model_weights import model_weights


def l2_penalty_loss(model: torch.nn.Module, *, everything: bool = False) -> Float[Tensor, ""]:
    """Sum of the squared weights of a model.

    Args:
        model: the network; its trainable parameters of two dimensions or more are its weights.
        everything: count biases and the scales of normalisation layers too.

    Returns:
        Σw², without a factor ½; from 0 up. Under plain SGD, adding it with factor λ is a weight decay of 2λ.

    Raises:
        TypeError: `model` is no module.
        ValueError: it has no such parameters.

    Source:
        Hoerl and Kennard (1970), ridge regression.

    Example:
        >>> model = torch.nn.Linear(2, 1)
        >>> model.weight.data = torch.tensor([[3.0, -4.0]])
        >>> l2_penalty_loss(model).item()
        25.0
    """
    return torch.stack([weight.square().sum() for weight in model_weights(model, everything)]).sum()


class L2PenaltyLoss(Criterion):
    """`l2_penalty_loss`, to be added to a loss."""

    function = staticmethod(l2_penalty_loss)


CARD = Card(
    module=L2PenaltyLoss,
    kind="penalty",
    unit="batch",
    inputs={},
    formula=r"\sum_j w_j^2",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it is about the model's weights, not about a prediction")),
    also_known_as=("ridge penalty", "l2 regularisation", "l2 regularization", "tikhonov penalty"),
    references=(
        Reference("Hoerl and Kennard", "Ridge regression", 1970, "Technometrics 12(1), 55-67"),
        Reference("Loshchilov and Hutter", "Decoupled Weight Decay Regularization", 2019, "arXiv:1711.05101"),
    ),
    equivalents=(
        Equivalent("keras", "regularizers.L2", "set layer by layer, with its factor (0.01) inside"),
        Equivalent(
            "torch", "optim.SGD(weight_decay=...)", "λ there is a factor λ/2 here; it reaches biases and scales too"
        ),
    ),
    mistakes=(
        "Taking it for weight decay under Adam: Adam divides it by the gradient's size, so use AdamW's `weight_decay`.",
        "Using it and the optimiser's `weight_decay` at once: that is two penalties; set one of them to 0.",
        "Carrying a factor over from a library that has ½Σw²: halve it here.",
        "Penalising biases and the scales of normalisation layers: leave `everything` at False.",
    ),
    relatives={
        "l1_penalty_loss": "pulls small weights as hard as large ones, towards zero",
        "elastic_net_penalty_loss": "a mixture of both",
    },
)
