"""Decision rules: tuned where they should be, and never better than the best by chance alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lossmith import registry
from lossmith.training import decision

COUNTED = ("f1", "balanced_accuracy", "cost: FN=5,FP=1", "cost: FN=0,FP=1", "cost_matrix: 1,4;6,2")


def sample(seed, rows=400, rate=0.2, noise=1.0):
    """Return labels and calibrated-looking scores."""
    rng = np.random.default_rng(seed)
    target = (rng.random(rows) < rate).astype(np.int64)
    positive = 1.0 / (1.0 + np.exp(-(2.0 * target - 1.5 + noise * rng.normal(size=rows))))
    return target, np.column_stack([1.0 - positive, positive])


@pytest.mark.parametrize("text", COUNTED)
@given(tables=st.lists(st.integers(0, 30), min_size=4, max_size=4).filter(lambda t: t[0] + t[2] and t[1] + t[3]))
def test_a_metric_from_counts_is_the_metric(text, tables):
    metric = registry.metric(text)
    tp, fp, fn, tn = tables
    target = np.repeat([1, 0, 1, 0], [tp, fp, fn, tn])
    prediction = np.repeat([1, 1, 0, 0], [tp, fp, fn, tn])
    counts = [np.array([float(value)]) for value in (tp, fp, fn, tn)]
    assert metric.metric.from_counts(*counts, **metric.parameters)[0] == pytest.approx(metric(target, prediction))


@pytest.mark.parametrize("text", COUNTED)
@pytest.mark.parametrize("seed", range(3))
def test_the_tuned_threshold_is_close_to_the_best_and_beats_one_half(text, seed):
    target, probabilities = sample(seed)
    metric = registry.metric(text)
    params, score = decision.tune("threshold", probabilities, target, metric, {})
    cuts = np.unique(np.concatenate([probabilities[:, 1], [0.0, 1.1]]))
    every = [metric(target, (probabilities[:, 1] >= cut).astype(int)) for cut in cuts]
    best = min(every, key=metric.error)
    half = metric(target, (probabilities[:, 1] >= 0.5).astype(int))
    assert metric.error(best) <= metric.error(score) <= metric.error(half) + 0.02
    assert abs(score - best) < 0.1 * max(abs(best), 0.1) + 0.02
    assert score == metric(target, decision.decide("threshold", probabilities, params))


def test_smoothing_makes_the_threshold_steadier_than_the_single_best_cut():
    """Over many small samples, the tuned cut should vary less than the sharpest one."""
    metric = registry.metric("cost: FN=5,FP=1")
    tuned, sharpest = [], []
    for seed in range(60):
        target, probabilities = sample(seed, rows=80)
        tuned.append(decision.best_threshold(probabilities[:, 1], target, metric))
        cuts = np.unique(probabilities[:, 1])
        costs = [metric(target, (probabilities[:, 1] >= cut).astype(int)) for cut in cuts]
        sharpest.append(cuts[int(np.argmin(costs))])
    assert np.std(tuned) < np.std(sharpest)


def test_tied_probabilities_are_never_told_apart():
    target = np.array([0, 1, 0, 1, 1, 0])
    probabilities = np.column_stack([np.full(6, 0.5), np.full(6, 0.5)])
    params, _ = decision.tune("threshold", probabilities, target, registry.metric("f1"), {})
    assert len(set(decision.decide("threshold", probabilities, params))) == 1


def test_the_prior_rule_finds_the_rare_class():
    rng = np.random.default_rng(0)
    target = rng.choice(3, 600, p=[0.8, 0.15, 0.05])
    logits = rng.normal(size=(600, 3)) + 1.5 * np.eye(3)[target] + np.log([0.8, 0.15, 0.05])
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    metric = registry.metric("balanced_accuracy")
    params, score = decision.tune("prior", probabilities, target, metric, {})
    assert score > metric(target, probabilities.argmax(1)) + 0.05
    assert params["power"] > 0.5


def test_the_median_level_minimises_the_expected_absolute_error():
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.ones(5), 50)
    levels = np.arange(5)
    expected = (probabilities[:, None, :] * np.abs(levels[:, None] - levels[None, :])).sum(2)
    chosen = decision.decide("median_level", probabilities, {})
    assert expected[np.arange(50), chosen] == pytest.approx(expected.min(1))


def test_predictions_are_lifted_only_as_far_as_the_metric_needs():
    target = np.array([1.0, 2.0, 3.0, 10.0])
    prediction = np.array([-1.0, 2.0, 3.0, 9.0])
    deviance = registry.metric("poisson_deviance")
    params, score = decision.tune("positive", prediction, target, deviance, {})
    assert params["floor"] > 0.0
    assert np.isfinite(score)
    rmsle = registry.metric("rmsle")
    assert rmsle(target, decision.decide("positive", prediction, {"floor": 0.0})) > 0.0


def test_fixed_parameters_stay_fixed():
    target, probabilities = sample(0)
    params, _ = decision.tune("threshold", probabilities, target, registry.metric("f1"), {"threshold": 0.9})
    assert params == {"threshold": 0.9}


@pytest.mark.parametrize("text", COUNTED)
@pytest.mark.parametrize("seed", range(3))
def test_whole_weights_tune_the_threshold_as_repeated_rows_do(text, seed):
    target, probabilities = sample(seed)
    metric, weight = registry.metric(text), np.random.default_rng(seed).integers(1, 4, len(target))
    repeated = [np.repeat(values, weight, axis=0) for values in (probabilities, target)]
    params, score = decision.tune("threshold", probabilities, target, metric, {}, 0.1 * weight)
    assert (params, pytest.approx(score)) == decision.tune("threshold", *repeated, metric, {})


def test_whole_weights_set_floor_and_prior_as_repeated_rows_do():
    rng = np.random.default_rng(0)
    weight, target = rng.integers(1, 4, 200), rng.lognormal(size=200)
    deviance, prediction = registry.metric("poisson_deviance"), target + rng.normal(size=200)
    params, score = decision.tune("positive", prediction, target, deviance, {}, weight)
    again, same = decision.tune("positive", np.repeat(prediction, weight), np.repeat(target, weight), deviance, {})
    assert params == pytest.approx(again)
    assert score == pytest.approx(same)
    classes, balanced = rng.choice(3, 200, p=[0.7, 0.2, 0.1]), registry.metric("balanced_accuracy")
    probabilities = rng.dirichlet(np.ones(3), 200)
    heavy, _ = decision.tune("prior", probabilities, classes, balanced, {}, np.where(classes == 2, 10.0, 1.0))
    plain, _ = decision.tune("prior", probabilities, classes, balanced, {})
    assert heavy["prior"][2] > 2 * plain["prior"][2]


@pytest.mark.parametrize(("true", "wanted"), [(1.0, 1.0), (2.1, 2.0), (0.5, 0.7)])
def test_quantiles_are_stretched_about_their_middle(true, wanted):
    crps, rng = registry.metric("crps"), np.random.default_rng(0)
    target = 5.0 + true * rng.normal(size=4000)
    prediction = np.tile(5.0 + norm.ppf(crps.levels), (4000, 1))
    params, score = decision.tune("quantiles", prediction, target, crps, {})
    assert params == {"stretch": wanted}
    decided = decision.decide("quantiles", prediction, params)
    assert score == crps(target, decided) <= crps(target, prediction)
    assert decision.middle_of(decided) == pytest.approx(decision.middle_of(prediction))
    assert decision.plain("quantiles", params) == ("quantiles", {"stretch": 1.0})


@pytest.mark.parametrize("text", ["crps", "interval_score@0.9"])
def test_a_point_prediction_gets_the_spread_of_its_residuals(text):
    """Skewed residuals, as they come: nothing is taken to be normal."""
    metric, rng = registry.metric(text), np.random.default_rng(0)
    prediction = rng.normal(size=3000)
    target = prediction + rng.exponential(size=3000)
    params, _ = decision.tune("residual_quantiles", prediction, target, metric, {})
    assert params["offsets"] == pytest.approx(-np.log1p(-np.asarray(metric.levels)), rel=0.2, abs=0.01)
    quantiles = decision.decide("residual_quantiles", np.array([0.0, 7.0]), params)
    assert quantiles[1] - quantiles[0] == pytest.approx(7.0)


def test_the_share_below_an_offset_is_that_of_new_residuals():
    """Of 9 residuals the largest counts as nine tenths: the tenth is as likely to lie beyond it."""
    metric = registry.metric("interval_score@0.8")
    params, _ = decision.tune("residual_quantiles", np.zeros(9), np.arange(1.0, 10.0), metric, {})
    assert params["offsets"] == pytest.approx([1.0, 9.0])


def test_on_the_log_scale_the_spread_grows_with_the_prediction():
    metric, rng = registry.metric("interval_score@0.8"), np.random.default_rng(0)
    prediction = np.expm1(rng.uniform(1.0, 4.0, size=4000))
    target = np.expm1(np.log1p(prediction) + 0.3 * rng.normal(size=4000))
    params, _ = decision.tune("log_residual_quantiles", prediction, target, metric, {})
    low, high = decision.decide("log_residual_quantiles", prediction, params).T
    inside = (low <= target) & (target <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.01)
    assert inside[prediction > 20].mean() == pytest.approx(0.8, abs=0.03)
    assert np.isfinite(decision.decide("log_residual_quantiles", np.array([-1.0, -3.0]), params)).all()


def test_whole_weights_weigh_residuals_as_repeated_rows_do():
    metric, rng = registry.metric("crps"), np.random.default_rng(0)
    prediction, target, weight = rng.normal(size=300), rng.normal(size=300), rng.integers(1, 5, 300)
    weighted, _ = decision.tune("residual_quantiles", prediction, target, metric, {}, weight)
    repeated, _ = decision.tune(
        "residual_quantiles", np.repeat(prediction, weight), np.repeat(target, weight), metric, {}
    )
    assert weighted["offsets"] == pytest.approx(repeated["offsets"], abs=0.2)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="decision rule"):
        decision.decide("coin", np.zeros((2, 2)), {})
