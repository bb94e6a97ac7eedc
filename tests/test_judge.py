"""From scores to a verdict: right winner, honest words, no claim that the scores do not carry."""

from dataclasses import replace

import numpy as np
import pytest

from lossmith.advisor.judge import judge
from lossmith.advisor.profile import Profile
from lossmith.advisor.trials import Plan, Trial, Trials
from lossmith.advisor.verdict import Verdict
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import Settings

FOLDS = 10
CANDIDATES = (
    Candidate("absolute_error_loss", "absolute_error_loss", roles=("reference",)),
    Candidate("squared_error_loss", "squared_error_loss", roles=("default",)),
    Candidate("huber_loss", "huber_loss", {"delta": 1.0}),
)
PLAN = Plan(FOLDS, settings=Settings(rate_factors=(1.0, 3.0)))


def a_profile(metric="mae", task="regression"):
    levels = () if task == "regression" else ("no", "yes")
    problem = Problem("y", task, metric, levels=levels)
    return Profile(problem, "t.csv", 500, 0, (), "", "", {"counts": {"no": 400, "yes": 100}}, {}, ())


def make(scores, *, candidates=CANDIDATES, plan=PLAN, higher=False):
    """Build trials from fold scores; a second learning rate looks worse in validation and far better in test."""
    rows, sign = [], -1.0 if higher else 1.0
    for candidate in candidates:
        for fold, score in enumerate(scores[candidate.id]):
            for rate in (0.01, 0.03):
                chosen = rate == 0.01
                rows.append(
                    Trial(
                        candidate.id, 0, fold, rate, 0,
                        valid_score=sign * (1.0 if chosen else 2.0),
                        test_score=None if score is None else float(score) if chosen else -1e6 * sign,
                        best_epoch=3, seconds=0.1, rule_params={}, link={"centre": 0.0, "scale": 1.0},
                        epochs=(1, 2), train_curve=(1.0, 0.5), valid_curve=(2.0, 1.0),
                        error="" if score is not None else "it diverged",
                    )
                )  # fmt: skip
    return Trials(tuple(rows), plan, tuple(candidates), 320, 1.0)


def scores(gaps, noise=0.3, seed=0):
    """Draw fold scores around 10, with a difficulty shared by all candidates and a gap for each."""
    rng = np.random.default_rng(seed)
    shared = 10.0 + 2.0 * rng.normal(size=FOLDS)
    return {
        candidate.id: shared + gap + noise * rng.normal(size=FOLDS)
        for candidate, gap in zip(CANDIDATES, gaps, strict=True)
    }


def test_a_clear_winner_is_named_with_its_difference():
    verdict = judge(make(scores([0.0, 1.0, -2.0])), a_profile())
    assert verdict.outcome == "clear_winner"
    assert verdict.recommended == "huber_loss"
    difference = verdict.standing("huber_loss").difference
    assert difference.conclusion == "better"
    assert difference.low < 2.0 < difference.high
    assert verdict.standing("squared_error_loss").difference.conclusion == "worse"
    assert "huber_loss" in verdict.sentence
    assert "absolute_error_loss" in verdict.sentence


def test_noise_names_no_winner():
    verdict = judge(make(scores([0.0, 0.0, -0.05], noise=0.5)), a_profile())
    assert verdict.outcome == "reference_holds"
    assert verdict.recommended == "absolute_error_loss"
    assert "no measurable difference" in verdict.sentence


def test_equal_within_the_rope_is_said():
    verdict = judge(make(scores([0.0, 0.01, 0.01], noise=0.01)), a_profile())
    assert {s.difference.conclusion for s in verdict.standings if s.difference} == {"practically_equal"}
    assert "practically equal" in verdict.sentence
    tiny = judge(make(scores([0.0, 0.0, -0.02], noise=0.002)), a_profile())
    assert tiny.standing("huber_loss").difference.p_holm < 0.05  # certainly better, by too little to matter
    assert tiny.recommended == tiny.reference


def test_higher_is_better_turns_the_sign():
    higher = {key: values / 20.0 for key, values in scores([0.0, 0.0, 3.0]).items()}
    verdict = judge(make(higher, higher=True), a_profile("accuracy", "binary"))
    assert verdict.recommended == "huber_loss"
    assert verdict.standings[0].candidate.id == "huber_loss"
    assert verdict.standing("huber_loss").difference.mean > 0


def test_the_learning_rate_is_chosen_by_validation_not_by_test():
    drawn = scores([0.0, 1.0, -2.0])
    verdict = judge(make(drawn), a_profile())
    assert verdict.standing("huber_loss").score == pytest.approx(np.mean(drawn["huber_loss"]))
    assert set(verdict.standing("huber_loss").learning_rates) == {0.01}


def test_the_gain_is_measured_on_folds_that_did_not_choose():
    """Among many equal candidates the best looks good; the gain must not be fooled."""
    many = (*CANDIDATES, *(Candidate(f"c{i}", "huber_loss", {"delta": 1.0}) for i in range(20)))
    gains, winners = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shared = 10.0 + rng.normal(size=FOLDS)
        drawn = {c.id: shared + 0.5 * rng.normal(size=FOLDS) for c in many}
        drawn["absolute_error_loss"] = drawn["squared_error_loss"] + 0.3  # a bad reference: there is much to choose
        verdict = judge(make(drawn, candidates=many), a_profile())
        gains.append(verdict.gain.mean if verdict.gain else 0.0)
        own = [np.mean(drawn["squared_error_loss"]) - np.mean(values) for values in drawn.values()]
        winners.append(max(own))
    assert np.mean(winners) > 0.25  # what quoting the winner's own score would claim
    assert np.mean(gains) < 0.05  # what is true


def test_the_gain_of_advice_that_is_the_default_is_none():
    swapped = (replace(CANDIDATES[0], roles=()), replace(CANDIDATES[1], roles=("reference", "default")), CANDIDATES[2])
    verdict = judge(make(scores([0.0, 0.0, 0.0], noise=0.01), candidates=swapped), a_profile())
    assert verdict.recommended == verdict.default == "squared_error_loss"
    assert verdict.gain is None
    assert verdict.sentence.startswith("Keep squared_error_loss")


def test_a_candidate_that_failed_in_one_fold_is_out_and_said_so():
    drawn = {key: list(values) for key, values in scores([0.0, 1.0, -2.0]).items()}
    drawn["huber_loss"][4] = None
    verdict = judge(make(drawn), a_profile())
    failed = verdict.standing("huber_loss")
    assert failed.score is None
    assert failed.difference is None
    assert "it diverged" in failed.failures[0]
    assert verdict.standings[-1] == failed
    assert verdict.recommended == "absolute_error_loss"


def test_part_of_a_fold_does_not_count():
    trials = make(scores([0.0, 1.0, -2.0]))
    cut = replace(trials, rows=tuple(r for r in trials.rows if r.fold < 6 or r.candidate != "huber_loss"))
    verdict = judge(cut, a_profile())
    assert (verdict.folds, verdict.planned_folds) == (6, 10)
    assert len(verdict.standing("absolute_error_loss").fold_scores) == 6


def test_few_folds_or_short_training_overrule_nothing():
    trials = make(scores([0.0, 1.0, -2.0], noise=0.1))
    few = judge(replace(trials, rows=tuple(r for r in trials.rows if r.fold < 4)), a_profile())
    short = replace(trials, plan=replace(PLAN, settings=replace(PLAN.settings, steps=300)))
    cut = judge(short, a_profile())
    for verdict in (few, cut):
        assert verdict.standing("huber_loss").difference.conclusion == "better"
        assert verdict.recommended == "absolute_error_loss"
        assert "huber_loss was better" in verdict.sentence
        assert "larger budget" in verdict.sentence
    assert any("300 steps instead of 800" in warning for warning in cut.warnings)
    assert not any("steps" in warning for warning in few.warnings)


def test_a_rate_at_the_end_of_the_grid_is_a_doubt():
    trials = make(
        scores([0.0, 1.0, -2.0]), plan=Plan(FOLDS, settings=Settings(learning_rate=0.01, rate_factors=(0.5, 1.0)))
    )
    assert any("highest learning rate" in warning for warning in judge(trials, a_profile()).warnings)


def test_a_candidate_that_scored_better_but_unevenly_is_named():
    drawn = scores([0.0, 0.0, -0.5], noise=0.05)
    drawn["squared_error_loss"] = drawn["absolute_error_loss"] - 30.0 * (np.arange(FOLDS) == 0)
    verdict = judge(make(drawn), a_profile())
    assert verdict.recommended == "huber_loss"
    assert "squared_error_loss scored better still" in verdict.sentence


def test_too_few_folds_are_no_verdict():
    trials = make(scores([0.0, 1.0, -2.0]))
    cut = replace(trials, rows=tuple(r for r in trials.rows if r.fold < 2), seconds=300.0)
    verdict = judge(cut, a_profile())
    assert verdict.outcome == "too_little_data"
    assert all(s.difference is None for s in verdict.standings)
    assert "2 of 10 folds were finished in 300 s. Try `--budget 25m`" in verdict.sentence
    none = judge(replace(trials, rows=(), plan=Plan(folds=0)), a_profile())
    assert none.outcome == "too_little_data"
    assert "too few rows" in none.sentence
    assert none.standings[0].score is None


def test_it_survives_json():
    import json

    verdict = judge(make(scores([0.0, 1.0, -2.0])), a_profile())
    written = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    again = Verdict.from_json(written)
    assert json.loads(json.dumps(again.to_json())) == written
    assert again.standing("huber_loss").difference == verdict.standing("huber_loss").difference


def test_swapped_scores_claim_nothing():
    """The null of DESIGN section 4: candidates' scores swapped at random within folds."""
    rng = np.random.default_rng(0)
    drawn = scores([0.0, 1.0, -2.0], noise=1.0)
    table = np.array([drawn[c.id] for c in CANDIDATES])
    claims = 0
    runs = 200
    for _ in range(runs):
        mixed = np.array([rng.permutation(column) for column in table.T]).T
        verdict = judge(make(dict(zip([c.id for c in CANDIDATES], mixed, strict=True))), a_profile())
        claims += any(s.difference.conclusion in ("better", "worse") for s in verdict.standings if s.difference)
    assert claims <= 0.05 * runs


def test_a_rival_expected_to_be_best_is_recommended_without_a_claim():
    """Ahead by more than chance usually brings, but not measurably: named, and said to be no more than likely."""
    rivals = (*CANDIDATES[:2], replace(CANDIDATES[2], roles=("consistent",)))
    found = scores([0.0, 1.0, 0.0])
    found["huber_loss"] = found["absolute_error_loss"] - 0.25 + 0.4 * np.resize([1.0, -1.0], FOLDS)
    verdict = judge(make(found, candidates=rivals), a_profile())
    assert verdict.outcome == "likely_best"
    assert verdict.recommended == "huber_loss"
    assert verdict.standing("huber_loss").difference.conclusion == "no_measurable_difference"
    assert "likely" in verdict.sentence
    assert "no measurable difference from absolute_error_loss" in verdict.sentence


def test_an_uneven_lead_of_a_loss_that_aims_elsewhere_is_not_trusted():
    found = scores([0.0, 1.0, 0.0])
    found["huber_loss"] = found["absolute_error_loss"] - 0.25 + 2.0 * np.resize([1.0, -1.0], FOLDS)
    verdict = judge(make(found), a_profile())
    assert verdict.recommended == "absolute_error_loss"
