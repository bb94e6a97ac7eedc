"""CRPS of a normal distribution: trains mean and spread in the target's own unit.

Reach for it when a normal distribution is to be judged by the CRPS, or when `gaussian_nll_loss` is thrown off by
outliers: a far miss pulls with constant force.
Avoid it where the probability of rare, far values must be right: it hardly minds thin tails.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NormalParameters, Real


def gaussian_crps_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """CRPS of each target under its predicted normal distribution.

    Args:
        input: one row per example: mean, and logarithm of the standard deviation.
        target: observations in the same unit.

    Returns:
        σ·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π) with z = (target − mean)/σ; above 0, in the target's unit.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Gneiting and Raftery (2007), section 4.2.

    Example:
        >>> gaussian_crps_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1.0]))
        tensor([0.6024])
    """
    expect.columns(input, target, 2)
    mean, log_scale = input[..., 0], input[..., 1]
    miss, scale = target - mean, log_scale.exp()
    z = miss * (-log_scale).exp()
    density = torch.exp(-0.5 * z.square()) / math.sqrt(2.0 * math.pi)
    # 2Φ(z) − 1 is an error function, which keeps its digits near 0.
    return miss * torch.erf(z / math.sqrt(2.0)) + scale * (2.0 * density - 1.0 / math.sqrt(math.pi))


class GaussianCrpsLoss(Criterion):
    """`gaussian_crps_loss`, masked, weighted and reduced."""

    function = staticmethod(gaussian_crps_loss)


CARD = Card(
    module=GaussianCrpsLoss,
    unit="example",
    inputs={"input": NormalParameters("n 2"), "target": Real("n")},
    formula=r"e^s \left( z\,(2\Phi(z) - 1) + 2\varphi(z) - \tfrac{1}{\sqrt{\pi}} \right),\quad z = (y - \mu)\,e^{-s}",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Holds(),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(note="it is, in the mean alone"),
        "differentiable": Holds(),
        "smooth": Fails(note="the curvature 1/σ has no bound as the scale shrinks"),
        "bounded_gradient": Fails(note="by 1 in the mean; in the log-scale it grows as the scale does"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among normal distributions"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the mean moves away at the same scale"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("normal CRPS",),
    references=(
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
    ),
    equivalents=(
        Equivalent("scoringrules", "crps_normal", "takes the standard deviation; target first"),
        Equivalent("properscoring", "crps_gaussian", "takes the standard deviation; target first"),
    ),
    mistakes=(
        "The second output is the logarithm of the standard deviation: take exp for intervals.",
        "CRPS is negatively oriented here (smaller is better); some texts give it the other sign.",
    ),
    relatives={
        "gaussian_nll_loss": "the likelihood: sharper, and thrown off by far misses",
        "multi_quantile_loss": "half the CRPS by quantiles, no family",
        "absolute_error_loss": "what it becomes as the scale falls to 0",
    },
)
