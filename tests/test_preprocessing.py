"""Features: finite whatever comes in, learned from the training rows alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.training import preprocessing

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e-320, -5e-324, 1e100, -1e100, 1.7e308, -1.7e308, 3.5, 3.5000000001]
ENTRY = st.one_of(st.sampled_from(ODD), st.floats(width=64), st.integers(-3, 3).map(float))
COLUMN = st.lists(ENTRY, min_size=6, max_size=6)
WORD = st.one_of(st.none(), st.sampled_from(["a", "b", "", "(missing)", "ü", "1"]), st.text(max_size=3))
DATE = st.one_of(
    st.none(), st.sampled_from(["2020-01-01", "2020/02/03", "2021-12-31T23:59:59Z", "1677-01-01", "9999-12-31", "x"])
)
KINDS = {"n": "number", "m": "number", "w": "category", "d": "date"}


def numeric(values, fit_on=slice(None)) -> np.ndarray:
    """The first column of a number column's features."""
    frame = pd.DataFrame({"n": values})
    fitted = preprocessing.build({"n": "number"}).fit(frame.iloc[fit_on])
    return preprocessing.transform(fitted, frame)[:, 0]


@given(COLUMN, COLUMN, st.lists(WORD, min_size=6, max_size=6), st.lists(DATE, min_size=6, max_size=6))
def test_nothing_but_finite_numbers_comes_out(n, m, w, d):
    frame = pd.DataFrame({"n": n, "m": m, "w": pd.Series(w, dtype="str"), "d": pd.Series(d, dtype="str")})
    fitted = preprocessing.build(KINDS).fit(frame.iloc[:3])
    x = preprocessing.transform(fitted, frame)
    assert x.dtype == np.float32
    assert x.shape[0] == 6
    assert np.isfinite(x).all()
    assert np.abs(x).max() < 3


@given(COLUMN)
def test_larger_stays_larger_or_equal(values):
    values = np.array(values)
    values[~np.isfinite(values)] = 0.0
    assert (np.diff(numeric(values)[np.argsort(values, kind="stable")]) >= 0).all()


@given(st.lists(ENTRY, min_size=2, max_size=2), st.lists(WORD, min_size=2, max_size=2))
def test_test_rows_do_not_change_how_training_rows_look(numbers, words):
    train = {"n": [1.0, 2.0, 5.0, np.nan], "w": ["a", "b", "a", None]}
    frames = [
        pd.DataFrame({"n": [*train["n"], *n], "w": pd.Series([*train["w"], *w], dtype="str")})
        for n, w in ((numbers, words), ([0.0, 0.0], ["a", "a"]))
    ]
    kinds = {"n": "number", "w": "category"}
    one, other = (
        preprocessing.transform(preprocessing.build(kinds).fit(frame.iloc[:4]), frame)[:4] for frame in frames
    )
    np.testing.assert_array_equal(one, other)


def test_the_median_becomes_0_and_the_quartile_range_1():
    x = np.linspace(-50.0, 50.0, 101) + 7.0
    z = numeric(x)
    assert z[50] == 0.0
    inner = np.abs(z) < 0.1
    np.testing.assert_allclose(z[inner], ((x - 7.0) / 50.0)[inner], rtol=1e-3)


def test_an_enormous_outlier_lies_far_out_and_not_in_the_middle():
    """x / sqrt(1 + x²) overflows to 0 beyond 1e154."""
    x = np.array([0.0, 1.0, 2.0, 3.0, 1e80, 1e200, 1.7e308])
    z = numeric(x, fit_on=slice(0, 4))
    assert (z[4:] > 2.99).all()


def test_a_spike_with_a_few_other_values_is_scaled_by_its_range():
    z = numeric([0.0] * 20 + [10.0])
    assert (z[:20] == 0.0).all()
    assert 0 < z[20] < 3


def test_missing_numbers_get_the_median_and_a_mark():
    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0, np.nan, np.inf]})
    fitted = preprocessing.build({"n": "number"}).fit(frame)
    x = preprocessing.transform(fitted, frame)
    assert x.shape == (5, 2)
    assert (x[3] == x[4]).all()
    assert x[3, 0] == x[1, 0]
    assert x[3, 1] != x[1, 1]


def test_a_column_missing_throughout_the_training_rows_is_harmless():
    frame = pd.DataFrame({"n": [np.nan, np.nan, 5.0], "d": pd.Series([None, None, "2020-01-01"], dtype="str")})
    fitted = preprocessing.build({"n": "number", "d": "date"}).fit(frame.iloc[:2])
    assert np.isfinite(preprocessing.transform(fitted, frame)).all()


def test_rare_and_unseen_categories_share_a_column():
    train = pd.DataFrame({"w": pd.Series(["a"] * 5 + ["b"] * 5 + ["rare"], dtype="str")})
    fitted = preprocessing.build({"w": "category"}).fit(train)
    rows = pd.DataFrame({"w": pd.Series(["a", "b", "rare", "new"], dtype="str")})
    x = preprocessing.transform(fitted, rows)
    assert x.shape == (4, 3)
    assert x.sum() == 4
    assert (x[2] == x[3]).all()
    assert preprocessing.unseen(fitted, rows) == {"w": ["new"]}


def test_many_categories_stay_few_columns():
    words = [f"word{place}" for place in range(200) for _ in range(2)]
    fitted = preprocessing.build({"w": "category"}).fit(pd.DataFrame({"w": pd.Series(words, dtype="str")}))
    x = preprocessing.transform(fitted, pd.DataFrame({"w": pd.Series(words, dtype="str")}))
    assert x.shape[1] <= preprocessing.MAX_CATEGORIES


def test_a_missing_category_is_a_category():
    train = pd.DataFrame({"w": pd.Series(["a", None] * 5, dtype="str")})
    fitted = preprocessing.build({"w": "category"}).fit(train)
    assert preprocessing.unseen(fitted, train) == {}
    x = preprocessing.transform(fitted, train)
    assert (x[0] != x[1]).any()


def test_truth_values_are_two_categories():
    train = pd.DataFrame({"w": [True, False] * 4})
    x = preprocessing.transform(preprocessing.build({"w": "category"}).fit(train), train)
    assert x.shape == (8, 2)
    assert (x[0] == 1 - x[1]).all()


@pytest.mark.parametrize("first", ["2020-06-15", "2020-06-15T12:00:00Z", "2020/06/15"])
def test_a_date_means_the_same_beside_dates_written_otherwise(first):
    """pandas takes the first entry's format for all: "2020-06-15 12:00" after "2020-01-01" would be lost."""
    train = pd.DataFrame({"d": pd.Series(["2020-01-01", "2020-03-01", "2021-01-01"], dtype="str")})
    fitted = preprocessing.build({"d": "date"}).fit(train)
    probe = "2020-06-15 12:00"
    alone = preprocessing.transform(fitted, pd.DataFrame({"d": pd.Series([probe], dtype="str")}))[0]
    beside = preprocessing.transform(fitted, pd.DataFrame({"d": pd.Series([first, probe], dtype="str")}))[1]
    np.testing.assert_array_equal(alone, beside)
    stamp = preprocessing.transform(fitted, pd.DataFrame({"d": pd.to_datetime([probe])}))[0]
    np.testing.assert_array_equal(alone, stamp)


def test_dates_carry_trend_and_season():
    days = pd.DataFrame({"d": pd.date_range("2020-01-01", "2023-12-31", freq="D")})
    x = preprocessing.transform(preprocessing.build({"d": "date"}).fit(days), days)
    assert (np.diff(x[:, 0]) > 0).all()
    np.testing.assert_allclose(x[0, 1:3], x[366, 1:3], atol=0.05)  # a year later the season is the same


def test_columns_of_other_kinds_are_left_out():
    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0], "id": [1, 2, 3], "text": ["a b", "c d", "e f"]})
    fitted = preprocessing.build({"n": "number", "id": "id", "text": "text"}).fit(frame)
    assert preprocessing.transform(fitted, frame).shape == (3, 1)
    assert preprocessing.unseen(fitted, frame) == {}
