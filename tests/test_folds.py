"""Folds and samples: every row tested once, strata kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossmith.training import folds


@given(rows=st.integers(20, 300), parts=st.integers(2, 10), classes=st.sampled_from([0, 2, 5]), seed=st.integers(0, 9))
@settings(max_examples=60)
def test_every_row_is_tested_once(rows, parts, classes, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, rows) if classes else rng.lognormal(size=rows)
    if classes and np.bincount(y).max() < parts:
        return
    tested = np.concatenate([test for _, test in folds.outer(y, classes, parts, seed)])
    assert sorted(tested) == list(range(rows))


def test_the_tail_is_spread_over_the_folds():
    y = np.concatenate([np.zeros(950), np.random.default_rng(0).lognormal(5, 2, 50)])
    positives = [int((y[test] > 0).sum()) for _, test in folds.outer(y, 0, 10, 0)]
    assert max(positives) - min(positives) <= 1


@pytest.mark.parametrize("classes", [0, 3])
def test_a_sample_keeps_the_shares(classes):
    rng = np.random.default_rng(0)
    y = rng.choice(3, 10_000, p=[0.9, 0.09, 0.01]).astype(float) if classes else rng.lognormal(size=10_000)
    rows = folds.sample(y, classes, 1000, 0)
    assert len(rows) == len(set(rows)) == 1000
    if classes:
        assert (np.bincount(y[rows].astype(int)) / 1000) == pytest.approx([0.9, 0.09, 0.01], abs=0.005)
    else:
        assert np.quantile(y[rows], 0.9) == pytest.approx(np.quantile(y, 0.9), rel=0.05)


def test_a_small_table_is_not_sampled():
    assert folds.sample(np.arange(10.0), 0, 100, 0).tolist() == list(range(10))


def test_a_class_of_one_row_is_no_obstacle():
    y = np.array([0] * 30 + [1] * 30 + [2])
    learn, choose = folds.inner(y, 3, 0.2, 0)
    assert len(learn) + len(choose) == 61
    assert 10 <= len(choose) <= 14


def test_another_seed_is_another_split():
    y = np.random.default_rng(0).normal(size=100)
    first = [test.tolist() for _, test in folds.outer(y, 0, 5, 0)]
    assert first == [test.tolist() for _, test in folds.outer(y, 0, 5, 0)]
    assert first != [test.tolist() for _, test in folds.outer(y, 0, 5, 1)]


@pytest.mark.parametrize("count", [40, 1500])
@pytest.mark.parametrize("classes", [0, 3])
def test_groups_are_whole_and_shares_kept_however_many(count, classes):
    rng = np.random.default_rng(0)
    groups = rng.integers(0, count, 6000)
    y = rng.choice(3, 6000, p=[0.9, 0.08, 0.02]) if classes else rng.lognormal(size=6000)
    tested = []
    for learn, test in folds.outer(y, classes, 5, 0, groups):
        assert not set(groups[learn]) & set(groups[test])
        assert len(test) == pytest.approx(1200, rel=0.2)
        if classes:
            assert np.mean(y[test] == 2) == pytest.approx(0.02, abs=0.012)
        else:
            assert np.quantile(y[test], 0.9) == pytest.approx(np.quantile(y, 0.9), rel=0.2)
        tested.append(test)
    assert sorted(np.concatenate(tested)) == list(range(6000))


def test_the_inner_part_of_groups_holds_every_class():
    groups = np.repeat(np.arange(12), 10)
    y = (groups < 3).astype(int)
    for seed in range(5):
        learn, choose = folds.inner(y, 2, 0.2, seed, groups)
        assert not set(groups[learn]) & set(groups[choose])
        assert set(y[learn]) == set(y[choose]) == {0, 1}
