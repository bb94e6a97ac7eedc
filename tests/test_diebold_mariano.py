"""The Diebold–Mariano interval, against statsmodels, the paper's formula, plain matrices and simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.signal import lfilter

from lossmith.advisor import diebold_mariano as dm
from lossmith.advisor.diebold_mariano import diebold_mariano


def autoregressive(rng, count, slope):
    return lfilter([1.0], [1.0, -slope], rng.normal(size=count + 200))[200:]


def test_the_variance_is_statsmodels_newey_west():
    differences = autoregressive(np.random.default_rng(0), 150, 0.6) + 0.3
    width = dm.window(150, 12)
    fitted = sm.OLS(differences, np.ones(150)).fit(cov_type="HAC", cov_kwds={"maxlags": width - 1})
    factor, freedom = dm._moments(dm.bartlett(width), 150)
    found = diebold_mariano(differences, span=12)
    half = stats.t.ppf(0.975, freedom) * fitted.bse[0] / np.sqrt(factor)
    assert (found.mean, found.high - found.mean) == pytest.approx((fitted.params[0], half))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(fitted.params[0] / fitted.bse[0]) * np.sqrt(factor), freedom))


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_the_factor_is_that_of_harvey_leybourne_and_newbold_for_equal_weights(horizon):
    count = 40
    factor, freedom = dm._moments(np.ones(horizon), count)
    assert factor == pytest.approx((count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count)
    if horizon == 1:
        assert freedom == pytest.approx(count - 1)


@pytest.mark.parametrize(("count", "width"), [(10, 1), (30, 7), (12, 12), (50, 20)])
def test_factor_and_freedom_are_the_moments_of_the_quadratic_form(count, width):
    lag = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    kernel = np.clip(1.0 - lag / width, 0.0, None)
    centre = np.eye(count) - 1.0 / count
    matrix = centre @ kernel @ centre
    wanted = np.trace(matrix) / count, np.trace(matrix) ** 2 / np.trace(matrix @ matrix)
    assert dm._moments(dm.bartlett(width), count) == pytest.approx(wanted)


def test_five_differences_by_hand():
    # Mean 2, deviations −1 0 1 0 0. The window is ⌈1.3·√5⌉ = 3, its weights 1, 2/3, 1/3; the autocovariances 2/5, 0
    # and −1/5; so the variance of the mean is (2/5 − 2·1/3·1/5)/5 = 4/75 before the factor.
    found = diebold_mariano(np.array([1.0, 2.0, 3.0, 2.0, 2.0]))
    # The expectation for uncorrelated differences: 1 − (1 + 2·(2/3·4/5 + 1/3·3/5))/5 = 1 − 2.4667/5.
    lag = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    matrix = (np.eye(5) - 0.2) @ np.clip(1 - lag / 3, 0, None) @ (np.eye(5) - 0.2)
    freedom = np.trace(matrix) ** 2 / np.sum(matrix**2)
    assert (found.high - found.low) / 2 == pytest.approx(
        stats.t.ppf(0.975, freedom) * np.sqrt(4 / 75 / (1 - (1 + 2 * (8 / 15 + 1 / 5)) / 5))
    )


def test_degenerate_differences():
    assert diebold_mariano(np.zeros(20)).p == 1.0
    always = diebold_mariano(np.full(20, 0.5))
    assert (always.p, always.low, always.high) == (0.0, 0.5, 0.5)
    with pytest.raises(ValueError, match="two differences"):
        diebold_mariano(np.array([1.0]))


@pytest.mark.parametrize(("slope", "count", "most"), [(0.0, 60, 0.05), (0.3, 200, 0.06), (0.5, 400, 0.065)])
def test_size_on_autoregressive_differences(slope, count, most):
    """At a true difference of 0, a claim is made in about one run of twenty."""
    rng = np.random.default_rng(1)
    runs = 2000
    claims = sum(diebold_mariano(autoregressive(rng, count, slope)).p < 0.05 for _ in range(runs))
    assert stats.binomtest(claims, runs, most, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("horizon", [4, 12])
def test_size_on_overlapping_forecasts(horizon):
    """Errors of forecasts `horizon` steps ahead are moving averages; the test blocks are 20 periods long."""
    rng = np.random.default_rng(2)
    runs = 2000
    claims = 0
    for _ in range(runs):
        differences = np.convolve(rng.normal(size=200 + horizon - 1), np.ones(horizon), "valid")
        claims += diebold_mariano(differences, span=60).p < 0.05
    assert stats.binomtest(claims, runs, 0.06, alternative="greater").pvalue > 0.01


def test_size_where_a_networks_luck_is_all_there_is():
    """Each of ten networks is as lucky in all of its test block: the hardest case for pooled periods."""
    rng = np.random.default_rng(3)
    runs = 2000
    narrow, wide = 0, 0
    for _ in range(runs):
        differences = np.repeat(rng.normal(size=10), 30)
        narrow += diebold_mariano(differences, span=1).p < 0.05
        wide += diebold_mariano(differences, span=90).p < 0.05
    assert narrow / runs > 0.12  # the plain window takes one network's luck for thirty independent facts
    assert stats.binomtest(wide, runs, 0.075, alternative="greater").pvalue > 0.01


def test_a_detectable_difference_is_found_in_eight_runs_of_ten():
    rng = np.random.default_rng(4)
    runs = [diebold_mariano(rng.normal(size=120), span=36) for _ in range(1500)]
    size = np.mean([run.detectable for run in runs])
    found = [diebold_mariano(size + rng.normal(size=120), span=36).p < 0.05 for _ in range(1500)]
    assert 0.72 < np.mean(found) < 0.88
