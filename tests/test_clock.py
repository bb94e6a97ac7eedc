"""Time columns of every kind, as whole steps; and what is no time column."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.training.clock import Grid, read_clock
from lossmith.training.columns import tidy
from lossmith.training.problem import Problem


def clock(times, series=None, **options):
    frame = pd.DataFrame({"t": times} | ({"s": series} if series is not None else {}))
    return read_clock(frame, Problem("y", time="t", series=("s",) if series is not None else ()), **options)


@pytest.mark.parametrize(
    ("times", "word", "cycles"),
    [
        (["2024-01", "2024-02", "2024-03"], "month", (12,)),
        (["2024-01-31", "2024-02-29", "2024-03-31"], "month", (12,)),
        (["2024 Q1", "2024 Q2", "2024 Q3"], "quarter", (4,)),
        (["2020-Q4", "2021-Q1", "2021-Q2"], "quarter", (4,)),
        (["1987 W26", "1987 W27", "1987 W28"], "week", (52,)),
        (["01.03.2024", "02.03.2024", "03.03.2024"], "day", (7, 365)),
        (["2024-01-01 00:00", "2024-01-01 00:30", "2024-01-01 01:00"], "30 minutes", (48, 336)),
        (pd.date_range("2024-01-01", periods=3, freq="h"), "hour", (24, 168)),
        (pd.period_range("2024-01", periods=3, freq="M"), "month", (12,)),
        ([2001, 2002, 2003], "step of 1", ()),
        (["1,000", "1,500", "2,000"], "step of 500", ()),
        ([1.0, 1.5, 2.0], "step of 0.5", ()),
    ],
)
def test_an_even_grid_is_counted_in_its_steps(times, word, cycles):
    found = clock(times)
    assert (found.period.tolist(), found.place.tolist(), found.grid.word, found.grid.cycles) == (
        [0, 1, 2], [0, 1, 2], word, cycles,
    )  # fmt: skip


def test_the_order_of_rows_makes_no_difference():
    days = pd.date_range("2024-01-01", periods=30)
    mixed = np.random.default_rng(0).permutation(30)
    assert clock(days[mixed]).period.tolist() == mixed.tolist()


def test_a_gap_stays_a_gap():
    found = clock([*range(20), *range(21, 40)])
    assert (found.gaps, found.place.max(), found.grid.word) == (1, 39, "step of 1")


def test_weekends_are_no_gaps():
    found = clock(pd.bdate_range("2024-01-01", periods=40))
    assert (found.gaps, found.place.tolist(), found.grid.word) == (0, list(range(40)), "row")


def test_series_begin_when_they_do():
    found = clock(["2024-01", "2024-02", "2024-02", "2024-03"], ["a", "a", "b", "b"])
    assert (found.place.tolist(), found.period.tolist(), found.names) == ([0, 1, 0, 1], [0, 1, 1, 2], ("a", "b"))


def test_two_columns_name_a_series_and_numbers_are_names():
    frame = pd.DataFrame({"t": [1, 1, 2, 2], "s": [1.0, 2.0, 1.0, 2.0], "r": ["x", None, "x", None]})
    found = read_clock(frame, Problem("y", time="t", series=("s", "r")))
    assert (found.names, found.series.tolist()) == (("1 · x", "2 · (missing)"), [0, 1, 0, 1])


def test_rows_in_order_need_no_column():
    frame = pd.DataFrame({"s": list("aabab")})
    found = read_clock(frame, Problem("y", time="row", series=("s",)))
    assert found.place.tolist() == [0, 1, 0, 2, 1]
    named = read_clock(frame.assign(row=[5, 4, 3, 2, 1]), Problem("y", time="row"))  # a column of that name comes first
    assert named.place.tolist() == [4, 3, 2, 1, 0]


def test_new_rows_are_counted_by_the_grid_of_training():
    grid = clock(pd.date_range("2024-01-01", periods=5)).grid
    assert clock(["2024-03-01", "2024-03-03"], grid=grid).place.tolist() == [0, 2]
    with pytest.raises(ValueError, match="a day, as in training"):
        clock(["2024-03-01 00:00", "2024-03-01 12:00"], grid=grid)
    assert clock([3, 9, 4], grid=Grid("row")).place.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["2024-01-01", None], "known in every row. Found 1 missing, first in row 1"),
        (["2024-01-01", "soon"], "Found 'soon' in row 1"),
        ([1.0, np.inf], "Found 'inf' in row 1"),
        ([True, False], "dates or numbers"),
        (["2024-13-01", "2024-01-01"], "Found '2024-13-01' in row 0"),
        (["2024 W60", "2024 W01"], "Found '2024 W60'"),
        (["2024-01-01", "2024-01-01"], r"in rows 0 and 1.*Try `--series`"),
    ],
)
def test_what_is_no_time_is_refused(times, words):
    with pytest.raises(ValueError, match=words):
        clock(times)


def test_a_time_twice_in_a_series_is_named():
    with pytest.raises(ValueError, match="rows 0 and 2 of series 'a', and 1 such"):
        clock([1, 1, 1], ["a", "b", "a"])


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=40, unique=True))
def test_later_is_never_earlier(times):
    found = clock(times)
    order = np.argsort(times)
    assert (np.diff(found.period[order]) > 0).all()
    assert (np.diff(found.place[order]) > 0).all()
    assert found.place.min() == found.period.min() == 0


def test_days_first_are_dates_and_points_between_thousands_are_numbers():
    assert tidy(pd.Series(["01.03.2024", "02.03.2024"])).tolist() == ["01.03.2024", "02.03.2024"]
    assert tidy(pd.Series(["1.836,5", "12.000", "7,25"])).tolist() == [1836.5, 12000.0, 7.25]
