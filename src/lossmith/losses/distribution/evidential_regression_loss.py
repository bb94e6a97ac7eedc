"""Normal likelihood with doubt about its own mean and spread, in one pass.

Reach for it when rows unlike the training data should be told apart cheaply, without an ensemble.
Avoid it where that doubt is taken at its word: data tell three numbers of the four, and the price on evidence decides
the rest.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import EvidentialParameters, Real
from lossmith.kernels.gammas import log_rising


def evidential_regression_loss(
    input: Float[Tensor, "n 4"], target: Float[Tensor, "n"], *, evidence_weight: float = 0.01
) -> Float[Tensor, "n"]:
    """Deep evidential regression loss of each example.

    Args:
        input: one row per example: mean γ, log ν, log(α − 1) and log β of a normal-inverse-gamma distribution.
        target: observations in the same unit as the mean.
        evidence_weight: price of evidence, ν and α, on rows with an error; 0 or more.

    Returns:
        The negative log-density of a t with 2α degrees of freedom, location γ and squared scale β(1 + ν)/(να), plus
        evidence_weight·|target − γ|·(2ν + α); any sign.

    Raises:
        ValueError: shapes are not (n, 4) and (n,).

    Source:
        Amini et al. (2020).

    Example:
        >>> import torch
        >>> even = torch.zeros(1, 4)  # ν = 1, α = 2, β = 1: a t with 4 degrees of freedom and scale 1
        >>> evidential_regression_loss(even, torch.tensor([2.0]), evidence_weight=0.0)
        tensor([2.7137])
    """
    expect.columns(input, target, 4)
    mean, log_nu, log_more, log_beta = input.unbind(-1)
    nu, alpha, miss = log_nu.exp(), 1.0 + log_more.exp(), target - mean
    log_omega = math.log(2.0) + log_beta + nu.log1p()  # of 2β(1 + ν)
    ratio = miss.square() * (log_nu - log_omega).exp()
    normaliser = 0.5 * (math.log(math.pi) - log_nu + log_omega) - log_rising(alpha, 0.5)
    likelihood: Tensor = (alpha + 0.5) * ratio.log1p() + normaliser
    return likelihood + evidence_weight * miss.abs() * (2.0 * nu + alpha)


class EvidentialRegressionLoss(Criterion):
    """`evidential_regression_loss`, masked, weighted and reduced."""

    function = staticmethod(evidential_regression_loss)


CARD = Card(
    module=EvidentialRegressionLoss,
    unit="example",
    inputs={"input": EvidentialParameters("n 4"), "target": Real("n")},
    formula=r"-\log t_{2\alpha}\!\left(y;\, \gamma, \tfrac{\beta(1+\nu)}{\nu\alpha}\right)"
    r" + \lambda\,|y - \gamma|\,(2\nu + \alpha)",
    elicits=Functional("centre_with_evidence"),
    claims={
        "non_negative": Fails(note="a density above 1"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(),
        "differentiable": Fails(at={"evidence_weight": 1.0}, note="a kink where mean and target are equal"),
        "smooth": Fails(at={"evidence_weight": 1.0}, note="the gradient jumps there"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear", note="in the logarithms of ν and α; constant in the mean"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": NotApplicable("it predicts a distribution of distributions: data tell three numbers of its four"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(note="as the mean moves away, the others held"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink"),
    },
    parameters={"evidence_weight": NON_NEGATIVE},
    search={"evidence_weight": Interval(0.01, 1.0, log=True)},
    also_known_as=("deep evidential regression", "NIG loss"),
    references=(
        Reference("Amini et al.", "Deep evidential regression", 2020, "NeurIPS; arXiv:1910.02600"),
        Reference(
            "Meinert, Gawlikowski and Lavin",
            "The unreasonable effectiveness of deep evidential regression",
            2023,
            "AAAI; arXiv:2205.10060",
        ),
    ),
    mistakes=(
        "Reading β/(ν(α − 1)) as calibrated doubt: it ranks rows at best (Meinert et al. 2023); check it on data.",
        "Unscaled targets: the price on evidence is in their unit; standardise them first.",
        "Passing the four parameters themselves: after the mean they are logarithms, of α less 1.",
    ),
    relatives={
        "student_t_nll_loss": "the same t by its own three parameters, without the doubt",
        "gaussian_nll_loss": "spread alone",
        "evidential_classification_loss": "the same idea for classes",
    },
)
