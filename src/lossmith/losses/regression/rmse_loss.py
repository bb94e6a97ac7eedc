"""Root of a batch's mean squared error: in the target's unit, bounded gradient.

Reach for it when a training curve should be read in the target's unit, or as one bounded term beside others.
Avoid it as a default: it has the minimiser of the squared error only when the batch is the whole data set, its mean
over mini-batches is not the data set's RMSE, and it takes no mask and no weights.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def rmse_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Root mean squared error of the whole batch.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.

    Returns:
        √(mean of r²) over all elements, with r = input − target, as one number; from 0 up, in the target's unit. Where
        every r is 0 the gradient is 0, a subgradient; the mean over an empty batch is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Gauss (1823), as the mean error of observations.

    Example:
        >>> rmse_loss(torch.tensor([3.0, 4.0]), torch.tensor([0.0, 0.0]))
        tensor(3.5355)
    """
    expect.same_shape(input=input, target=target)
    # sqrt(mean(r²)) has the gradient 0/0 = NaN at a perfect fit; the norm has the subgradient 0 there.
    norm: Tensor = torch.linalg.vector_norm(input - target)
    return norm / math.sqrt(max(input.numel(), 1))


class RmseLoss(Criterion):
    """`rmse_loss` as a module; one value per batch."""

    function = staticmethod(rmse_loss)


CARD = Card(
    module=RmseLoss,
    unit="batch",
    inputs={"input": Real(), "target": Real()},
    formula=r"\sqrt{\tfrac1n \sum_i r_i^2}",
    elicits=Functional("mean_(of_a_whole_data_set_as_one_batch)"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(note="it is a norm"),
        "differentiable": Fails(note="a kink where the whole batch is predicted perfectly"),
        "smooth": Fails(note="the curvature is 1/RMSE: it has no bound as the fit gets perfect"),
        "bounded_gradient": Holds(note="by 1/√n in length, whatever the errors"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": NotApplicable("one value per batch: for one example it is the absolute error, for all the mean's"),
        "classification_calibrated": NotApplicable("one value per batch"),
        "monotone": Holds(),
        "sample_independent": NotApplicable("one value per batch: each gradient is divided by the batch's RMSE"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at a perfect fit"),
    },
    also_known_as=("root mean squared error", "root mean square error"),
    references=(
        Reference("Gauss", "Theoria combinationis observationum erroribus minimis obnoxiae", 1823, "Göttingen"),
    ),
    equivalents=(
        Equivalent("keras", "metrics.RootMeanSquaredError", "a metric, over all batches; no loss of this name"),
        Equivalent("neuralforecast", "losses.pytorch.RMSE", "the gradient is NaN at a perfect fit"),
    ),
    mistakes=(
        "torch.sqrt(mse) has the gradient NaN once a batch is predicted perfectly: use a norm, or train on the squared "
        "error.",
        "The mean of the batches' RMSE is not the data set's: average the squared errors, then take the root.",
    ),
    relatives={
        "squared_error_loss": "one value per element; the same minimiser on the whole data set",
        "absolute_error_loss": "the limit of batches of one element; fits the median",
    },
)
