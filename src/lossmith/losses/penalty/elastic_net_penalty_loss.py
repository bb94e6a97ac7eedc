"""Mixture of the absolute and the squared size of weights: sparse, yet steady.

Reach for it when few inputs should matter and some of them are correlated: they are kept or dropped together.
Avoid it when there is no time to tune two numbers: the factor it is added with, and the share of the absolute part.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.kernels.model_weights import model_weights


def elastic_net_penalty_loss(
    model: torch.nn.Module, *, l1_share: float = 0.5, everything: bool = False
) -> Float[Tensor, ""]:
    """Sum over a model's weights of a share of |w| and the rest of w².

    Args:
        model: the network; its trainable parameters of two dimensions or more are its weights.
        l1_share: of the absolute part, from 0 (the L2 penalty) to 1 (the L1 penalty).
        everything: count biases and the scales of normalisation layers too.

    Returns:
        l1_share·Σ|w| + (1 − l1_share)·Σw², from 0 up.

    Raises:
        TypeError: `model` is no module.
        ValueError: it has no such parameters.

    Source:
        Zou and Hastie (2005), with λ₁ = λ·l1_share and λ₂ = λ·(1 − l1_share).

    Example:
        >>> model = torch.nn.Linear(2, 1)
        >>> model.weight.data = torch.tensor([[3.0, -4.0]])
        >>> elastic_net_penalty_loss(model, l1_share=0.25).item()
        20.5
    """
    weights = model_weights(model, everything)
    sizes = torch.stack([weight.abs().sum() for weight in weights]).sum()
    squares = torch.stack([weight.square().sum() for weight in weights]).sum()
    return l1_share * sizes + (1.0 - l1_share) * squares


class ElasticNetPenaltyLoss(Criterion):
    """`elastic_net_penalty_loss`, to be added to a loss."""

    function = staticmethod(elastic_net_penalty_loss)


CARD = Card(
    module=ElasticNetPenaltyLoss,
    kind="penalty",
    unit="batch",
    inputs={},
    formula=r"\alpha \sum_j |w_j| + (1 - \alpha) \sum_j w_j^2",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it is about the model's weights, not about a prediction")),
    parameters={"l1_share": Interval(0.0, 1.0)},
    search={"l1_share": Interval(0.05, 0.95)},
    also_known_as=("elastic net", "l1 l2 penalty"),
    references=(
        Reference("Zou and Hastie", "Regularization and variable selection via the elastic net", 2005, "JRSS B 67(2)"),
    ),
    equivalents=(
        Equivalent("keras", "regularizers.L1L2", "takes the two factors apart, layer by layer"),
        Equivalent("scikit-learn", "linear_model.ElasticNet", "halves the squared part and the error"),
    ),
    mistakes=(
        "Copying `l1_ratio` from scikit-learn, whose squared part is halved: the share that fits is another one.",
        "Taking it for weight decay under Adam, which rescales the squared part: use AdamW's decay and the L1 penalty.",
        "Penalising biases and the scales of normalisation layers: leave `everything` at False.",
    ),
    relatives={
        "l1_penalty_loss": "the absolute part alone",
        "l2_penalty_loss": "the squared part alone",
    },
)
