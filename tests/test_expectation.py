"""What to expect of a rival: drawn to what is usual, the less so where candidates really lie apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.advisor.expectation import expected, scatter
from lossmith.advisor.statistics import corrected
from lossmith.advisor.usual import CONSISTENT, OTHER, Usual


def measured(mean, spread, seed, folds=10):
    return corrected((mean + spread * np.random.default_rng(seed).normal(size=folds)).tolist(), folds)


def test_differences_that_chance_explains_scatter_no_further():
    """Drawn from the usual distribution itself, the mean square beyond chance is that distribution's, or 0."""
    usual, found = Usual(0.0, 0.0), []
    for seed in range(200):
        rivals = [(measured(0.0, 0.2, 10 * seed + k), usual) for k in range(8)]
        found.append(scatter(rivals, 1.0))
    assert np.mean(found) < 0.04  # a fifth of the spread of one fold
    far = [(measured(gap, 0.2, k), usual) for k, gap in enumerate((-0.6, 0.5, 0.7, -0.4))]
    assert scatter(far, 1.0) == pytest.approx(0.55, abs=0.15)


def test_nothing_measured_scatters_nothing():
    assert scatter([], 1.0) == 0.0
    assert scatter([(measured(1.0, 0.1, 0), OTHER)], 0.0) == 0.0


@given(st.floats(-1.0, 1.0), st.floats(0.001, 1.0), st.integers(0, 1000))
def test_what_is_expected_lies_between_the_usual_and_the_measured(mean, spread, seed):
    interval = measured(mean, spread, seed)
    low, high = sorted((interval.mean, CONSISTENT.mean))
    assert low - 1e-12 <= expected(interval, 1.0, CONSISTENT) <= high + 1e-12


def test_the_wider_the_usual_the_more_counts_what_was_measured():
    interval = measured(0.3, 0.2, 3)
    found = [expected(interval, 1.0, Usual(0.0, deviation)) for deviation in (0.01, 0.1, 1.0, 10.0)]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(interval.mean, rel=0.01)
