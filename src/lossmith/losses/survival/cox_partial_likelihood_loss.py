"""Who of those at risk has the event first: the order of times, not the times.

Reach for it when times until an event are cut off for some, and a risk score by which to rank is enough.
Avoid it with small batches, which are the risk set here, and where the time itself is asked for: it fixes no scale.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, NonNegative, Real
from lossmith.kernels.running import running_logsumexp


def cox_partial_likelihood_loss(
    log_hazard: Float[Tensor, "n"], time: Float[Tensor, "n"], event: Float[Tensor, "n"]
) -> Float[Tensor, ""]:
    """Negative log partial likelihood of a batch, per event.

    Args:
        log_hazard: one risk score per example; larger means sooner. A constant added to all changes nothing.
        time: when the event came, or when the example was last seen without it.
        event: 1 where it came, 0 where the example was last seen without it.

    Returns:
        −Σ event_i·(h_i − log Σ exp h_j)/Σ event_i, the inner sum over all with time_j ≥ time_i; from 0 up, and 0
        without events. Ties as Breslow has them. Sorting makes it n·log n steps.

    Raises:
        ValueError: shapes are not (n,) three times.

    Source:
        Cox (1975); Breslow (1974) for ties; Katzman et al. (2018) for networks.

    Example:
        >>> score, time = torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 2.0, 3.0])
        >>> cox_partial_likelihood_loss(score, time, torch.tensor([1.0, 1.0, 0.0]))  # (log 3 + log 2)/2
        tensor(0.8959)
    """
    expect.same_shape(log_hazard=log_hazard, time=time, event=event)
    expect.one_per_row(log_hazard, time=time)
    latest, order = time.sort(descending=True)
    risk, happened = log_hazard.gather(0, order), event.gather(0, order)
    at_risk = running_logsumexp(risk).gather(0, _last_of_ties(latest))
    count = event.sum()
    return (happened * (at_risk - risk)).sum() / torch.where(count > 0, count, 1.0)


def _last_of_ties(sorted_values: Tensor) -> Tensor:
    """Return for each place the last one that holds the same value."""
    places = torch.arange(len(sorted_values), device=sorted_values.device)
    ends = torch.cat([sorted_values[1:] != sorted_values[:-1], torch.ones_like(sorted_values[:1], dtype=torch.bool)])
    # The nearest end from here on: the least of those not before.
    marked = torch.where(ends, places, len(sorted_values))
    return marked.flip(0).cummin(0).values.flip(0)


class CoxPartialLikelihoodLoss(Criterion):
    """`cox_partial_likelihood_loss` of a batch; no mask, no weights."""

    function = staticmethod(cox_partial_likelihood_loss)


_RANKS = NotApplicable("a score is compared with other scores, not with a time")

CARD = Card(
    module=CoxPartialLikelihoodLoss,
    unit="batch",
    inputs={"log_hazard": Real("n"), "time": NonNegative("n"), "event": BinaryTarget("n")},
    formula=r"-\frac{1}{\sum_i e_i} \sum_i e_i \Big(h_i - \log \sum_{t_j \ge t_i} e^{h_j}\Big)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="log_hazard"),
        "zero_at_target": _RANKS,
        "convex": Holds(wrt="log_hazard"),
        "differentiable": Holds(wrt="log_hazard"),
        "smooth": Holds(wrt="log_hazard"),
        "bounded_gradient": Holds(wrt="log_hazard", note="each entry by 1"),
        "gradient_growth": _RANKS,
        "symmetric": _RANKS,
        "proper": _RANKS,
        "classification_calibrated": _RANKS,
        "monotone": _RANKS,
        "sample_independent": NotApplicable("a loss of the whole batch has one value"),
        "vmap": Holds(wrt="log_hazard"),
        "fullgraph": Holds(wrt="log_hazard"),
        "twice_differentiable": Holds(wrt="log_hazard"),
    },
    also_known_as=("Cox loss", "Cox proportional hazards loss", "DeepSurv loss"),
    references=(
        Reference("Cox", "Partial likelihood", 1975, "Biometrika 62(2), 269-276"),
        Reference("Breslow", "Covariance analysis of censored survival data", 1974, "Biometrics 30(1)"),
        Reference("Katzman et al.", "DeepSurv", 2018, "BMC Med. Res. Methodol. 18; arXiv:1606.00931"),
    ),
    equivalents=(
        Equivalent("statsmodels", "duration.hazard_regression.PHReg(ties='breslow')", "minus its loglike, as a sum"),
        Equivalent("pycox", "models.loss.CoxPHLoss", "ties in the order given; an epsilon of 1e-7 in the logarithm"),
    ),
    mistakes=(
        "Small batches: the batch is the risk set, and one of 32 compares each with few; take hundreds.",
        "A last layer with a bias: a constant in all scores changes nothing, so it drifts.",
        "Event and censoring the wrong way round: 1 is where the event was seen.",
        "Reading exp of the score as a time: it is a ratio of hazards; fit the baseline afterwards.",
    ),
    relatives={
        "nll_loss": "a class for each interval of time: gives probabilities, needs bins",
        "cross_entropy_loss": "the same, of those at risk: which of them is next",
    },
)
