"""Distance of each layer's weights from an orthonormal set: no unit repeats.

Reach for it when deep or recurrent networks are hard to train, or features should not be copies of one another: lengths
pass through an orthogonal layer unchanged.
Avoid it beside weight decay, which pulls to 0 what this holds at length 1.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.kernels.model_weights import model_weights


def orthogonality_penalty_loss(model: torch.nn.Module) -> Float[Tensor, ""]:
    """Sum over layers of the squared distance of WᵀW from the identity.

    Args:
        model: the network; its trainable parameters of two dimensions or more are its weights, a row per unit.

    Returns:
        Σ_W ‖WᵀW − I‖², or ‖WWᵀ − I‖² for a W with fewer rows than columns; the squared entries are summed. From 0 up.
        How much it counts is the factor it is added with.

    Raises:
        TypeError: `model` is no module.
        ValueError: it has no such parameters.

    Source:
        Bansal, Chen and Wang (2018), their soft orthogonality.

    Example:
        >>> model = torch.nn.Linear(2, 2)
        >>> model.weight.data = torch.tensor([[0.0, 2.0], [1.0, 0.0]])
        >>> orthogonality_penalty_loss(model).item()  # one unit of length 2: (4 - 1)²
        9.0
    """
    return torch.stack([_from_orthonormal(weight.flatten(1)) for weight in model_weights(model)]).sum()


def _from_orthonormal(rows: Tensor) -> Tensor:
    """Return the squared distance of the smaller of the two products."""
    product = rows @ rows.T if rows.shape[0] < rows.shape[1] else rows.T @ rows
    return (product - torch.eye(len(product), device=rows.device, dtype=rows.dtype)).square().sum()


class OrthogonalityPenaltyLoss(Criterion):
    """`orthogonality_penalty_loss`, to be added to a loss."""

    function = staticmethod(orthogonality_penalty_loss)


CARD = Card(
    module=OrthogonalityPenaltyLoss,
    kind="penalty",
    unit="batch",
    inputs={},
    formula=r"\sum_W \|W^\top W - I\|_F^2",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it is about the model's weights, not about a prediction")),
    also_known_as=("soft orthogonality", "orthogonal regularisation", "orthogonal regularization"),
    references=(
        Reference(
            "Bansal, Chen and Wang",
            "Can we gain more from orthogonality regularizations in training deep networks?",
            2018,
            "NeurIPS; arXiv:1810.09102",
        ),
    ),
    equivalents=(
        Equivalent(
            "keras",
            "regularizers.OrthogonalRegularizer",
            "mean absolute cosine of pairs of rows, lengths free; set layer by layer, with its factor (0.01) inside",
        ),
    ),
    mistakes=(
        "WᵀW of a wide matrix: it can never be the identity; the smaller product can, and is taken here.",
        "Adding it to the last layer: its lengths are the scale of the output; pass the hidden layers alone.",
        "Keeping one factor for wider layers: the sum grows with the number of entries, so tune it anew.",
    ),
    relatives={
        "l2_penalty_loss": "pulls every weight to 0",
        "group_lasso_penalty_loss": "empties units in place of setting them apart",
    },
)
