"""Barron's loss as a likelihood: learns how heavy the tails are, and the scale.

Reach for it when the share of outliers is unknown and alpha should not be searched for by hand.
Avoid it where the values of two runs are to be compared: alpha and scale differ, so the numbers mean different things.
Its two parameters belong to the module: hand `loss.parameters()` to the optimiser, without weight decay.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.barron import general, log_partition

ANY = Interval(-math.inf, math.inf, low_open=True, high_open=True)


def adaptive_barron_loss(
    input: Float[Tensor, "..."],
    target: Float[Tensor, "..."],
    *,
    alpha_logit: float | Float[Tensor, ""] = 0.0,
    log_scale: float | Float[Tensor, ""] = 0.0,
) -> Float[Tensor, "..."]:
    """Negative log-density of each error under Barron's family of distributions.

    Args:
        input: predictions.
        target: observations, same shape and unit.
        alpha_logit: alpha is 2·sigmoid of it: towards 0 (Cauchy tails) as it falls, towards 2 (normal) as it rises;
            learned. Below alpha = 0 there is no density, and 0 and 2 are approached, never met: nothing is clamped.
        log_scale: logarithm of the scale c, in the target's unit; learned.

    Returns:
        ρ(r/c, alpha) + log c + log Z(alpha) with r = input − target, ρ the general robust loss and Z the integral of
        exp(−ρ); in nats, any sign. Without log Z the least loss would be that of the heaviest tail, whatever the data.

    Raises:
        ValueError: shapes differ.

    Source:
        Barron (2019), section 2.

    Example:
        >>> adaptive_barron_loss(torch.tensor([0.0, 3.0]), torch.tensor([0.0, 0.0]))
        tensor([1.1855, 3.3478])
    """
    expect.same_shape(input=input, target=target)
    logit = torch.as_tensor(alpha_logit, dtype=_accurate(input.dtype), device=input.device)
    log_c = torch.as_tensor(log_scale, dtype=logit.dtype, device=input.device)
    alpha, log_short = 2.0 * torch.sigmoid(logit), math.log(2.0) + torch.nn.functional.logsigmoid(-logit)
    z = ((input - target) * torch.exp(-log_c)).square()
    return general(z, alpha, log_short) + (log_c + log_partition(alpha, log_short))


def _accurate(dtype: torch.dtype) -> torch.dtype:
    """Return float32 for shorter types: the integral needs digits."""
    return torch.float64 if dtype == torch.float64 else torch.float32


class AdaptiveBarronLoss(Criterion):
    """`adaptive_barron_loss`, masked, weighted and reduced."""

    function = staticmethod(adaptive_barron_loss)


CARD = Card(
    module=AdaptiveBarronLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\rho(r/c, \alpha) + \log c + \log Z(\alpha),\quad Z(\alpha) = \int e^{-\rho(x, \alpha)}\,dx",
    elicits=Functional("robust_centre_(of_a_learned_shape)"),
    claims={
        "non_negative": Fails(at={"log_scale": -3.0}, note="a density above 1"),
        "zero_at_target": Fails(note="it is log c + log Z there"),
        "convex": Fails(at={"alpha_logit": -2.0}, note="it is from alpha = 1 up, in the input alone"),
        "differentiable": Holds(note="in alpha and scale too"),
        "smooth": Holds(note="the gradient has slope at most 1/c²"),
        "bounded_gradient": Fails(at={"alpha_logit": 4.0}, note="it is up to alpha = 1"),
        "gradient_growth": Fails(
            at={"alpha_logit": 4.0}, note="as |r|^(alpha - 1): nearly linear at most, vanishing below alpha = 1"
        ),
        "symmetric": Holds(),
        "proper": Fails(
            at={"alpha_logit": -2.0}, note="of a symmetric target it finds the centre; else neither mean nor median"
        ),
        "classification_calibrated": NotApplicable("a density of errors, not a margin"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha_logit": ANY, "log_scale": ANY},
    search={"alpha_logit": Interval(-6.0, 6.0), "log_scale": Interval(-2.0, 3.0)},
    learned=("alpha_logit", "log_scale"),
    also_known_as=("adaptive robust loss",),
    references=(Reference("Barron", "A general and adaptive robust loss function", 2019, "CVPR; arXiv:1701.03077"),),
    equivalents=(
        Equivalent(
            "robust_loss_pytorch",
            "adaptive.AdaptiveLossFunction",
            "one alpha and scale for each output; log Z read from a table; alpha between 0.001 and 1.999",
        ),
    ),
    mistakes=(
        "The optimiser gets the network's parameters only, and alpha never moves: add the loss's parameters to it.",
        "Weight decay on alpha_logit pulls alpha to 1, on log_scale the scale to 1: put both in a group without it.",
        "Dropping log Z lets alpha fall until every target is an outlier: keep it.",
    ),
    relatives={
        "barron_loss": "alpha and scale set by hand",
        "gaussian_nll_loss": "learns a scale for each row, with normal tails",
        "laplace_nll_loss": "learns a scale for each row, with exponential tails",
    },
)
