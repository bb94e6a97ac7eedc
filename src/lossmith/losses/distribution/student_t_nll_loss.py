"""Normal log-likelihood with heavy tails, learned row by row.

Reach for it where `gaussian_nll_loss` would be right but for far misses, whose share is not known beforehand.
Avoid it with few rows: the degrees of freedom are told by the tails alone, and large ones are all alike.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real, StudentParameters
from lossmith.kernels.gammas import log_rising


def student_t_nll_loss(input: Float[Tensor, "n 3"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-density of each target under its predicted t distribution.

    Args:
        input: one row per example: location, logarithm of the scale, logarithm of the degrees of freedom.
        target: observations in the same unit.

    Returns:
        ½(ν + 1)·log(1 + z²/ν) + log σ + ½·log πν + log Γ(ν/2) − log Γ((ν + 1)/2) with z = (target − location)/σ, in
        nats; any sign.

    Raises:
        ValueError: shapes are not (n, 3) and (n,).

    Source:
        Lange, Little and Taylor (1989).

    Example:
        >>> import torch
        >>> cauchy = torch.tensor([[0.0, 0.0, 0.0]])
        >>> student_t_nll_loss(cauchy, torch.tensor([1.0]))  # log 2π
        tensor([1.8379])
    """
    expect.columns(input, target, 3)
    location, log_scale, log_freedom = input.unbind(-1)
    freedom = log_freedom.exp()
    ratio = ((target - location) * (-log_scale).exp()).square() * (-log_freedom).exp()
    normaliser = log_scale + 0.5 * (math.log(math.pi) + log_freedom) - log_rising(0.5 * freedom, 0.5)
    return 0.5 * (freedom + 1.0) * ratio.log1p() + normaliser


class StudentTNllLoss(Criterion):
    """`student_t_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(student_t_nll_loss)


CARD = Card(
    module=StudentTNllLoss,
    unit="example",
    inputs={"input": StudentParameters("n 3"), "target": Real("n")},
    formula=r"\tfrac{\nu+1}{2}\log\left(1 + \tfrac{(y-m)^2}{\nu e^{2s}}\right) + s + \tfrac12\log\pi\nu"
    r" + \log\frac{\Gamma(\nu/2)}{\Gamma((\nu+1)/2)}",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Fails(note="a density above 1"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Fails(note="the curvature e^-2s has no bound as the scale shrinks"),
        "bounded_gradient": Fails(note="in the location it is, at any one scale"),
        "gradient_growth": Holds("logarithmic", note="in the log of ν; in the location it vanishes"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among t distributions"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the location moves away at the same scale"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("Student-t negative log-likelihood", "t negative log-likelihood"),
    references=(
        Reference("Lange, Little and Taylor", "Robust statistical modeling using the t distribution", 1989, "JASA 84"),
    ),
    equivalents=(
        Equivalent("scipy", "stats.t.logpdf", "minus it, of degrees of freedom, location and scale"),
        Equivalent("torch", "distributions.StudentT.log_prob", "minus it; loses its digits from ν = 1e5 on in float32"),
    ),
    mistakes=(
        "The second output is the logarithm of a scale, not of the standard deviation: that is σ·√(ν/(ν − 2)) above 2.",
        "Reading the location as a mean where ν is at most 1: there is none; it is the median.",
        "Taking the difference of two lgamma: at large ν float32 has no digits left; use this form.",
    ),
    relatives={
        "gaussian_nll_loss": "what it becomes as the degrees of freedom grow",
        "laplace_nll_loss": "exponential tails, and no third column",
        "adaptive_barron_loss": "one shape and one scale for all rows",
    },
)
