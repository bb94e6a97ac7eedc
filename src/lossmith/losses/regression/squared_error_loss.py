"""Square of the error: the default of regression, and what the mean asks for.

Reach for it when the metric is RMSE or R², or when the mean itself is wanted (totals, budgets, expected demand).
Avoid it when a few targets are grossly wrong: the gradient grows with the error, and one outlier steers the batch.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def squared_error_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Squared error of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.

    Returns:
        r², with r = input − target (no factor ½); from 0 up, in the square of the target's unit.

    Raises:
        ValueError: shapes differ.

    Source:
        Legendre (1805), the method of least squares.

    Example:
        >>> squared_error_loss(torch.tensor([0.5, 4.0]), torch.tensor([0.0, 0.0]))
        tensor([ 0.2500, 16.0000])
    """
    # torch broadcasts (n, 1) against (n,) to an n-by-n table of wrong errors, with only a warning.
    expect.same_shape(input=input, target=target)
    return torch.nn.functional.mse_loss(input, target, reduction="none")


class SquaredErrorLoss(Criterion):
    """`squared_error_loss`, masked, weighted and reduced."""

    function = staticmethod(squared_error_loss)


CARD = Card(
    module=SquaredErrorLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"r^2",
    elicits=MEAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope 2"),
        "bounded_gradient": Fails(note="it is 2r: the larger the error, the harder the pull"),
        "gradient_growth": Holds("linear"),
        "symmetric": Holds(),
        "proper": Holds(note="for the mean"),
        "classification_calibrated": Holds(note="on targets of -1 and 1 its minimiser is 2p - 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("mse", "l2 loss", "mean squared error", "squared loss", "quadratic loss"),
    references=(
        Reference("Legendre", "Nouvelles méthodes pour la détermination des orbites des comètes", 1805, "Paris"),
    ),
    equivalents=(
        Equivalent("torch", "nn.MSELoss", "broadcasts (n, 1) against (n,) to an n-by-n table, with a warning"),
        Equivalent("keras", "losses.MeanSquaredError", "averages the last dimension first"),
        Equivalent("optax", "squared_error"),
        Equivalent("optax", "l2_loss", "half of it"),
    ),
    mistakes=(
        "Predictions of shape (n, 1) and targets of (n,) are broadcast elsewhere: squeeze one; here it is an error.",
        "Half of it in one program and all of it in another: the factor acts on the learning rate under SGD.",
        "On a skewed target trained on a logarithm its mean is no longer the mean of the amounts.",
    ),
    relatives={
        "huber_loss": "linear far from the target: outliers cannot take over",
        "rmse_loss": "the root of its mean over the batch, in the target's unit",
        "expectile_loss": "other prices for too low and too high",
        "tail_weighted_loss": "counts rare targets for more",
        "gaussian_nll_loss": "learns the spread of each row too",
    },
)
