"""Poisson log-likelihood with zeros of two kinds: by chance, and for good.

Reach for it when counts have more zeros than a Poisson, and some rows cannot have any: visits of those who never come.
Avoid it when only the mean is asked for (the Poisson loss finds it), and where the counts above 0 spread too: a
negative binomial often explains the zeros as well.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Counts, ZeroInflatedPoissonParameters


def zero_inflated_poisson_nll_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-probability of each count under its zero-inflated Poisson.

    Args:
        input: one row per example: logarithm of the Poisson mean, log-odds that the row is 0 whatever that mean.
        target: counts, 0 or more; below a half it is a 0.

    Returns:
        −log(π + (1 − π)·e^−λ) for a 0, else −log(1 − π) + λ − target·log λ + log target!, with λ = exp(first) and
        π = sigmoid(second), in nats; from 0 up for whole numbers.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Lambert (1992).

    Example:
        >>> even = torch.zeros(2, 2)  # half of the rows are 0 anyway; the mean of the others is 1
        >>> zero_inflated_poisson_nll_loss(even, torch.tensor([0.0, 1.0]))
        tensor([0.3799, 1.6931])
    """
    expect.columns(input, target, 2)
    log_rate, log_odds = input.unbind(-1)
    rate = log_rate.exp()
    zero = -torch.logaddexp(logsigmoid(log_odds), logsigmoid(-log_odds) - rate)
    count = rate - target * log_rate + torch.lgamma(target + 1.0) - logsigmoid(-log_odds)
    return torch.where(target < 0.5, zero, count)


class ZeroInflatedPoissonNllLoss(Criterion):
    """`zero_inflated_poisson_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(zero_inflated_poisson_nll_loss)


CARD = Card(
    module=ZeroInflatedPoissonNllLoss,
    unit="example",
    inputs={"input": ZeroInflatedPoissonParameters("n 2"), "target": Counts("n")},
    formula=r"-\log\left([y = 0]\,\pi + (1 - \pi)\,\frac{e^{-\lambda}\lambda^y}{y!}\right)",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Holds(note="of counts: minus the logarithm of a probability"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(note="of a 0, neither in the log-rate nor in the log-odds"),
        "differentiable": Holds(),
        "smooth": Fails(note="the rate is an exponential of the output"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear", note="in the count's error, so exponential in the log-rate"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among zero-inflated Poisson distributions"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the log-rate moves away at the same share of zeros"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("ZIP loss", "zero-inflated Poisson log-likelihood"),
    references=(
        Reference(
            "Lambert",
            "Zero-inflated Poisson regression, with an application to defects in manufacturing",
            1992,
            "Technometrics 34(1)",
        ),
    ),
    equivalents=(
        Equivalent(
            "statsmodels",
            "discrete.count_model.ZeroInflatedPoisson(inflation='logit')",
            "minus its loglikeobs; the log-odds come from a model of its own",
        ),
    ),
    mistakes=(
        "Predicting exp of the first output: the mean is (1 − π) times it.",
        "Many zeros alone are no reason: at a mean of 0.5 a Poisson has 61 % of them.",
        "Scaling the targets: counts are whole numbers; scale the log-rate by an offset instead.",
    ),
    relatives={
        "poisson_loss": "no extra zeros",
        "negative_binomial_nll_loss": "a spread of its own, which brings zeros too",
        "tweedie_loss": "zeros and amounts",
    },
)
