"""The corrected interval and Holm's correction, against other people's implementations."""

import math

import numpy as np
import pytest
from baycomp import single
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lossmith.advisor import statistics


def test_interval_is_baycomps_posterior():
    rng = np.random.default_rng(0)
    differences = rng.normal(0.3, 1.0, 10)
    interval = statistics.corrected(differences.tolist(), folds=10)
    # baycomp's posterior of a correlated t test is the same Student distribution, seen from the other side.
    zeros = np.zeros(10)
    _, _, right = single.CorrelatedTTest.probs(zeros, differences, rope=1e-9, runs=1)
    assert interval.p / 2.0 == pytest.approx(min(right, 1.0 - right), abs=1e-6)


def test_repeats_narrow_the_interval_only_so_far():
    rng = np.random.default_rng(1)
    once, often = rng.normal(size=10), rng.normal(size=1000)
    once, often = (once - once.mean()) / once.std(ddof=1), (often - often.mean()) / often.std(ddof=1)
    wide = statistics.corrected(once.tolist(), folds=10).high
    narrow = statistics.corrected(often.tolist(), folds=10).high
    assert narrow < wide
    assert narrow > 1.96 * math.sqrt(1 / 9)  # the overlap of training sets does not go away by repeating


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holm_is_statsmodels(p_values):
    assert statistics.holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def test_detectable_difference_is_found_in_eight_runs_of_ten():
    """Simulated folds with the correlation that the correction assumes, and a true difference of that size."""
    rng = np.random.default_rng(2)
    folds, shared = 10, 1.0 / 9.0
    rho = shared / (1.0 + shared)  # correlation under which s²(1/J + n_test/n_train) is the variance of the mean
    covariance = (1 - rho) * np.eye(folds) + rho * np.ones((folds, folds))
    root = np.linalg.cholesky(covariance)
    runs = [statistics.corrected((root @ rng.normal(size=folds)).tolist(), folds) for _ in range(2000)]
    size = np.mean([run.detectable for run in runs])
    found = [statistics.corrected((size + root @ rng.normal(size=folds)).tolist(), folds).p < 0.05 for _ in range(2000)]
    assert 0.74 < np.mean(found) < 0.86


def test_interval_covers_in_nineteen_of_twenty():
    rng = np.random.default_rng(3)
    folds, rho = 10, 0.1
    root = np.linalg.cholesky((1 - rho) * np.eye(folds) + rho * np.ones((folds, folds)))
    runs = [statistics.corrected((root @ rng.normal(size=folds)).tolist(), folds) for _ in range(4000)]
    covered = sum(run.low <= 0.0 <= run.high for run in runs)
    assert stats.binomtest(covered, 4000, 0.95).pvalue > 0.001


def test_no_difference_at_all_is_no_evidence():
    interval = statistics.corrected([0.0] * 10, folds=10)
    assert (interval.mean, interval.p, interval.detectable) == (0.0, 1.0, 0.0)


def test_one_difference_is_refused():
    with pytest.raises(ValueError, match="two differences at least"):
        statistics.corrected([1.0], folds=10)
