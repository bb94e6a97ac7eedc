"""What is known before a row: never the future, the right lags, cycles that are there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossmith.training.clock import read_clock
from lossmith.training.past import Recipe, Timeline, is_made, learn, look_back, table
from lossmith.training.problem import Problem
from lossmith.training.seasons import find_seasons


def made(rows=80, series=1, seed=0):
    """Clock and target of some series, in mixed order."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"t": np.tile(np.arange(rows), series), "s": np.repeat(np.arange(series), rows)})
    frame = frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
    frame["y"] = 10.0 * frame["s"] + rng.normal(size=len(frame)).cumsum()
    return read_clock(frame, Problem("y", time="t", series=("s",))), frame["y"].to_numpy()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.sampled_from([(), (4,), (7, 12)]), st.integers(0, 1000), st.integers(20, 70))
def test_nothing_later_than_the_horizon_before_is_seen(horizon, seasons, seed, period):
    """Whatever happens after the origin of a row's forecast, the row looks the same."""
    clock, y = made(series=2, seed=seed)
    recipe = Recipe(
        horizon, seasons, max(horizon, *(s * -(-horizon // s) for s in seasons), 0), 1.0, {"0": 2.0, "": 3.0}
    )
    changed = np.where(clock.period > period - horizon, np.random.default_rng(seed).normal(size=len(y)) * 99, y)
    rows = clock.period <= period
    before, after = look_back(recipe, clock, y).taken(rows), look_back(recipe, clock, changed).taken(rows)
    pd.testing.assert_frame_equal(before.features, after.features, rtol=1e-9)
    np.testing.assert_array_equal(before.anchor.value, after.anchor.value)
    np.testing.assert_allclose(before.anchor.unit, after.anchor.unit, rtol=1e-9)  # sums are rounded
    for name in before.naive:
        np.testing.assert_array_equal(before.naive[name], after.naive[name])


def test_what_is_learned_is_learned_before_the_first_origin():
    clock, y = made(series=3)
    changed = np.where(clock.period >= 48, 1e6 * np.random.default_rng(1).normal(size=len(y)), y)
    assert learn(clock, y, 3, 48, True) == learn(clock, changed, 3, 48, True)


def test_lags_and_means_are_pandas_own():
    clock, y = made(series=2)
    y = np.where(np.random.default_rng(3).random(len(y)) < 0.1, np.nan, y)
    line = Timeline(clock, y)
    frame = pd.DataFrame({"s": clock.series, "t": clock.place, "y": y}).sort_values(["s", "t"])
    of_series = frame.groupby("s")["y"]
    wanted = {
        "lag": of_series.shift(5),
        "last": of_series.ffill().groupby(frame["s"]).shift(2),
        "mean": of_series.shift(2).groupby(frame["s"]).transform(lambda v: v.rolling(4, min_periods=1).mean()),
    }
    found = {"lag": line.lag(5), "last": line.last(2), "mean": line.mean(2, 4)}
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name][line.rows], values.sort_index().to_numpy(), err_msg=name)


def test_level_and_size_of_a_series_do_not_show():
    """The same series in other units: the same departures, so that one network serves them all."""
    clock, y = made()
    recipe = Recipe(2, (6,), 2)
    plain, scaled = look_back(recipe, clock, y), look_back(recipe, clock, 1000.0 * y + 5e4)
    kept = [name for name in plain.features if name not in ("level", "usual miss")]
    known = clock.period > 20
    np.testing.assert_allclose(plain.features[kept][known], scaled.features[kept][known], atol=1e-6)


def test_the_naive_forecast_with_the_smaller_past_misses_is_the_anchor():
    t = np.arange(120)
    clock = read_clock(pd.DataFrame({"t": pd.date_range("2010-01-01", periods=120, freq="MS")}), Problem("y", time="t"))
    rng = np.random.default_rng(0)
    seasonal = learn(clock, 10 * np.sin(t * 2 * np.pi / 12) + rng.normal(size=120), 3, 72, False)
    assert (seasonal.seasons, seasonal.naive, seasonal.words(12)) == ((12,), 12, "value 12 steps before")
    walk = learn(clock, rng.normal(size=120).cumsum(), 3, 72, False)
    assert (walk.naive, walk.words(3)) == (3, "last value")


def test_a_miss_of_mase_is_that_of_the_naive_forecast_before_the_first_origin():
    clock, y = made(rows=50, series=2)
    recipe = learn(clock, y, 1, 30, True)
    for place, name in enumerate(clock.names):
        rows = (clock.series == place) & (clock.period < 30)
        of_series = y[rows][np.argsort(clock.place[rows])]
        lag = recipe.seasons[0] if recipe.seasons else 1
        assert recipe.misses[name] == pytest.approx(np.abs(of_series[lag:] - of_series[:-lag]).mean())


@pytest.mark.parametrize("length", [4, 7, 24])
def test_a_cycle_is_found_with_and_without_a_calendar(length):
    t = np.arange(20 * length)
    values = np.sin(t * 2 * np.pi / length) + 0.1 * np.random.default_rng(length).normal(size=len(t)) + 0.05 * t
    assert find_seasons([values], (length,))[0] == length
    assert find_seasons([values], ())[0] % length == 0


def test_noise_has_no_cycle():
    """A calendar's cycle is looked at alone, and lies above two standard errors in one case of forty."""
    rng = np.random.default_rng(0)
    walks = [rng.normal(size=300).cumsum() for _ in range(200)]
    assert sum(bool(find_seasons([walk], ())) for walk in walks) <= 4
    assert sum(bool(find_seasons([walk], (7,))) for walk in walks) <= 20


@pytest.mark.parametrize("values", [np.zeros(50), np.full(50, np.nan), np.arange(3.0), np.array([])])
def test_no_cycle_in_nothing(values):
    assert find_seasons([values], (7, 12)) == ()


def test_made_columns_never_hide_given_ones():
    clock, y = made(rows=30)
    problem = Problem("y", time="t", series=("s",))
    frame = pd.DataFrame({"t": clock.place, "s": clock.series, "y": y, "y: level": 1.0, "x": 2.0})
    columns = table(frame, problem, look_back(Recipe(1), clock, y))
    assert {"x", "s", "y: level", "y: level (made)"} <= set(columns)
    assert not {"t", "y"} & set(columns)
    assert is_made("y: level (made)", problem)
    assert not is_made("x", problem)
