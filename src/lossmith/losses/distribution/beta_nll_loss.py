"""Normal log-likelihood, each row weighed by a power of its own variance.

Reach for it where `gaussian_nll_loss` leaves the mean unlearned: rows it calls noisy early on lose their say, and stay
noisy.
Avoid it where the plain likelihood fits well: its weights are no likelihood, and values of two runs do not compare.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import NormalParameters, Real


def beta_nll_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"], *, beta: float = 0.5) -> Float[Tensor, "n"]:
    """Beta-weighted negative log-likelihood of each example.

    Args:
        input: one row per example: mean, and logarithm of the standard deviation.
        target: observations in the same unit.
        beta: power of the variance a row is weighed with, from 0 (the likelihood) to 1 (the mean learns as under the
            squared error).

    Returns:
        w·(½z² + log σ) with z = (target − mean)/σ and w = σ^(2·beta), which is held fixed: it gets no gradient. Any
        sign; not a likelihood, and its least value is not where its gradient vanishes.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Seitzer et al. (2022).

    Example:
        >>> beta_nll_loss(torch.tensor([[0.0, 0.0], [0.0, 0.6931]]), torch.tensor([1.0, 2.0]))  # σ = 1 and 2
        tensor([0.5000, 2.3862])
    """
    expect.columns(input, target, 2)
    mean, log_scale = input.unbind(-1)
    z = (target - mean) * (-log_scale).exp()
    return (2.0 * beta * log_scale).exp().detach() * (0.5 * z.square() + log_scale)


def weighed_gradient(input: Tensor, target: Tensor, *, beta: float) -> Tensor:
    """Return the likelihood's gradient in each row, times the variance to beta."""
    mean, log_scale = input.unbind(-1)
    z = (target - mean) / log_scale.exp()
    slopes = torch.stack([-z / log_scale.exp(), 1.0 - z.square()], dim=-1)
    return log_scale.exp().unsqueeze(-1) ** (2.0 * beta) * slopes


class BetaNllLoss(Criterion):
    """`beta_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(beta_nll_loss)


CARD = Card(
    module=BetaNllLoss,
    unit="example",
    inputs={"input": NormalParameters("n 2"), "target": Real("n")},
    formula=r"\lfloor e^{2\beta s} \rfloor \left( \frac{(y - \mu)^2}{2 e^{2s}} + s \right)",
    elicits=Functional("mean_and_variance_(where_its_gradient_vanishes)"),
    claims={
        "non_negative": Fails(note="log σ below 0"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(),
        "differentiable": Holds(note="the weight is held fixed"),
        "smooth": Fails(note="the curvature has no bound as the scale shrinks"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("quadratic", note="in the log-scale; linear in the mean"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Fails(
            at={"beta": 0.5}, note="by its value; its gradient vanishes at mean and variance, as at beta 0"
        ),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the mean moves away at the same scale"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Fails(at={"beta": 0.5}, note="the weight is held fixed, so a second derivative is not"),
    },
    parameters={"beta": Interval(0.0, 1.0)},
    search={"beta": Interval(0.0, 1.0)},
    also_known_as=("beta-NLL",),
    references=(
        Reference(
            "Seitzer et al.",
            "On the pitfalls of heteroscedastic uncertainty estimation with probabilistic neural networks",
            2022,
            "ICLR; arXiv:2203.09168",
        ),
    ),
    mistakes=(
        "Letting the gradient into the weight: the scale is then driven to 0; it is held fixed here.",
        "Choosing beta by the least value: values of two betas are different things; score the likelihood.",
        "The second output is the logarithm of the standard deviation: a variance to beta is exp of 2·beta times it.",
    ),
    relatives={
        "gaussian_nll_loss": "beta 0, and with ½log 2π",
        "gaussian_crps_loss": "noisy rows keep their say, and the value is proper",
        "squared_error_loss": "what the mean learns by at beta 1",
    },
    surrogate_gradient=weighed_gradient,
)
