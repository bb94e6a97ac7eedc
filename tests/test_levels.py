"""Ordered levels: losses that know the order, and cuts that fit the metric."""

import numpy as np
import pandas as pd
import pytest
import torch

import lossmith
from lossmith import registry
from lossmith.advisor import pipeline
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import shortlist
from lossmith.training import decision, levels
from lossmith.training.links import Link
from lossmith.training.problem import Problem
from running import lighten

GRADES = ("poor", "fair", "good", "fine")
KAPPA = registry.metric("quadratic_weighted_kappa")


def graded(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    grade = np.digitize(a + rng.normal(size=rows) * 0.8, [-1.5, 0.3, 1.2])
    return pd.DataFrame({"a": a, "b": rng.normal(size=rows), "grade": np.array(GRADES)[grade]})


def listed(metric):
    found = profile(read(graded(), Problem("grade", "ordinal", metric, levels=GRADES)))
    return found, shortlist(found, found.problem)


def scores(rows, seed, noise=1.0):
    """A level, and what a good network thinks its mean is: drawn to the middle."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=rows)
    target = np.digitize(latent, [-1.5, -0.5, 0.5, 1.5])
    seen = latent + noise * rng.normal(size=rows)
    return target, 2.0 + seen * 1.1 / (1.0 + noise**2)


def test_half_way_cuts_round():
    score = np.array([-3.0, 0.4, 0.6, 1.4, 2.6, 9.0])
    assert levels.decide(score, levels.half_way(4)).tolist() == [0, 0, 1, 1, 3, 3]


def test_the_last_blend_gives_every_level_its_share():
    target, score = scores(2000, 0)
    cuts = levels.cut_points(score, target, None)[-1]
    decided = levels.decide(score, cuts)
    assert np.bincount(decided, minlength=5) == pytest.approx(np.bincount(target, minlength=5), abs=2)
    assert all(np.diff(cuts) > 0)


def test_weights_move_the_cuts_as_repeated_rows_do():
    target, score = scores(60, 1)
    weight = 1 + np.arange(60) % 3
    repeated = levels.cut_points(np.repeat(score, weight), np.repeat(target, weight), None)
    weighted = levels.cut_points(score, target, weight.astype(float))
    for a, b in zip(weighted, repeated, strict=True):
        assert a == pytest.approx(b)


def test_kappa_wants_decisions_that_spread_and_squared_error_does_not():
    target, score = scores(3000, 0)
    cuts = decision.tuned("cuts", score, target, KAPPA)["cuts"]
    tuned, rounded = levels.decide(score, cuts), levels.decide(score, levels.half_way(5))
    assert KAPPA(target, tuned) > KAPPA(target, rounded) + 0.02
    assert np.mean((tuned - target) ** 2) > np.mean((rounded - target) ** 2)
    assert decision.plain("cuts", {"cuts": cuts}) == ("cuts", {"cuts": levels.half_way(5)})


def test_one_number_to_choose_holds_better_on_new_rows_than_every_cut():
    """From 40 validation rows, free cuts fit the noise; those between rounding and shares must do better."""
    ours, free = [], []
    for seed in range(40):
        target, score = scores(2040, seed)
        few, many = slice(0, 40), slice(40, None)
        cuts = decision.tuned("cuts", score[few], target[few], KAPPA)["cuts"]
        ours.append(KAPPA(target[many], levels.decide(score[many], cuts)))
        best, rng = levels.half_way(5), np.random.default_rng(seed)
        for _ in range(300):
            tried = sorted(np.array(best) + 0.3 * rng.normal(size=4))
            if KAPPA(target[few], levels.decide(score[few], tried)) > KAPPA(
                target[few], levels.decide(score[few], best)
            ):
                best = tried
        free.append(KAPPA(target[many], levels.decide(score[many], best)))
    assert np.mean(ours) > np.mean(free)


def test_probabilities_are_cut_at_their_mean_level():
    probability = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    mean = probability @ np.arange(4)
    assert decision.decide("cuts", probability, {"cuts": [0.5, 1.5, 2.5]}).tolist() == np.round(mean).tolist()


@pytest.mark.parametrize(
    ("metric", "loss"), [("quadratic_weighted_kappa", "squared_error_loss"), ("mae", "absolute_error_loss")]
)
def test_losses_of_values_are_listed_for_decisions_on_levels(metric, loss):
    _, candidates = listed(metric)
    assert candidates[0].loss == "cross_entropy_loss"
    found = next(candidate for candidate in candidates if candidate.loss == loss)
    assert (found.link, found.rule) == ("identity", "cuts")
    assert found.reasons[0].startswith("Consistent")


def test_steps_between_levels_are_a_loss_of_their_own():
    _, candidates = listed("mae")
    steps = {candidate.loss for candidate in candidates if candidate.link == "cumulative"}
    assert steps == {"binary_cross_entropy_loss", "sigmoid_brier_loss"}
    link = Link("cumulative", classes=4)
    assert link.outputs == 3
    assert link.target(np.array([0, 2, 3])).tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 1]]
    found = link.inverse(torch.logit(torch.tensor([[0.9, 0.5, 0.2], [0.5, 0.8, 0.1]]).double()))
    assert found == pytest.approx(np.array([[0.1, 0.4, 0.3, 0.2], [0.5, 0.0, 0.4, 0.1]]), abs=1e-7)


def test_steps_are_exact_where_the_data_are_plain():
    """With one constant feature the best steps are the shares of the levels above them."""
    target = np.repeat([0, 1, 2, 3], [10, 40, 30, 20])
    shares = torch.tensor([0.9, 0.5, 0.2], dtype=torch.float64)
    link, loss = Link("cumulative", classes=4), registry.load("binary_cross_entropy_loss")
    output = torch.logit(shares).expand(100, 3).clone().requires_grad_()
    loss(link.seen(output), link.target(target, torch.float64)).backward()
    assert output.grad.sum(0).abs().max() < 1e-9
    assert link.inverse(output.detach())[0] == pytest.approx([0.1, 0.4, 0.3, 0.2])


def test_probabilities_need_a_loss_that_gives_them():
    found, candidates = listed("log_loss")
    assert all(candidate.link == "softmax" for candidate in candidates)
    found, candidates = listed("quadratic_weighted_kappa")
    value = next(candidate for candidate in candidates if candidate.link == "identity")
    predictor = lossmith.fit(graded(), found.problem, value, seed=0)
    assert set(predictor.predict(graded())) <= set(GRADES)
    with pytest.raises(ValueError, match="gives probabilities"):
        predictor.predict_proba(graded())


@pytest.mark.parametrize("metric", ["quadratic_weighted_kappa", "mae"])
def test_advise_on_levels(metric, monkeypatch):
    lighten(monkeypatch)
    verdict = pipeline.advise(graded(), target="grade", levels=GRADES, metric=metric, folds=3, jobs=1, budget=None)
    assert verdict.folds == 3
    assert not any(standing.failures for standing in verdict.standings)
    exec(verdict.snippet, {})


def test_kappa_is_for_ordered_levels_only():
    with pytest.raises(ValueError, match="ordinal"):
        pipeline.advise(graded(), target="grade", metric="quadratic_weighted_kappa", task="multiclass", jobs=1)
