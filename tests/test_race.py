"""The race drops who is clearly behind, hardly ever anyone else, and the verdict lives with what was dropped."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import lossmith
from lossmith import registry
from lossmith.advisor import pipeline, race
from lossmith.advisor.judge import judge
from lossmith.advisor.trials import Plan
from running import LIGHT, numbers
from test_judge import CANDIDATES, FOLDS, a_profile, make, scores

MAE = registry.metric("mae")


def test_a_hopeless_candidate_is_dropped_at_the_first_look():
    shared = np.array([10.0, 12.0, 9.0, 11.0])
    errors = {"a": shared, "b": shared + 0.01, "c": shared + np.array([4.0, 4.1, 3.9, 4.0])}
    assert race.behind(errors, (), MAE, 10, 10) == ["c"]
    assert race.behind(errors, ("c",), MAE, 10, 10) == []
    assert race.behind({key: value[:3] for key, value in errors.items()}, (), MAE, 10, 10) == []


def test_nobody_leaves_before_the_verdict_on_it_is_certain():
    """Behind the leader, but so far not surely behind the reference beside nine rivals: it runs on."""
    shared = np.array([10.0, 12.0, 9.0, 11.0])
    errors = {"a": shared, "b": shared + 0.01, "c": shared + np.array([3.2, 5.1, 3.9, 4.0])}
    assert race.behind(errors, ("b",), MAE, 10, 10) == ["c"]
    assert race.behind(errors, ("b",), MAE, 10, 10, reference="b", rivals=9) == []
    surer = {key: np.concatenate([values] * 2) for key, values in errors.items()}
    assert race.behind(surer, ("b",), MAE, 10, 10, reference="b", rivals=9) == ["c"]


def test_a_certain_but_tiny_disadvantage_drops_nobody():
    shared = np.array([10.0, 12.0, 9.0, 11.0])
    assert race.behind({"a": shared, "b": shared + 0.05}, (), MAE, 10, 10) == []


def test_an_equal_candidate_is_dropped_in_few_races():
    """Under the null the error of all looks together stays below 5 % for each candidate."""
    rng, races, dropped = np.random.default_rng(1), 400, 0
    for _ in range(races):
        values = 10.0 + rng.normal(size=(2, FOLDS))
        looks = [race.behind(dict(zip("ab", values[:, :n], strict=True)), (), MAE, FOLDS, FOLDS) for n in (4, 6, 8)]
        dropped += any(looks)
    assert stats.binomtest(dropped, races, 0.05, alternative="greater").pvalue > 0.01


def test_the_verdict_on_a_dropped_candidate_rests_on_the_folds_it_ran():
    full = scores([0.0, 3.0, 0.1])
    trials = make({**full, "huber_loss": full["huber_loss"] + 5.0})
    kept = tuple(row for row in trials.rows if row.candidate != "huber_loss" or row.fold < 4)
    verdict = judge(replace(trials, rows=kept, dropped={"huber_loss": 4}), a_profile())
    standing = verdict.standing("huber_loss")
    assert verdict.folds == FOLDS
    assert standing.dropped_after == 4
    assert len(standing.fold_scores) == 4
    assert standing.difference.conclusion == "worse"
    reference = np.array(verdict.standing("absolute_error_loss").fold_scores)
    expected = np.mean(standing.fold_scores) + reference.mean() - reference[:4].mean()
    assert standing.score == pytest.approx(expected)
    again = lossmith.Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert again.standing("huber_loss").dropped_after == 4


def test_a_dropped_candidate_is_never_recommended():
    full = scores([0.0, 1.0, -3.0])
    trials = make(full)
    kept = tuple(row for row in trials.rows if row.candidate != "huber_loss" or row.fold < 4)
    verdict = judge(replace(trials, rows=kept, dropped={"huber_loss": 4}), a_profile())
    assert verdict.recommended == "absolute_error_loss"


@pytest.fixture
def one_fold_a_stack(monkeypatch):
    """Networks large enough to be trained fold by fold, as on larger tables."""
    large = replace(LIGHT, hidden=(256, 256))
    monkeypatch.setattr(pipeline, "Plan", lambda *a: Plan(*a, settings=large))


def test_a_race_saves_trials_and_a_resumed_one_is_the_same(one_fold_a_stack, tmp_path):
    frame = numbers(4000)
    frame["y"] = np.exp(frame["y"])  # skewed: losses differ by far
    ask = {"target": "y", "metric": "mae", "budget": None, "jobs": 1}
    whole = lossmith.advise(frame, **ask, out=tmp_path / "a")
    dropped = {s.candidate.id: s.dropped_after for s in whole.standings if s.dropped_after}
    assert dropped
    lines = (tmp_path / "a" / "trials.jsonl").read_text().splitlines(keepends=True)
    assert len(lines) - 1 == sum((s.dropped_after or 10) * 2 for s in whole.standings)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "trials.jsonl").write_text("".join(lines[: len(lines) // 2]))
    again = lossmith.advise(frame, **ask, out=tmp_path / "b", resume=True)
    assert {s.candidate.id: s.fold_scores for s in again.standings} == {
        s.candidate.id: s.fold_scores for s in whole.standings
    }
    assert {s.candidate.id: s.dropped_after for s in again.standings if s.dropped_after} == dropped
    assert {c.id for c in CANDIDATES if c.roles} & set(dropped) == set()
