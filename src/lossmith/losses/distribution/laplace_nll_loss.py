"""Absolute error that learns its own spread: the Laplace log-likelihood.

Reach for it where `gaussian_nll_loss` would be right but for outliers: a far miss pulls in proportion, not by its
square.
Avoid it where errors are normal: its intervals are then too peaked in the middle and too wide at the ends.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import LaplaceParameters, Real


def laplace_nll_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-density of each target under its predicted Laplace distribution.

    Args:
        input: one row per example: median, and logarithm of the scale (the mean absolute deviation).
        target: observations in the same unit.

    Returns:
        |target − median|/b + log b + log 2 with b the scale, in nats; any sign. The gradient in the median is 0 where
        it equals the target, the middle of the subgradients.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Kotz, Kozubowski and Podgórski (2001), section 2.6.

    Example:
        >>> import torch
        >>> laplace_nll_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1.0]))
        tensor([1.6931])
    """
    expect.columns(input, target, 2)
    median, log_scale = input[..., 0], input[..., 1]
    return (target - median).abs() * (-log_scale).exp() + log_scale + math.log(2.0)


class LaplaceNllLoss(Criterion):
    """`laplace_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(laplace_nll_loss)


CARD = Card(
    module=LaplaceNllLoss,
    unit="example",
    inputs={"input": LaplaceParameters("n 2"), "target": Real("n")},
    formula=r"\frac{|y - m|}{e^{s}} + s + \log 2",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Fails(note="a density above 1"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(note="it is, in the median alone"),
        "differentiable": Fails(note="a kink where median and target are equal"),
        "smooth": Fails(note="the gradient jumps at the target"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear", note="in the log-scale; constant in the median"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among Laplace distributions; for any target it fits median and mean deviation from it"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the median moves away at the same scale"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink"),
    },
    also_known_as=("Laplace negative log-likelihood",),
    references=(
        Reference("Kotz, Kozubowski and Podgórski", "The Laplace distribution and generalizations", 2001, "Birkhäuser"),
    ),
    equivalents=(Equivalent("scipy", "stats.laplace.logpdf", "minus it, of median and scale"),),
    mistakes=(
        "The scale is the mean absolute deviation, not the standard deviation, which is √2 times it.",
        "The value may be negative: it is a density, not an error.",
    ),
    relatives={
        "gaussian_nll_loss": "normal tails: far misses count by their square",
        "absolute_error_loss": "one scale for all rows",
        "adaptive_barron_loss": "one scale for all rows, and learns how heavy the tails are",
    },
)
