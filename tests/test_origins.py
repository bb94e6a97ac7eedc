"""Rolling origins: nothing is learned that was not known, and every test row is tested once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.training import origins


@given(st.integers(40, 400), st.integers(1, 12), st.integers(1, 12), st.integers(1, 5))
def test_origins_roll(periods, horizon, wanted, series):
    period = np.random.default_rng(0).permutation(np.repeat(np.arange(periods), series))
    count = origins.most_origins(period, horizon, wanted, 0.2)
    if not count:
        return
    found = origins.cut(period, horizon, count, 0.2)
    tested = np.concatenate([origin.test for origin in found])
    assert len(np.unique(tested)) == len(tested)
    assert period[tested].min() >= origins.first_tested(periods)
    assert period[tested].max() == periods - 1
    ends = []
    for origin in found:
        known = period[origin.test].min() - horizon  # the origin of the first forecast of the block
        assert period[origin.choose].max() == known
        assert period[origin.learn].max() <= period[origin.choose].min() - horizon
        assert not set(origin.learn) & set(origin.choose)
        assert (np.diff(period[origin.test]) >= 0).all()
        ends.append(known)
    assert ends == sorted(set(ends))
    assert len({len(np.unique(period[origin.test])) for origin in found}) == 1  # blocks of one length


def test_the_last_fifth_chooses():
    (origin,) = origins.cut(np.arange(100), 1, 1, 0.2)
    assert (len(origin.learn), len(origin.choose), len(origin.test)) == (48, 12, 40)


@pytest.mark.parametrize(("periods", "horizon", "most"), [(20, 1, 2), (30, 1, 3), (100, 1, 10), (60, 40, 0), (8, 1, 0)])
def test_short_series_have_room_for_few(periods, horizon, most):
    assert origins.most_origins(np.arange(periods), horizon, 10, 0.2) <= most


def test_an_empty_stretch_at_the_end_leaves_no_empty_block():
    period = np.concatenate([np.arange(70), [99]])
    count = origins.most_origins(period, 1, 10, 0.2)
    assert all(len(origin.test) for origin in (origins.cut(period, 1, count, 0.2) if count else []))


def test_thinned_rows_are_some_of_them_in_order():
    rows = np.arange(1000)[::-1]
    found = origins.thinned(rows, 100, seed=1)
    assert len(found) == 100
    assert (np.diff(found) < 0).all()
    assert origins.thinned(rows, 2000, seed=1) is rows
