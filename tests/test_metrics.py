"""Every metric against numbers computed by hand, and the contract that all metric files share."""

import math
import warnings
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_pinball_loss

from lossmith import metrics, registry
from lossmith.card import (
    LEAST_EXPECTED,
    LOG1P_MEAN,
    MEAN,
    MEDIAN,
    MEDIAN_LEVEL,
    RATIO_MEDIAN,
    SHORTEST_HALF,
    THRESHOLDED,
    interval,
    quantile,
)
from lossmith.metric import ChosenMetric
from lossmith.training.problem import TASKS

SPELLED = {
    "pinball": "pinball@0.9",
    "tweedie_deviance": "tweedie_deviance@1.5",
    "cost": "cost: FN=5,FP=1",
    "interval_score": "interval_score@0.9",
    "cost_matrix": "cost_matrix: 0,1;5,0",
}
ALL = [registry.metric(SPELLED.get(name, name)) for name in metrics.modules()]
VALUE = [m for m in ALL if m.metric.takes == "values"]

# target, prediction, score worked out on paper
BY_HAND = {
    "rmse": ([1, 2, 3], [1, 4, 3], math.sqrt(4 / 3)),
    "mae": ([1, 2, 3], [1, 4, 2], 1.0),
    "mase": ([1, 2, 3], [1, 4, 2], 1.0),
    "mape": ([1, 2, -4], [2, 1, -4], (1 + 0.5 + 0) / 3),
    "rmsle": ([0, math.e - 1], [math.e - 1, math.e - 1], math.sqrt(1 / 2)),
    "pinball@0.9": ([10, 10], [8, 12], (0.9 * 2 + 0.1 * 2) / 2),
    "poisson_deviance": ([0, 2], [1, 1], (2 * 1 + 2 * (2 * math.log(2) - 1)) / 2),
    # 2 (y^0.5 / (-0.5 · 0.5) − y μ^-0.5 / (-0.5) + μ^0.5 / 0.5), at (0, 1) 4 and at (4, 1) 4
    "tweedie_deviance@1.5": ([0, 4], [1, 1], 4.0),
    "log_loss": ([0, 2], [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], (math.log(2) + math.log(4)) / 2),
    "accuracy": ([0, 1, 2, 2], [0, 2, 2, 2], 0.75),
    "balanced_accuracy": ([0, 0, 0, 1], [0, 0, 1, 1], (2 / 3 + 1) / 2),
    "f1": ([1, 1, 0, 0], [1, 0, 1, 0], 0.5),
    "average_precision": ([1, 0, 1], [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]], 0.5 * 1 + 0.5 * 2 / 3),
    "roc_auc": ([1, 0, 1, 0], [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]], 0.75),
    "medae": ([1, 2, 3, 10], [1, 4, 2, 2], 1.5),
    # squares of the misses 1 + 4, of the distances from the mean 1 + 0 + 1
    "r2": ([1, 2, 3], [2, 2, 5], 1 - 5 / 2),
    # 2·2/4, and 0 where both are 0
    "smape": ([1, 0], [3, 0], 0.5),
    # 2 (log(2/1) + 1/2 − 1)
    "gamma_deviance": ([1, 3], [2, 3], math.log(2) - 0.5),
    "brier": ([0, 2], [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], (3 / 8 + 1 / 16 + 1 / 4 + 9 / 16) / 2),
    # class 0: 2·1/(2·1 + 1), class 1: 2·1/(2·1 + 1 + 1), class 2: never hit
    "f1_macro": ([0, 0, 1, 2], [0, 1, 1, 0], (2 / 4 + 2 / 3 + 0) / 3),
    "f1_micro": ([0, 0, 1, 2], [0, 1, 1, 0], 0.5),
    # class 0 ranks its row second, class 1 its row first; class 2 does not occur
    "average_precision_macro": ([0, 1], [[0.2, 0.5, 0.3], [0.3, 0.6, 0.1]], (1 / 2 + 1) / 2),
    "cost_matrix: 0,1;5,0": ([1, 1, 0, 0], [0, 1, 1, 0], (5 + 1) / 4),
    # squared misses 2/4; of independent pairs 9/4 + 9/4 − 2·(5/4)² = 11/8
    "quadratic_weighted_kappa": ([0, 1, 2, 2], [0, 2, 2, 1], 1 - (1 / 2) / (11 / 8)),
    "cost: FN=5,FP=1": ([1, 1, 0, 0], [0, 1, 1, 0], (5 + 1) / 4),
    # all 20 quantiles at 2: |y - 2|, as the levels are even about a half
    "crps": ([2, 5], [[2.0] * 20, [2.0] * 20], 3 / 2),
    # widths 2 and 2, the second target 1 outside: 2/(1 - 0.9) = 20
    "interval_score@0.9": ([1, 4], [[0.0, 2.0], [1.0, 3.0]], (2 + 2 + 20) / 2),
}


@pytest.mark.parametrize("text", BY_HAND)
def test_score_equals_the_number_worked_out_by_hand(text):
    target, prediction, score = BY_HAND[text]
    assert registry.metric(text)(np.array(target), np.array(prediction)) == pytest.approx(score, rel=1e-12)


def test_every_metric_has_a_number_worked_out_by_hand():
    assert {str(m) for m in ALL} == set(BY_HAND)


@pytest.mark.parametrize("chosen", ALL, ids=str)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_whole_weights_are_repeated_rows(chosen, data):
    rows = data.draw(st.integers(4, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    weight = np.array(data.draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)))
    weight[:2] += 1  # the first two rows hold both classes
    if chosen.metric.takes == "values":
        target, prediction = rng.lognormal(size=rows), rng.lognormal(size=rows)
    elif chosen.metric.takes == "quantiles":
        target, prediction = rng.normal(size=rows), np.sort(rng.normal(size=(rows, len(chosen.levels))), axis=1)
    else:
        target = np.concatenate([[0, 1], rng.integers(0, 2, rows - 2)])
        probability = rng.random(rows).round(1)  # rounded: ties, as networks have them too
        prediction = np.column_stack([1 - probability, probability])
        if chosen.metric.takes == "labels":
            prediction = prediction.argmax(1)
    weighted = chosen(target, prediction, weight)
    assert weighted == pytest.approx(chosen(np.repeat(target, weight), np.repeat(prediction, weight, axis=0)))
    assert weighted == pytest.approx(chosen(target, prediction, 0.37 * weight)), "the unit of weights is no matter"
    assert chosen(target, prediction, np.ones(rows)) == pytest.approx(chosen(target, prediction))


@pytest.mark.parametrize("chosen", ALL, ids=str)
def test_text_survives_the_round_trip(chosen):
    again = registry.metric(str(chosen))
    assert (again.name, dict(again.parameters), str(again)) == (chosen.name, dict(chosen.parameters), str(chosen))
    assert isinstance(again, ChosenMetric)


@pytest.mark.parametrize("chosen", ALL, ids=str)
def test_metric_says_what_the_other_stages_read(chosen):
    metric = chosen.metric
    assert metric.function.__name__ == chosen.name
    assert set(metric.tasks) <= set(TASKS)
    assert bool(metric.needs) == (metric.refuses is not None)
    assert str(chosen.elicits)
    assert import_module(metrics.modules()[chosen.name]).__doc__.strip().split("\n")[0].endswith(".")
    for task in metric.tasks:
        expected = {"value": "values", "positive": "values", "probability": "probabilities", "quantiles": "quantiles"}
        assert chosen.takes(task) == expected.get(chosen.rule(task), "labels")


@pytest.mark.parametrize("chosen", ALL, ids=str)
def test_aliases_find_their_metric(chosen):
    spelled = str(chosen).removeprefix(chosen.name)
    for alias in chosen.metric.also_known_as:
        assert registry.metric(alias + spelled).name == chosen.name


def test_no_two_metrics_share_a_name():
    names = ["".join(filter(str.isalnum, alias)) for m in ALL for alias in (m.name, *m.metric.also_known_as)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("chosen", ALL, ids=str)
def test_lower_error_is_the_better_prediction(chosen):
    good, bad = {
        "values": (np.array([1.0, 2.0, 3.0]), np.array([9.0, 9.0, 9.0])),
        "labels": (np.array([0, 1, 1]), np.array([1, 0, 0])),
        "probabilities": (
            np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]]),
            np.array([[0.1, 0.9], [0.8, 0.2], [0.9, 0.1]]),
        ),
        "quantiles": (
            np.array([[0.9], [2.1], [3.0]]) + np.linspace(-0.2, 0.2, len(chosen.levels) or 1),
            np.array([[9.0], [9.0], [9.0]]) + np.linspace(-0.2, 0.2, len(chosen.levels) or 1),
        ),
    }[chosen.metric.takes]
    if chosen.metric.takes == "quantiles":
        assert chosen(np.array([1.0, 2.0, 3.0]), good) < chosen(np.array([1.0, 2.0, 3.0]), bad)
        return
    target = good if chosen.metric.takes == "values" else np.array([0, 1, 1])
    assert chosen.error(chosen(target, good)) < chosen.error(chosen(target, bad))


@pytest.mark.parametrize(
    "text",
    [
        "pinball",
        "pinball@0",
        "pinball@1",
        "pinball@nan",
        "pinball@high",
        "tweedie_deviance@1",
        "tweedie_deviance@2",
        "tweedie_deviance",
        "mae@0.5",
        "cost",
        "cost: FN=5",
        "cost: FN=-1,FP=1",
        "cost: FN=0,FP=0",
        "cost: FN=inf,FP=1",
        "cost: FN=1,FP=1,FP=2",
        "cost: 5,1",
        "cost: A=1,B=2",
        "interval_score",
        "interval_score@90",
        "interval_score@0",
        "interval_score@1",
        "crps@0.9",
        "rmze",
        "",
    ],
)
def test_bad_spelling_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"Found|no value") as error:
        registry.metric(text)
    assert "\n" not in str(error.value)


def test_cost_keeps_its_parameters_in_any_order():
    assert str(registry.metric("cost:FP=1, FN=5")) == "cost: FN=5,FP=1"
    assert str(registry.metric("cost: FN=0,FP=1")) == "cost: FN=0,FP=1"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("mape", [False, True, False]),
        ("rmsle", [True, False, False]),
        ("poisson_deviance", [True, False, False]),
        ("tweedie_deviance@1.5", [True, False, False]),
        ("smape", [True, False, False]),
        ("gamma_deviance", [True, True, False]),
    ],
)
def test_refuses_marks_targets_it_is_not_defined_for(text, marked):
    refuses = registry.metric(text).metric.refuses
    assert refuses is not None
    assert refuses(np.array([-0.5, 0.0, 2.0])).tolist() == marked


SAMPLE = np.array([0.0, 0.5, 1.0, 1.0, 2.0, 3.0, 8.0, 20.0, 55.0])


def _weighted_median_by_inverse(y):
    order = np.sort(y)
    share = np.cumsum(1 / order) / np.sum(1 / order)
    return order[np.searchsorted(share, 0.5)]


def _middle_of_the_shortest_half(y):
    ordered, half = np.sort(y), len(y) // 2 + 1  # an odd number of rows: the median miss is that of the half-th
    widths = ordered[half - 1 :] - ordered[: len(y) - half + 1]
    start = int(np.argmin(widths))
    return (ordered[start] + ordered[start + half - 1]) / 2


def _least_smape(y):
    """By the other form of the score, 2·tanh(|log y − log x|/2), at every candidate and between them."""
    places = np.exp(np.linspace(np.log(0.01), np.log(60), 20001))
    with np.errstate(divide="ignore"):
        cost = 2 * np.tanh(np.abs(np.log(y)[:, None] - np.log(places)[None, :]) / 2)
    return places[np.argmin(cost.mean(axis=0))]


FUNCTIONAL = {
    SHORTEST_HALF: _middle_of_the_shortest_half,
    LEAST_EXPECTED: _least_smape,
    MEAN: np.mean,
    MEDIAN: np.median,
    LOG1P_MEAN: lambda y: np.expm1(np.log1p(y).mean()),
    RATIO_MEDIAN: _weighted_median_by_inverse,
    quantile(0.9): lambda y: np.quantile(y, 0.9, method="inverted_cdf"),
}


@pytest.mark.parametrize("chosen", VALUE, ids=str)
def test_best_constant_is_the_functional_the_metric_claims(chosen):
    sample = SAMPLE if chosen.metric.refuses is None else SAMPLE[~chosen.metric.refuses(SAMPLE)]
    grid = np.linspace(0.01, 60, 6000)
    errors = [chosen.error(chosen(sample, np.full(len(sample), value))) for value in grid]
    assert grid[np.argmin(errors)] == pytest.approx(FUNCTIONAL[chosen.elicits](sample), abs=0.011)


def test_mae_on_levels_asks_for_the_median_level():
    mae = registry.metric("mae")
    assert mae.rule("ordinal") == "median_level"
    assert mae.elicited("ordinal") == MEDIAN_LEVEL
    assert (mae.rule("regression"), mae.takes("regression"), mae.elicited("regression")) == ("value", "values", MEDIAN)


def test_balanced_accuracy_and_cost_cut_two_classes_at_a_threshold():
    assert registry.metric("balanced_accuracy").rule("binary") == "threshold"
    assert registry.metric("balanced_accuracy").rule("multiclass") == "prior"
    assert registry.metric("accuracy").rule("binary") == "argmax"
    assert registry.metric("cost: FN=5,FP=1").elicits == THRESHOLDED


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_loss_bears_certainty_and_missing_classes(dtype):
    certain = np.array([[1, 0, 0], [0, 1, 0]], dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert registry.metric("log_loss")(np.array([0, 1]), certain) == pytest.approx(0, abs=1e-12)
        wrong = registry.metric("log_loss")(np.array([1, 1]), certain)
        soft = np.random.default_rng(0).dirichlet(np.ones(3), size=50).astype(dtype)
        registry.metric("log_loss")(np.zeros(50, dtype=int), soft)
    assert wrong == pytest.approx(-math.log(np.finfo(np.float64).eps) / 2)


@pytest.mark.parametrize("name", ["poisson_deviance", "tweedie_deviance@1.5", "gamma_deviance"])
def test_deviance_bears_a_prediction_that_underflowed(name):
    chosen = registry.metric(name)
    assert math.isfinite(chosen(np.array([0.5, 1.0]), np.array([0.0, 0.0], dtype=np.float32)))
    with pytest.raises(ValueError, match="positive"):
        chosen(np.array([0.5, 1.0]), np.array([-1.0, 1.0]))


def test_ranking_metrics_say_which_class_is_missing():
    half = np.full((2, 2), 0.5)
    with pytest.raises(ValueError, match="both classes"):
        registry.metric("roc_auc")(np.array([1, 1]), half)
    with pytest.raises(ValueError, match="positive rows"):
        registry.metric("average_precision")(np.array([0, 0]), half)


def test_label_metrics_stay_quiet_on_folds_without_a_class():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert registry.metric("balanced_accuracy")(np.array([0, 0]), np.array([0, 1])) == 0.5
        assert registry.metric("f1")(np.array([0, 0]), np.array([0, 0])) == 0.0
        assert registry.metric("cost: FN=5,FP=1")(np.array([0, 0]), np.array([1, 0])) == 0.5


def test_new_label_metrics_say_what_they_cannot_judge():
    with pytest.raises(ValueError, match="one class only"):
        registry.metric("average_precision_macro")(np.array([1, 1]), np.full((2, 3), 1 / 3))
    with pytest.raises(ValueError, match="differ"):
        registry.metric("r2")(np.array([1.0, 1.0]), np.array([1.0, 2.0]))


@pytest.mark.parametrize("classes", [2, 4])
def test_the_brier_score_is_scikit_learns(classes):
    from sklearn.metrics import brier_score_loss

    rng = np.random.default_rng(0)
    probability, target = rng.dirichlet(np.ones(classes), 60), rng.integers(classes, size=60)
    given = probability[:, 1] if classes == 2 else probability
    weight = rng.random(60)
    theirs = brier_score_loss(target, given, labels=range(classes), sample_weight=weight)
    assert registry.metric("brier").metric.function(target, probability, sample_weight=weight) == pytest.approx(theirs)


def test_two_classes_halve_the_brier_score():
    half = registry.metric("brier")(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]], dtype=np.float32))
    assert half == pytest.approx(0.25)


def test_a_metric_without_a_loss_names_the_nearest():
    for name in ("medae", "smape"):
        metric = registry.metric(name).metric
        assert metric.nearest == MEDIAN
        assert metric.nearest_why


@pytest.mark.parametrize("chosen", [m for m in ALL if m.metric.row_errors], ids=str)
def test_the_mean_of_the_errors_row_by_row_is_the_metric(chosen):
    rng = np.random.default_rng(0)
    target, prediction = rng.gamma(2.0, size=(2, 30)) + 0.1
    errors = chosen.metric.row_errors(target, prediction, **chosen.parameters)
    whole = np.sqrt(errors.mean()) if chosen.metric.root else errors.mean()
    assert (len(errors), whole) == (30, pytest.approx(chosen(target, prediction)))


def normal_quantiles(levels, mean=0.0, deviation=1.0):
    return mean + deviation * stats.norm.ppf(np.asarray(levels))


def test_crps_is_the_pinball_loss_of_every_level():
    crps, rng = registry.metric("crps"), np.random.default_rng(0)
    target, quantiles = rng.normal(size=30), np.sort(rng.normal(size=(30, 20)), axis=1)
    each = [mean_pinball_loss(target, quantiles[:, k], alpha=level) for k, level in enumerate(crps.levels)]
    assert crps(target, quantiles) == pytest.approx(2 * np.mean(each))


def test_crps_is_near_its_closed_form_for_a_normal():
    """0.2 % above the integral for a perfect forecast, and within a hundredth of a deviation for any one target."""
    crps = registry.metric("crps")
    quantiles = normal_quantiles(crps.levels)
    levels = (np.arange(4000) + 0.5) / 4000
    target = normal_quantiles(levels)
    exact = target * (2 * stats.norm.cdf(target) - 1) + 2 * stats.norm.pdf(target) - 1 / np.sqrt(np.pi)
    assert crps(target, np.tile(quantiles, (4000, 1))) / exact.mean() == pytest.approx(1.0019, abs=2e-4)
    for y, wanted in zip(target[::97], exact[::97], strict=True):
        assert crps(np.array([y]), quantiles[None]) == pytest.approx(wanted, abs=0.014)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_interval_score_is_the_pinball_loss_of_its_ends(coverage):
    chosen, rng = registry.metric(f"interval_score@{coverage}"), np.random.default_rng(0)
    assert chosen.levels == pytest.approx(((1 - coverage) / 2, (1 + coverage) / 2))
    assert chosen.elicits == interval(coverage)
    target, ends = 2 * rng.normal(size=50), np.sort(rng.normal(size=(50, 2)), axis=1)
    each = [mean_pinball_loss(target, ends[:, k], alpha=level) for k, level in enumerate(chosen.levels)]
    assert chosen(target, ends) == pytest.approx(2 / (1 - coverage) * sum(each))


@pytest.mark.parametrize("text", ["crps", "interval_score@0.8"])
def test_the_true_distribution_scores_best(text):
    chosen, rng = registry.metric(text), np.random.default_rng(1)
    target = 2 + 3 * rng.normal(size=20000)
    scores = {
        (mean, deviation): chosen(target, np.tile(normal_quantiles(chosen.levels, mean, deviation), (20000, 1)))
        for mean in (1.5, 2.0, 2.5)
        for deviation in (2.4, 3.0, 3.6)
    }
    assert min(scores, key=scores.__getitem__) == (2.0, 3.0)


@pytest.mark.parametrize("text", ["crps", "interval_score@0.8"])
def test_other_columns_than_its_quantiles_are_refused(text):
    for prediction in (np.zeros(3), np.zeros((3, 5))):
        with pytest.raises(ValueError, match="should be given"):
            registry.metric(text)(np.zeros(3), prediction)


@given(seed=st.integers(0, 2**32), rows=st.integers(2, 60))
@settings(max_examples=40, deadline=None)
def test_kappa_is_scikit_learns(seed, rows):
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(seed)
    target, prediction, weight = rng.integers(0, 5, rows), rng.integers(0, 5, rows), rng.random(rows) + 0.1
    target[:2] = [0, 3]
    options = {"labels": np.arange(5), "weights": "quadratic"}
    kappa = registry.metric("quadratic_weighted_kappa")
    assert kappa(target, prediction) == pytest.approx(cohen_kappa_score(target, prediction, **options))
    theirs = cohen_kappa_score(target, prediction, sample_weight=weight, **options)
    assert kappa(target, prediction, weight) == pytest.approx(theirs)


def test_kappa_knows_levels_that_these_rows_lack():
    from sklearn.metrics import cohen_kappa_score

    kappa = registry.metric("quadratic_weighted_kappa")
    target, prediction = np.array([0, 0, 4, 4]), np.array([0, 3, 4, 3])
    theirs = cohen_kappa_score(target, prediction, labels=range(5), weights="quadratic")
    assert kappa(target, prediction) == pytest.approx(theirs)
    assert kappa(target, prediction) != pytest.approx(cohen_kappa_score(target, prediction, weights="quadratic"))
    with pytest.raises(ValueError, match="two levels"):
        kappa(np.array([1, 1]), np.array([0, 1]))


@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(1, 60), st.booleans())
def test_scores_of_classes_are_scikit_learns(seed, classes, rows, weighted):
    """Counted here for speed: they must stay what scikit-learn says."""
    from sklearn import metrics as known

    rng = np.random.default_rng(seed)
    target, said = rng.integers(0, classes, (2, rows))
    weight = rng.uniform(0.1, 3.0, rows) if weighted else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {
            "accuracy": known.accuracy_score(target, said, sample_weight=weight),
            "balanced_accuracy": known.balanced_accuracy_score(target, said, sample_weight=weight),
            "f1_macro": known.f1_score(target, said, average="macro", zero_division=0.0, sample_weight=weight),
        }
    for name, score in wanted.items():
        assert registry.metric(name)(target, said, weight) == pytest.approx(score)
