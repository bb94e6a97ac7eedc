"""What the advice hangs on: the metric that was asked for, and the decision rule."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lossmith.advisor import statistics
from lossmith.advisor.judge import judge
from lossmith.advisor.pipeline import advise
from lossmith.advisor.verdict import Verdict
from running import classes, lighten, numbers
from test_judge import CANDIDATES, FOLDS, a_profile, make, scores


def under(others, gaps=(0.0, 1.0, 0.5)):
    """Build trials whose candidates have the given fold scores under other metrics."""
    trials = make(scores(gaps))
    rows = [
        replace(row, neighbours={name: None if found[row.candidate] is None else float(found[row.candidate][row.fold])
                                 for name, found in others.items()})
        for row in trials.rows
    ]  # fmt: skip
    return replace(trials, rows=tuple(rows))


def drawn(gaps, seed=1, noise=0.1):
    """Draw scores about 5 for the three candidates: reference, default, Huber."""
    rng = np.random.default_rng(seed)
    shared = 5.0 + rng.normal(size=FOLDS)
    return {c.id: shared + gap + noise * rng.normal(size=FOLDS) for c, gap in zip(CANDIDATES, gaps, strict=True)}


def test_another_metric_names_another_winner_with_the_same_interval_and_holm_within_it():
    found = drawn([0.0, -1.0, -0.5])
    verdict = judge(under({"rmse": found}), a_profile())
    assert verdict.recommended == "absolute_error_loss"
    (other,) = verdict.neighbours
    assert (other.name, other.label, other.higher_is_better, other.asks_for) == ("rmse", "RMSE", False, "mean")
    assert other.best == "squared_error_loss"
    assert other.beaten
    assert other.scores == {key: pytest.approx(np.mean(values)) for key, values in found.items()}
    expected = {
        key: statistics.corrected((found["absolute_error_loss"] - found[key]).tolist(), FOLDS)
        for key in ("squared_error_loss", "huber_loss")
    }
    adjusted = statistics.holm([interval.p for interval in expected.values()])
    for (key, interval), p in zip(expected.items(), adjusted, strict=True):
        seen = other.differences[key]
        assert (seen.mean, seen.low, seen.high) == pytest.approx((interval.mean, interval.low, interval.high))
        assert seen.p_holm == pytest.approx(p)
    assert other.ranks["squared_error_loss"] == pytest.approx(
        np.mean([1 + sum(v[f] < found["squared_error_loss"][f] for v in found.values()) for f in range(FOLDS)])
    )


def test_higher_is_better_turns_order_and_ranks():
    found = {key: 0.1 * values for key, values in drawn([0.0, 1.0, 0.5]).items()}
    (other,) = judge(under({"accuracy": found}), a_profile("cost: FN=5,FP=1", "binary")).neighbours
    assert other.best == "squared_error_loss"
    assert other.ranks["squared_error_loss"] < other.ranks["huber_loss"] < other.ranks["absolute_error_loss"]
    assert other.differences["squared_error_loss"].mean > 0


def test_noise_beats_nobody():
    (other,) = judge(under({"rmse": drawn([0.0, -0.01, 0.01], noise=1.0)}), a_profile()).neighbours
    assert not other.beaten


def test_who_cannot_be_scored_is_left_out_and_without_rivals_there_is_nothing_to_say():
    found = drawn([0.0, -1.0, -0.5])
    (other,) = judge(under({"rmse": {**found, "huber_loss": None}}), a_profile()).neighbours
    assert set(other.scores) == set(other.ranks) == {"absolute_error_loss", "squared_error_loss"}
    assert judge(under({"rmse": {**found, "absolute_error_loss": None}}), a_profile()).neighbours == ()
    lonely = {**dict.fromkeys(found), "absolute_error_loss": found["absolute_error_loss"]}
    assert judge(under({"rmse": lonely}), a_profile()).neighbours == ()
    assert judge(under({}), a_profile()).neighbours == ()


def test_too_few_folds_say_nothing_of_other_metrics():
    trials = under({"rmse": drawn([0.0, -1.0, -0.5])})
    verdict = judge(replace(trials, rows=tuple(row for row in trials.rows if row.fold < 2)), a_profile())
    assert verdict.neighbours == ()
    assert verdict.rule_gain is None


def test_the_plain_rule_is_averaged_over_the_chosen_trials_and_compared_on_the_same_folds():
    trials = make(scores([0.0, 1.0, 0.5]))
    lost = {fold: 2.0 + 0.1 * fold for fold in range(FOLDS)}
    rows = [replace(r, plain_score=r.test_score + (lost[r.fold] if r.rate == 0.01 else 50.0)) for r in trials.rows]
    verdict = judge(replace(trials, rows=tuple(rows)), a_profile())
    for standing in verdict.standings:
        assert standing.plain_score == pytest.approx(standing.score + np.mean(list(lost.values())))
    interval = statistics.corrected(list(lost.values()), FOLDS)
    gain = verdict.rule_gain
    assert gain.over == "squared_error_loss"
    assert (gain.mean, gain.low, gain.high) == pytest.approx((interval.mean, interval.low, interval.high))
    assert gain.relative == pytest.approx(interval.mean / verdict.standing("squared_error_loss").plain_score)
    partly = [replace(row, plain_score=None if row.fold == 3 else row.plain_score) for row in rows]
    verdict = judge(replace(trials, rows=tuple(partly)), a_profile())
    assert verdict.rule_gain is None
    assert verdict.standings[0].plain_score is None


def test_the_cost_up_to_the_best_epoch():
    trials = make(scores([0.0, 1.0, 0.5]))
    rows = [replace(r, epochs=(2, 4, 8), best_epoch=4 if r.fold else 8, seconds=1.0 + r.fold) for r in trials.rows]
    standing = judge(replace(trials, rows=tuple(rows)), a_profile()).standings[0]
    assert standing.best_epochs == (8, *[4] * (FOLDS - 1))
    assert standing.seconds_to_best == pytest.approx(np.mean([1.0, *(0.5 * (1.0 + fold) for fold in range(1, FOLDS))]))


def test_a_verdict_written_before_these_fields_is_still_read():
    verdict = judge(under({"rmse": drawn([0.0, -1.0, -0.5])}), a_profile())
    written = json.loads(json.dumps(verdict.to_json()))
    assert Verdict.from_json(written).neighbours == verdict.neighbours
    for field in ("rule_gain", "neighbours"):
        del written[field]
    for standing in written["standings"]:
        for field in ("plain_score", "best_epochs", "seconds_to_best", "dropped_after"):
            del standing[field]
    old = Verdict.from_json(written)
    assert old.neighbours == ()
    assert old.rule_gain is None
    assert old.standings[0].best_epochs == ()


def test_a_whole_run_knows_its_neighbours(monkeypatch, tmp_path):
    lighten(monkeypatch)
    verdict = advise(numbers(), target="y", metric="mae", folds=3, jobs=1, out=tmp_path / "out")
    other = {found.name: found for found in verdict.neighbours}["rmse"]
    assert (other.theory, other.listed) == ("squared_error_loss", True)
    assert set(other.scores) == {standing.candidate.id for standing in verdict.standings}
    assert verdict.rule_gain is None
    assert all(standing.plain_score is None for standing in verdict.standings)


def test_a_whole_run_says_what_the_threshold_brings(monkeypatch):
    lighten(monkeypatch)
    frame = classes(["no", "yes"], rows=160)
    verdict = advise(frame, target="y", metric="cost: FN=5,FP=1", folds=3, jobs=1)
    assert verdict.rule_gain.over == verdict.default
    default = verdict.standing(verdict.default)
    assert verdict.rule_gain.mean == pytest.approx(default.plain_score - default.score)
    assert {"accuracy", "log_loss"} <= {found.name for found in verdict.neighbours}


def test_who_left_the_race_is_scored_on_the_folds_it_ran_and_named_best_of_nothing():
    trials = under({"rmse": drawn([0.0, -0.5, -3.0])}, gaps=(0.0, 1.0, 4.0))
    rows = [replace(row, plain_score=row.test_score + 1.0 + row.fold) for row in trials.rows]
    rows = [row for row in rows if row.candidate != "huber_loss" or row.fold < 4]
    verdict = judge(replace(trials, rows=tuple(rows), dropped={"huber_loss": 4}), a_profile())
    (other,) = verdict.neighbours
    assert other.best == "squared_error_loss"
    assert "huber_loss" not in other.scores
    assert other.differences["huber_loss"].mean > other.differences["squared_error_loss"].mean
    left = verdict.standing("huber_loss")
    assert left.plain_score == pytest.approx(left.score + np.mean([1.0, 2.0, 3.0, 4.0]))
    assert len(left.best_epochs) == 4
