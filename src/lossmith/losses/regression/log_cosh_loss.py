"""Smooth: squared error near the target, absolute far from it, nothing to tune.

Reach for it when second derivatives are used (boosting, Newton steps) and outliers should not dominate.
Avoid it when the target's unit is arbitrary: it turns from quadratic to linear at an error of about 1, whatever 1 is.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def log_cosh_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Logarithm of the hyperbolic cosine of each error.

    Args:
        input: predictions.
        target: what should have been predicted, same shape; the error should be of the order of 1.

    Returns:
        log cosh r, with r = input − target: about ½r² for small r and |r| − log 2 for large; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Green (1990), as a potential of image reconstruction.

    Example:
        >>> log_cosh_loss(torch.tensor([0.1, 100.0]), torch.tensor([0.0, 0.0]))
        tensor([4.9917e-03, 9.9307e+01])
    """
    expect.same_shape(input=input, target=target)
    error = input - target
    near = error.abs() < 1.0
    # log(cosh(r)) overflows from |r| = 89 on in float32, and r + softplus(-2r) - log 2 cancels to noise near 0. Each
    # form here is used where it is exact, and fed a harmless number elsewhere so that no gradient is 0 times inf.
    small = torch.where(near, error, torch.zeros_like(error))
    large = torch.where(near, torch.ones_like(error), error.abs())
    return torch.where(
        near,
        torch.log1p(2.0 * torch.sinh(0.5 * small).square()),
        large + torch.log1p(torch.exp(-2.0 * large)) - math.log(2.0),
    )


class LogCoshLoss(Criterion):
    """`log_cosh_loss`, masked, weighted and reduced."""

    function = staticmethod(log_cosh_loss)


CARD = Card(
    module=LogCoshLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\log\cosh r",
    elicits=Functional("log_cosh_centre"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient is tanh r, with slope at most 1"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(note="on a skewed target the minimiser is neither mean nor median"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("log-cosh", "log hyperbolic cosine"),
    references=(
        Reference(
            "Green",
            "Bayesian reconstructions from emission tomography data using a modified EM algorithm",
            1990,
            "IEEE Transactions on Medical Imaging 9(1), 84-93",
        ),
    ),
    equivalents=(
        Equivalent("keras", "losses.LogCosh"),
        Equivalent("optax", "log_cosh"),
        Equivalent("auraloss", "time.LogCoshLoss", "inf for large errors"),
    ),
    mistakes=(
        "log(cosh(r)) as written overflows from |r| = 89 on in float32: use a form that takes |r| out.",
        "Its width is 1 in the target's unit: standardise the target, or divide errors by their usual size first.",
    ),
    relatives={
        "huber_loss": "in two pieces, with a width to set",
        "barron_loss": "at alpha 1 much the same, with a scale to set",
        "absolute_error_loss": "the same far from the target",
        "squared_error_loss": "twice the same near it",
    },
)
