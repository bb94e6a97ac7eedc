"""Squared error that learns its own spread: the normal log-likelihood.

Reach for it when how sure a prediction is changes from row to row, and errors are roughly normal.
Avoid it with outliers: one far miss at a small scale outweighs the batch. It takes the logarithm of the standard
deviation; torch's takes a variance and clamps it, which kills the gradient just where the scale must grow.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NormalParameters, Real


def gaussian_nll_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-density of each target under its predicted normal distribution.

    Args:
        input: one row per example: mean, and logarithm of the standard deviation.
        target: observations in the same unit.

    Returns:
        ½z² + log σ + ½log 2π with z = (target − mean)/σ, in nats; any sign.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Nix and Weigend (1994).

    Example:
        >>> import torch
        >>> gaussian_nll_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1.0]))
        tensor([1.4189])
    """
    expect.columns(input, target, 2)
    mean, log_scale = input[..., 0], input[..., 1]
    z = (target - mean) * (-log_scale).exp()
    return 0.5 * z.square() + log_scale + 0.5 * math.log(2.0 * math.pi)


class GaussianNllLoss(Criterion):
    """`gaussian_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(gaussian_nll_loss)


CARD = Card(
    module=GaussianNllLoss,
    unit="example",
    inputs={"input": NormalParameters("n 2"), "target": Real("n")},
    formula=r"\frac{(y - \mu)^2}{2 e^{2s}} + s + \tfrac12 \log 2\pi",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Fails(note="a density above 1"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(note="it is, in the mean alone"),
        "differentiable": Holds(),
        "smooth": Fails(note="the curvature e^-2s has no bound as the scale shrinks"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("quadratic", note="in the log-scale; linear in the mean"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among normal distributions; for any target it fits mean and variance"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the mean moves away at the same scale"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("normal negative log-likelihood", "heteroscedastic regression loss"),
    references=(
        Reference(
            "Nix and Weigend", "Estimating the mean and variance of the target probability distribution", 1994, "ICNN"
        ),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.GaussianNLLLoss",
            "takes mean and variance apart, clamps the variance at 1e-6, leaves ½log 2π out",
        ),
        Equivalent("scipy", "stats.norm.logpdf", "minus it, of mean and standard deviation"),
    ),
    mistakes=(
        "The second output is the logarithm of the standard deviation, not of the variance, which is twice that.",
        "Rows fitted early get a small scale and outweigh the rest: train the mean first, or use the CRPS.",
        "The value may be negative: it is a density, not an error.",
    ),
    relatives={
        "gaussian_crps_loss": "the same distribution in the target's unit, less thrown off by far misses",
        "laplace_nll_loss": "heavier tails",
        "squared_error_loss": "one scale for all rows",
        "adaptive_barron_loss": "one scale for all rows, and learns how heavy the tails are",
        "multi_quantile_loss": "no family at all",
    },
)
