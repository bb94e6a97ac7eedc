"""The regret benchmark's figures, against numbers worked out by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from benchmarks.regret.__main__ import _picked
from benchmarks.regret.figures import binomial, regrets, summary
from benchmarks.regret.policies import POLICIES, asked, guided
from benchmarks.regret.sets import hold_out

import sample_verdict


def scores(first, second, whole=None):
    """One number per seed on each half of the test rows."""
    both = whole or [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    return {"first": first, "second": second, "score": both, "plain": both}


def a_set(truth, picks=None, **more):
    chosen = dict.fromkeys(POLICIES, "a") | (picks or {})
    base = {"name": "t", "task": "regression", "metric": "mae", "higher_is_better": False, "trivial_score": 10.0}
    told = {"reference": "a", "gain": None, "differences": {}, "seconds": 3.0, "folds": 10}
    return base | told | {"truth": truth, "picks": chosen} | more


def difference(mean, low, high, conclusion):
    return {"mean": mean, "low": low, "high": high, "conclusion": conclusion, "detectable": 1.4 * (high - mean)}


def test_regret_is_the_share_lost_to_hindsight():
    truth = {"a": scores([2.0] * 4, [2.0] * 4), "b": scores([2.5] * 4, [2.5] * 4)}
    found = regrets(a_set(truth, {"default": "b"}))
    assert found["default"] == pytest.approx(25.0)
    assert found["lossmith"] == pytest.approx(0.0)
    assert found["noise_floor"] == pytest.approx(0.0)


def test_hindsight_is_scored_on_rows_and_seeds_it_did_not_pick_by():
    """On the first half `a` looks best, on the second `b`: picked on the one, each is scored on the other."""
    truth = {"a": scores([1.0] * 4, [3.0] * 4), "b": scores([2.0] * 4, [2.0] * 4)}
    found = regrets(a_set(truth, {"default": "b"}))
    # picked on the first half: a, worth 3 on the second; on the second: b, worth 2 on the first. Mean 2.5.
    assert found["lossmith"] == pytest.approx(100 * (2.0 - 2.5) / 2.5)
    assert found["noise_floor"] == pytest.approx(100 * (2.5 - 1.5) / 2.5)


def test_a_tiny_error_counts_as_a_hundredth_of_the_trivial_one():
    truth = {"a": scores([0.0] * 4, [0.0] * 4), "b": scores([0.05] * 4, [0.05] * 4)}
    assert regrets(a_set(truth, {"default": "b"}))["default"] == pytest.approx(100 * 0.05 / 0.1)


def test_higher_is_better_is_turned_into_what_lacks_to_one():
    truth = {"a": scores([0.8] * 4, [0.8] * 4), "b": scores([0.7] * 4, [0.7] * 4)}
    row = a_set(truth, {"default": "b"}, higher_is_better=True, trivial_score=0.5, task="binary")
    assert regrets(row)["default"] == pytest.approx(50.0)


def test_a_pick_that_fails_with_fresh_seeds_is_as_bad_as_the_trivial_prediction():
    truth = {"a": scores([2.0] * 4, [2.0] * 4), "b": scores([None] * 4, [None] * 4, [None] * 4)}
    assert regrets(a_set(truth, {"default": "b"}))["default"] == pytest.approx(100 * (10.0 - 2.0) / 2.0)


def test_honesty_is_counted_against_the_fresh_test():
    truth = {key: scores([value] * 4, [value] * 4) for key, value in {"a": 2.0, "b": 2.5, "c": 1.92, "d": 2.01}.items()}
    told = {
        "b": difference(-0.4, -0.6, -0.2, "worse"),  # truly -0.5: a large gap, detected, covered
        "c": difference(-0.2, -0.3, -0.1, "worse"),  # truly +0.08: the wrong sign, not covered, below 5 %
        "d": difference(0.0, -0.1, 0.1, "no_measurable_difference"),
        "a": None,
    }
    gain = {"over": "b", "mean": 0.6, "low": 0.5, "high": 0.7, "relative": 0.24}
    report = summary([a_set(truth, {"default": "b"}, differences=told, gain=gain)])
    assert report["wrong_sign"] == [1, 2]
    assert report["coverage"] == [2, 3]
    assert report["detected_gaps_5pct"] == [1, 1]
    assert report["detected_sure_gaps_5pct"] == [1, 1]
    assert report["detected_detectable_gaps"] == [1, 1]  # b's; c's 0.08 lies below the 0.14 that could be found
    assert report["claimed_minus_realised"] == pytest.approx(24.0 - 20.0)
    assert report["summary"]["lossmith"]["worse_than_default_1pct"] == 0
    assert report["summary"]["lossmith"]["sets"] == 1
    assert report["summary"]["default"]["mean_regret_classification"] is None


def test_a_policy_worse_than_the_default_is_counted():
    truth = {"a": scores([2.0] * 4, [2.0] * 4), "b": scores([2.04] * 4, [2.04] * 4)}
    found = summary([a_set(truth, {"lossmith": "b"})])["summary"]["lossmith"]
    assert (found["worse_than_default_1pct"], found["worse_than_default_5pct"]) == (1, 0)


def test_counts_come_with_an_exact_binomial_interval():
    assert binomial([0, 0]) == "none"
    assert binomial([1, 20]).startswith("1 of 20 (5 %, 95 % interval 0 to 25 %)")


def test_the_test_rows_are_never_seen(tmp_path):
    table = pd.DataFrame({"x": np.random.default_rng(0).normal(size=90), "y": ["a", "b", "c"] * 30})
    table.to_csv(tmp_path / "t.csv", index=False)
    row = {"name": "t", "file": "t.csv", "target": "y", "task": "multiclass", "metric": "accuracy"}
    held = hold_out(row, tmp_path, 5000)
    assert (len(held.seen), len(held.test)) == (60, 30)
    assert not set(held.seen["x"]) & set(held.test["x"])
    assert set(held.test["y"]) == {"a", "b", "c"}
    assert len(hold_out(row, tmp_path, 20).seen) == 20


def test_a_group_is_on_one_side_only(tmp_path):
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {"x": random.normal(size=90), "who": random.integers(12, size=90), "y": random.normal(size=90)}
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    row = {"name": "t", "file": "t.csv", "target": "y", "task": "regression", "metric": "mae", "group": "who"}
    held = hold_out(row, tmp_path, 5000)
    assert not set(held.seen["who"]) & set(held.test["who"])
    assert 40 <= len(held.seen) <= 60
    assert len(held.seen) + len(held.test) == 90


def test_of_a_series_the_end_is_held_out(tmp_path):
    months = pd.date_range("2010-01-01", periods=60, freq="MS").astype(str)
    table = pd.DataFrame({"month": [*months, *months], "shop": ["a"] * 60 + ["b"] * 60, "y": np.arange(120.0)})
    table.to_csv(tmp_path / "t.csv", index=False)
    row = {"name": "t", "file": "t.csv", "target": "y", "task": "time_series", "metric": "mae", "time": "month"}
    held = hold_out(row | {"series": ["shop"], "suggested_horizon": 3}, tmp_path, 5000)
    assert held.problem.horizon == 3
    assert held.seen["month"].max() < held.test["month"].min()
    assert (len(held.seen), len(held.test)) == (80, 40)
    assert len(hold_out(row | {"series": ["shop"]}, tmp_path, 40).seen) == 40


def test_the_guide_is_told_simple_facts_only():
    verdict = sample_verdict.binary()
    question = asked(verdict.profile)
    assert (question.task, question.metric) == ("binary", verdict.profile.problem.metric)
    counts = verdict.profile.target["counts"].values()
    uneven = max(counts) > 3 * min(counts)
    assert question.imbalance == (pytest.approx(min(counts) / sum(counts), abs=1e-3) if uneven else None)
    assert guided(verdict.profile)[0] == "binary_cross_entropy_loss"


def test_picks_of_a_finished_set_are_made_anew_from_what_is_kept(tmp_path):
    verdict = sample_verdict.binary()
    ids = [standing.candidate.id for standing in verdict.standings]
    (tmp_path / "verdict.json").write_text(json.dumps(verdict.to_json()))
    (tmp_path / "shortlist.json").write_text(json.dumps([{"id": key} for key in ids]))
    row = a_set(dict.fromkeys(ids, scores([1.0] * 4, [1.0] * 4)), {"lossmith": "an old pick"})
    found = _picked(row, tmp_path, None)["picks"]
    assert set(found) == set(POLICIES)
    assert found["lossmith"] == verdict.recommended
    assert found["guide"] in ids
    assert _picked(row, tmp_path / "nowhere", None) == row
