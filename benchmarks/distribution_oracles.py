"""What other libraries say of our scores of distributions, ordered levels and times; see `make_oracles`."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

Case = dict[str, Any]

TARGETS = [0.0, 3.25, -1.5, 10.0, -0.75, 2.0]
MEMBERS = [
    [0.5, -1.0, 2.0, 0.1],
    [3.0, 3.5, 2.0, 9.0],
    [1.0, 1.0, -4.0, -1.5],
    [9.0, 10.0, 11.0, 12.5],
    [5.0, 6.0, 7.0, 8.0],
    [2.0, 2.0, 2.0, 2.0],
]
POINTS = [[0.3, -0.7], [1.0, 2.0]]
CLOUDS = [[[0.0, 0.0], [1.0, -1.0], [0.5, 3.0]], [[1.0, 2.0], [-2.0, 5.0], [4.0, 4.0]]]
ENDS = [[-1.0, 1.0], [0.0, 2.0], [-1.0, 3.0], [2.0, 30.0], [1.5, 1.0], [2.0, 2.0]]
SCORES = [[1.0, -1.0, 2.0], [0.0, 0.0, 0.0], [8.0, -3.0, 0.5], [-4.0, 6.0, 5.0], [0.1, 0.2, 0.3], [3.0, 0.0, -3.0]]
LEVELS = [0, 2, 0, 0, 1, 2]
STEPS = [[2.1, -0.3], [0.0, 0.0], [-4.0, 5.0], [30.0, -30.0], [0.4, 0.2], [-1.0, -2.0]]
COUNTS = [0.0, 1.0, 2.0, 7.0, 30.0, 0.0]
HAZARDS, TIMES, EVENTS = (
    [0.2, -1.0, 1.5, 0.0, 3.0, -0.4],
    [2.0, 5.0, 2.0, 1.0, 7.0, 5.0],
    [1.0, 1.0, 1.0, 0.0, 1.0, 0.0],
)


def case(loss: str, data: list[Any], values: Any, **hyperparameters: Any) -> Case:
    """One loss on all its inputs, in the card's order."""
    more = {"hyperparameters": hyperparameters} if hyperparameters else {}
    return {"loss": loss, "data": data, "values": np.asarray(values, dtype=float).tolist(), **more}


def scipy_families() -> Iterator[Case]:
    """Scipy's densities."""
    from scipy.stats import nbinom, t

    for log_freedom in (-1.0, 0.7, 4.0):
        rows = [[y + miss, scale, log_freedom] for y, miss, scale in zip(TARGETS, COUNTS, HAZARDS, strict=True)]
        location, log_scale, _ = np.transpose(rows)
        values = -t.logpdf(TARGETS, np.exp(log_freedom), loc=location, scale=np.exp(log_scale))
        yield case("student_t_nll_loss", [rows, TARGETS], values)
    for log_dispersion in (-5.0, 0.3, 2.0):
        rows = [[log_mean, log_dispersion] for log_mean in HAZARDS]
        size = np.exp(-log_dispersion)
        values = -nbinom.logpmf(COUNTS, size, size / (size + np.exp(HAZARDS)))
        yield case("negative_binomial_nll_loss", [rows, COUNTS], values)


def scoringrules_says() -> Iterator[Case]:
    """Scores of forecasts, in NumPy."""
    import scoringrules as sr

    y, members, ends = np.asarray(TARGETS), np.asarray(MEMBERS), np.asarray(ENDS)
    yield case("ensemble_crps_loss", [MEMBERS, TARGETS], sr.crps_ensemble(y, members, estimator="nrg", backend="numpy"))
    values = sr.es_ensemble(np.asarray(POINTS), np.asarray(CLOUDS), estimator="nrg", backend="numpy")
    yield case("energy_score_loss", [CLOUDS, POINTS], values)
    for alpha in (0.1, 0.5):
        values = sr.interval_score(y, ends[:, 0], ends[:, 1], alpha, backend="numpy")
        yield case("interval_score_loss", [ENDS, TARGETS], values, coverage=1.0 - alpha)
    fan = [[*sorted(row), row[0] + 20.0] for row in MEMBERS]  # five quantiles, at even levels about the middle one
    # By its interval scores: its own weighted one adds the median where the median's error belongs (0.10.0, NumPy).
    q = np.asarray(fan)
    wide, half = (
        sr.interval_score(y, q[:, k], q[:, -1 - k], alpha, backend="numpy") for k, alpha in ((0, 0.1), (1, 0.5))
    )
    values = (0.5 * np.abs(y - q[:, 2]) + 0.05 * wide + 0.25 * half) / 2.5
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    yield case("multi_quantile_loss", [fan, TARGETS], np.asarray(values) / 2.0, levels=levels)
    p = np.exp(SCORES) / np.exp(SCORES).sum(-1, keepdims=True)
    values = sr.rps_score(np.asarray(LEVELS) + 1, p, backend="numpy")
    yield case("ranked_probability_loss", [SCORES, LEVELS], values)


def coral_says() -> Iterator[Case]:
    """The papers' authors, one example at a time: a batch they average in another way."""
    import torch
    from coral_pytorch.dataset import levels_from_labelbatch
    from coral_pytorch.losses import coral_loss, corn_loss

    steps, labels = torch.tensor(STEPS, dtype=torch.float64), torch.tensor(LEVELS)
    values = coral_loss(steps, levels_from_labelbatch(labels, 3).double(), reduction=None)
    yield case("coral_loss", [STEPS, LEVELS], values)
    asked = (labels + 1).clamp(max=2)
    each = [corn_loss(steps[i : i + 1], labels[i : i + 1], 3) * asked[i] for i in range(len(labels))]
    yield case("corn_loss", [STEPS, LEVELS], torch.stack(each))


def statsmodels_says() -> Iterator[Case]:
    """Models of statsmodels, at parameters set by hand."""
    from statsmodels.discrete.count_model import ZeroInflatedPoisson
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.robust.norms import TukeyBiweight

    for scale in (1.0, 4.685):
        values = TukeyBiweight(scale).rho(np.asarray(TARGETS))
        yield case("tukey_loss", [TARGETS, [0.0] * len(TARGETS)], values, scale=scale)
    model = PHReg(np.asarray(TIMES), np.asarray(HAZARDS)[:, None], status=np.asarray(EVENTS), ties="breslow")
    value = -model.loglike(np.ones(1)) / sum(EVENTS)
    yield case("cox_partial_likelihood_loss", [HAZARDS, TIMES, EVENTS], value)
    ordered = OrderedModel(np.asarray(LEVELS), np.asarray(HAZARDS)[:, None], distr="logit")
    for cuts in ([-1.0, 0.0], [0.3, 1.2]):
        values = -ordered.loglikeobs(np.asarray([1.0, *cuts]))
        yield case("cumulative_link_loss", [HAZARDS, LEVELS], values, cuts=cuts)
    ones = np.ones((len(COUNTS), 1))
    inflated = ZeroInflatedPoisson(np.asarray(COUNTS), ones, exog_infl=ones, inflation="logit")
    for log_rate, log_odds in itertools.product((-1.0, 2.0), (-3.0, 0.5)):
        rows = [[log_rate, log_odds]] * len(COUNTS)
        values = -inflated.loglikeobs(np.asarray([log_odds, log_rate]))
        yield case("zero_inflated_poisson_nll_loss", [rows, COUNTS], values)
