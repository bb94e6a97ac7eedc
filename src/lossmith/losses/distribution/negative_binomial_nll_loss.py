"""Poisson log-likelihood with a spread of its own, wider than the mean.

Reach for it when counts vary more than their mean, as sales, claims or reads of genes do, and intervals are asked for.
Avoid it when only the mean is asked for: the Poisson loss finds it, whatever the spread.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Counts, NegativeBinomialParameters
from lossmith.kernels.gammas import log_rising


def negative_binomial_nll_loss(input: Float[Tensor, "n 2"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-probability of each count under its negative binomial.

    Args:
        input: one row per example: logarithm of the mean m, logarithm of the dispersion a. The variance is m + a·m².
        target: counts, 0 or more.

    Returns:
        −log P(target), in nats; from 0 up for whole numbers. As the dispersion falls to 0 it becomes the Poisson one.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Hilbe (2011), its NB2.

    Example:
        >>> even = torch.zeros(3, 2)  # mean 1, dispersion 1: a half to the power of one more than the count
        >>> negative_binomial_nll_loss(even, torch.tensor([0.0, 1.0, 2.0]))
        tensor([0.6931, 1.3863, 2.0794])
    """
    expect.columns(input, target, 2)
    log_mean, log_dispersion = input.unbind(-1)
    size, log_odds = (-log_dispersion).exp(), log_mean + log_dispersion
    none = size * torch.nn.functional.softplus(log_odds)  # -log of the probability of a 0
    some = target * torch.nn.functional.softplus(-log_odds)
    return none + some + torch.lgamma(target + 1.0) - log_rising(size, target)


class NegativeBinomialNllLoss(Criterion):
    """`negative_binomial_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(negative_binomial_nll_loss)


CARD = Card(
    module=NegativeBinomialNllLoss,
    unit="example",
    inputs={"input": NegativeBinomialParameters("n 2"), "target": Counts("n")},
    formula=r"-\log\frac{\Gamma(y + 1/a)}{y!\,\Gamma(1/a)} + \tfrac1a \log(1 + am) + y \log\frac{1 + am}{am}",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Holds(note="of counts: minus the logarithm of a probability"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(note="it is, in the log-mean alone"),
        "differentiable": Holds(),
        "smooth": Fails(note="the mean is an exponential of the output"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("logarithmic", note="in the log-dispersion; in the log-mean it is at most 1/a"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": Holds(note="among negative binomial distributions"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the log-mean moves away at the same dispersion"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("NB2 loss", "negative binomial log-likelihood"),
    references=(
        Reference("Hilbe", "Negative binomial regression", 2011, "Cambridge University Press, 2nd ed."),
        Reference(
            "Salinas et al.",
            "DeepAR: probabilistic forecasting with autoregressive recurrent networks",
            2020,
            "Int. J. Forecasting 36(3); arXiv:1704.04110",
        ),
    ),
    equivalents=(
        Equivalent("scipy", "stats.nbinom.logpmf", "minus it, of n = 1/a and p = 1/(1 + a·m)"),
        Equivalent("torch", "distributions.NegativeBinomial.log_prob", "minus it, of 1/a and log a + log m"),
    ),
    mistakes=(
        "Two outputs for n and p, as libraries have them: mean and dispersion tell the network what is what.",
        "Scaling the targets: counts are whole numbers; scale the log-mean by an offset instead.",
        "Reading the dispersion as its inverse: many texts call 1/a the dispersion or the size.",
    ),
    relatives={
        "poisson_loss": "variance equal to the mean: finds the mean, whatever the spread",
        "zero_inflated_poisson_nll_loss": "too many zeros, and else a Poisson spread",
        "tweedie_loss": "zeros and amounts",
    },
)
