"""Forecasts end to end: what is refused, what is told, and what is claimed."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lossmith
from lossmith.advisor.data import read
from lossmith.advisor.diebold_mariano import AtOrigin, over_time
from lossmith.advisor.history import with_past
from lossmith.advisor.profile import profile
from lossmith.advisor.verdict import Verdict
from lossmith.registry import metric
from lossmith.training.problem import Problem
from running import lighten, run


def monthly(months=120, seed=0):
    rng, t = np.random.default_rng(seed), np.arange(months)
    sales = (100.0 + t) * (1.0 + 0.3 * np.sin(t * 2 * np.pi / 12)) + rng.normal(size=months) * 3
    return pd.DataFrame({"month": pd.date_range("2010-01-01", periods=months, freq="MS").astype(str), "sales": sales})


def shops(days=90, seed=0):
    rng = np.random.default_rng(seed)
    frames = []
    for place, size in enumerate([5.0, 100.0, 2000.0]):
        sold = size * np.exp(0.3 * rng.normal(size=days) + 0.4 * np.sin(np.arange(days) * 2 * np.pi / 7))
        day = pd.date_range("2023-01-01", periods=days)
        frames.append(
            pd.DataFrame({"day": day, "shop": f"shop {place}", "promo": rng.random(days) < 0.2, "sold": sold})
        )
    return pd.concat(frames).sample(frac=1.0, random_state=seed).reset_index(drop=True)


@pytest.fixture
def light(monkeypatch):
    lighten(monkeypatch)


def test_a_forecast_ends_in_a_verdict(light, tmp_path):
    verdict = lossmith.advise(
        monthly(), target="sales", time="month", horizon=3, metric="mape", budget=None, jobs=1, out=tmp_path
    )
    assert (verdict.profile.problem.task, verdict.folds, verdict.fold) == ("forecast", 10, "origin")
    assert verdict.profile.history["seasons"] == [12]
    assert verdict.naive.name == "value 12 steps before"
    assert set(verdict.naive.others) == {"last value"}
    assert verdict.starts == (80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120)
    assert "10 origins" in verdict.sentence
    assert Verdict.from_json(json.loads((tmp_path / "verdict.json").read_text())) == Verdict.from_json(
        json.loads(json.dumps(verdict.to_json()))
    )
    reference = verdict.standing(verdict.reference)
    for standing in verdict.standings:
        if standing.difference:  # the mean of all periods is that of all origins: what is shown adds up
            assert standing.difference.mean == pytest.approx(reference.score - standing.score)
    own = verdict.standing(verdict.recommended).score
    assert verdict.naive.mean == pytest.approx(verdict.naive.score - own)


@pytest.mark.parametrize("name", ["mase", "rmse", "smape", "medae", "pinball@0.9", "poisson_deviance", "rmsle"])
def test_every_kind_of_metric_can_judge_a_forecast(light, name):
    verdict = lossmith.advise(
        shops(), target="sold", time="day", series=["shop"], metric=name, folds=3, budget=None, jobs=1,
        losses=["squared_error_loss"],
    )  # fmt: skip
    assert verdict.folds == 3
    for standing in verdict.standings:
        assert standing.score > 0
        if standing.difference:
            gap = verdict.standing(verdict.reference).score - standing.score
            assert standing.difference.mean == pytest.approx(gap)
    assert any("'promo'" in notice.message for notice in verdict.profile.warnings)


def test_mase_is_the_mean_of_misses_in_the_unit_of_each_series():
    frame = shops()
    data = with_past(read(frame, Problem("sold", time="day", series=("shop",), horizon=7)))
    scaled = data.past.in_misses()
    y = data.frame["sold"].to_numpy()
    forecast = data.past.naive["last value"]
    by_hand = np.mean(np.abs(y - forecast) / data.past.miss)
    assert metric("mase")(y / data.past.miss, scaled.naive["last value"]) == pytest.approx(by_hand)
    assert len(set(data.past.miss)) == 3


def test_rows_without_target_or_past_are_told_and_their_lags_filled():
    frame = monthly()
    frame.loc[[40, 41], "sales"] = np.nan
    data = with_past(read(frame.drop(index=[60]), Problem("sales", time="month", horizon=2)))
    found = {notice.code: notice for notice in profile(data).warnings}
    assert found["missing_target"].rows == (40, 41)
    assert "2 rows" in found["no_past"].message
    assert "1 step of a month hold" in found["gaps"].message
    assert profile(data).dropped_rows == 4
    assert len(data.frame) == 115
    assert np.isfinite(data.past.anchor.value).all()


def test_columns_are_named_for_where_they_come_from():
    found = {
        column.name: column
        for column in profile(with_past(read(shops(), Problem("sold", time="day", series=("shop",))))).columns
    }
    assert found["sold: lag 2"].why == "made from the past or the calendar"
    assert (found["day: weekday"].kind, found["shop"].kind) == ("category", "category")
    assert "day" not in found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time": "when"}, "no 'when'"),
        ({"time": "month", "series": ["shop"]}, "no 'shop'"),
        ({"time": "sales"}, "columns of their own"),
        ({"time": "month", "series": ["month"]}, "columns of their own"),
        ({"time": "month", "horizon": 0}, "1 step or more"),
        ({"time": "month", "horizon": 1.5}, "a whole number. Found 1.5"),
        ({"time": "month", "horizon": 120}, "less than the longest series. Found 120 steps of 120"),
        ({"time": "month", "task": "count"}, "makes the task a forecast"),
        ({"time": "month", "positive": "a"}, "of numbers"),
        ({"time": "month", "levels": ["1", "2"]}, "of numbers"),
        ({"time": "month", "repeats": 2}, "`repeats` should be 1"),
        ({"time": "month", "group": ["month"]}, "--series"),
        ({"time": "month", "metric": "log_loss"}, "should judge a binary or multiclass"),
        ({"series": ["month"]}, "Found --series alone"),
        ({"horizon": 3}, "Found --horizon alone"),
        ({"task": "forecast"}, "Found --task forecast alone"),
        ({"metric": "mase"}, "should judge a forecast"),
    ],
)
def test_what_makes_no_forecast_is_refused_in_one_line(options, words):
    with pytest.raises(ValueError, match=words) as refused:
        lossmith.advise(monthly(), target="sales", **options)
    assert "\n" not in str(refused.value)


def test_words_are_no_target_of_a_forecast():
    frame = monthly().assign(sales=lambda f: np.where(f["sales"] > 150, "high", "low"))
    with pytest.raises(ValueError, match=r"should hold numbers to be forecast. Found 'low'"):
        lossmith.advise(frame, target="sales", time="month")


@pytest.mark.parametrize(("months", "origins"), [(12, 0), (24, 0), (40, 4), (60, 6)])
def test_short_series_get_fewer_origins_or_none(light, months, origins):
    verdict = lossmith.advise(monthly(months), target="sales", time="month", metric="mae", budget=None, jobs=1)
    assert verdict.planned_folds == origins
    told = " ".join(verdict.warnings)
    assert ("nothing is trained" if origins == 0 else f"{origins} origins instead of 10") in told


def test_a_series_alone_needs_no_other_column(light):
    frame = pd.DataFrame({"sales": monthly()["sales"]})
    verdict = lossmith.advise(frame, target="sales", time="row", metric="mae", folds=3, budget=None, jobs=1)
    assert verdict.folds == 3


@pytest.mark.parametrize("name", ["mae", "rmse"])
def test_the_difference_over_time_is_that_of_the_scores(name):
    rng = np.random.default_rng(0)
    judged, root = metric(name), metric(name).metric.root

    def forecast(spread):
        errors = [spread * rng.random(size=12) for _ in range(5)]
        return [AtOrigin(float(np.sqrt(e.mean()) if root else e.mean()), tuple(e)) for e in errors]

    ours, theirs = forecast(2.0), forecast(1.5)
    gaps = [a.score - b.score for a, b in zip(ours, theirs, strict=True)]
    assert over_time(ours, theirs, judged, 1).mean == pytest.approx(np.mean(gaps))
    assert over_time(ours, theirs, judged, 1, without=2).mean == pytest.approx(np.mean(np.delete(gaps, 2)))
    assert over_time(ours, theirs[:3], judged, 1).mean == pytest.approx(np.mean(gaps[:3]))
    whole = over_time([AtOrigin(a.score) for a in ours], theirs, judged, 1)
    assert whole.mean == pytest.approx(np.mean(gaps))


def test_over_a_random_walk_nothing_beats_the_last_value(light):
    """Nor is any loss claimed to be better than another: none of eight walks, at one claim in twenty comparisons."""
    claims, beaten = 0, 0
    for seed in range(8):
        walk = pd.DataFrame({"y": np.random.default_rng(seed).normal(size=200).cumsum()})
        verdict = lossmith.advise(
            walk, target="y", time="row", metric="mae", budget=None, jobs=1, losses=["absolute_error_loss"], seed=seed
        )
        claims += sum(s.difference.conclusion in ("better", "worse") for s in verdict.standings if s.difference)
        beaten += verdict.naive.low > 0.0
        if verdict.naive.low <= 0.0:
            assert any("without any network, the last value" in warning for warning in verdict.warnings)
    assert stats.binomtest(claims, 8, 0.05, alternative="greater").pvalue > 0.01
    assert stats.binomtest(beaten, 8, 0.05, alternative="greater").pvalue > 0.01


def test_the_command_line_forecasts(tmp_path):
    shops(40).to_csv(tmp_path / "shops.csv", index=False)
    code, out, err = run(
        "advise", tmp_path / "shops.csv", "--target", "sold", "--time", "day", "--series", "shop", "--horizon", "2",
        "--metric", "mae", "--folds", "3", "--budget", "2s", "--out", tmp_path / "out",
    )  # fmt: skip
    assert (code, "Traceback" in err) == (0, False)
    assert "origins" in out
    code, _, err = run("advise", tmp_path / "shops.csv", "--target", "sold", "--time", "day", "--out", tmp_path / "o2")
    assert code == 2
    assert "Try `--series`" in " ".join(err.split())


def test_a_resumed_forecast_is_the_same(light, tmp_path):
    asked = {"target": "sales", "time": "month", "metric": "rmse", "folds": 3, "budget": None, "jobs": 1}
    whole = lossmith.advise(monthly(), out=tmp_path, **asked)
    lines = (tmp_path / "trials.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "trials.jsonl").write_text("".join(lines[: len(lines) // 2]))
    again = lossmith.advise(monthly(), out=tmp_path, resume=True, **asked)
    for old, new in zip(whole.standings, again.standings, strict=True):
        assert (old.candidate.id, old.score, old.difference) == (new.candidate.id, new.score, new.difference)
    assert again.naive == whole.naive
