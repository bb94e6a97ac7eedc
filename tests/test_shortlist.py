"""Who is on the list, and why: the join of what metrics ask for with what losses elicit."""

import numpy as np
import pandas as pd
import pytest

from lossmith import registry
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import LONGEST, fitting, shortlist
from lossmith.training.problem import Problem

RNG = np.random.default_rng(0)
X = RNG.normal(size=300)
TABLES = {
    "symmetric": X + RNG.normal(size=300),
    "skewed": np.exp(1.5 * X + RNG.normal(size=300)),
    "outliers": X + RNG.standard_t(1.2, size=300),
    "count": RNG.poisson(np.exp(X)),
    "zeros": np.where(RNG.random(300) < 0.7, 0.0, np.exp(X)),
}
VALUE_METRICS = {
    "symmetric": ("crps", "interval_score@0.5", "rmse", "r2", "mae", "pinball@0.9"),
    "skewed": ("crps", "rmse", "mae", "gamma_deviance", "mape", "rmsle", "pinball@0.1"),
    "outliers": ("rmse", "mae"),
    "count": ("crps", "rmse", "mae", "rmsle", "poisson_deviance"),
    "zeros": ("rmse", "mae", "rmsle", "tweedie_deviance@1.5", "poisson_deviance"),
}
LABELS = {
    "balanced": np.where(X + RNG.normal(size=300) > 0, "yes", "no"),
    "rare": np.where(X + RNG.normal(size=300) > 2, "yes", "no"),
    "three": np.array(["a", "b", "c"])[np.digitize(X + 0.3 * RNG.normal(size=300), [-1.5, 0.5])],
}
CLASS_METRICS = {
    "balanced": ("log_loss", "accuracy", "roc_auc", "f1", "cost: FN=5,FP=1"),
    "rare": ("log_loss", "brier", "average_precision", "balanced_accuracy", "f1"),
    "three": ("log_loss", "brier", "accuracy", "balanced_accuracy", "f1_macro", "f1_micro", "average_precision_macro"),
}
CASES = [(name, metric) for metrics in (VALUE_METRICS, CLASS_METRICS) for name in metrics for metric in metrics[name]]


def listed(name, metric, losses=(), task=None):
    target = TABLES.get(name, LABELS.get(name))
    found = profile(read(pd.DataFrame({"x": X, "y": target}), Problem("y", task, metric)))
    return found, shortlist(found, found.problem, losses)


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_the_reference_comes_first_and_answers_the_metric(name, metric):
    found, candidates = listed(name, metric)
    reference = candidates[0]
    assert "reference" in reference.roles
    assert sum("reference" in candidate.roles for candidate in candidates) == 1
    assert sum("default" in candidate.roles for candidate in candidates) == 1
    assert reference.reasons[0].startswith("Consistent")
    card = registry.card(reference.loss)
    parameters = {key: p["default"] for key, p in registry.find(reference.loss)["parameters"].items()}
    elicited = card.elicited(**{**parameters, **reference.params}).through(reference.link)
    assert elicited.implies(registry.metric(metric).elicited(str(found.problem.task)))


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_the_list_is_short_explained_and_buildable(name, metric):
    _, candidates = listed(name, metric)
    assert 3 <= len(candidates) <= LONGEST + 1
    assert len({candidate.id for candidate in candidates}) == len(candidates)
    for candidate in candidates:
        assert candidate.reasons or "default" in candidate.roles
        registry.load(candidate.loss, **candidate.params)


@pytest.mark.parametrize(
    ("name", "metric", "reference"),
    [
        ("skewed", "rmse", "squared_error_loss"),
        ("skewed", "mae", "absolute_error_loss"),
        ("skewed", "mape", "absolute_percentage_error_loss"),
        ("skewed", "rmsle", "squared_error_loss@log1p"),
        ("skewed", "gamma_deviance", "gamma_loss"),
        ("symmetric", "crps", "multi_quantile_loss"),
        ("skewed", "interval_score@0.9", "multi_quantile_loss"),
        ("symmetric", "r2", "squared_error_loss"),
        ("symmetric", "medae", "absolute_error_loss"),
        ("skewed", "smape", "absolute_error_loss@log1p"),
        ("three", "f1_macro", "cross_entropy_loss"),
        ("three", "brier", "cross_entropy_loss"),
        ("rare", "brier", "binary_cross_entropy_loss"),
        ("symmetric", "pinball@0.9", "pinball_loss"),
        ("count", "poisson_deviance", "poisson_loss"),
        ("zeros", "tweedie_deviance@1.5", "tweedie_loss"),
        ("rare", "average_precision", "binary_cross_entropy_loss"),
        ("three", "balanced_accuracy", "cross_entropy_loss"),
    ],
)
def test_the_reference_is_the_one_theory_names(name, metric, reference):
    assert listed(name, metric)[1][0].id == reference


def test_parameters_come_from_metric_and_data():
    by_loss = {c.loss: c for c in listed("symmetric", "pinball@0.9")[1]}
    assert by_loss["pinball_loss"].params == {"quantile": 0.9}
    by_loss = {c.loss: c for c in listed("zeros", "tweedie_deviance@1.3")[1]}
    assert by_loss["tweedie_loss"].params == {"power": 1.3}
    found, candidates = listed("rare", "balanced_accuracy")
    by_loss = {c.loss: c for c in candidates}
    no, yes = (found.target["counts"][level] for level in ("no", "yes"))
    weight = by_loss["class_weighted_cross_entropy_loss"].params["weight"]
    assert weight == pytest.approx([300 / (2 * no), 300 / (2 * yes)], rel=1e-3)
    prior = by_loss["logit_adjusted_cross_entropy_loss"].params["class_prior"]
    assert prior == pytest.approx([no / 300, yes / 300], rel=1e-3)


def test_no_loss_is_there_twice_under_another_name():
    ids = {candidate.id for candidate in listed("balanced", "log_loss")[1]}
    assert "cross_entropy_loss" not in ids  # with two classes, binary cross-entropy is the same
    assert not any(i.startswith("pinball") for i in {c.id for c in listed("skewed", "mae")[1]})


def test_a_logarithm_is_kept_for_skewed_targets():
    assert not any(c.link == "log1p" for c in listed("symmetric", "mae")[1])
    assert any(c.link == "log1p" for c in listed("skewed", "mae")[1])


def test_what_the_user_names_is_trained_beside_reference_and_default():
    _, candidates = listed("skewed", "mae", ("tweedie", "huber_loss@log1p"))
    roles = {candidate.id: candidate.roles for candidate in candidates}
    assert roles == {
        "absolute_error_loss": ("reference", "consistent"),
        "tweedie_loss": ("requested",),
        "huber_loss@log1p": ("requested",),
        "squared_error_loss": ("default",),
    }


@pytest.mark.parametrize("loss", ["cross_entropy_loss", "squared_error_loss@sigmoid", "nonsense"])
def test_a_loss_that_does_not_fit_is_refused_in_one_line(loss):
    with pytest.raises(ValueError, match="should") as refused:
        listed("skewed", "mae", (loss,))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("loss", "why"),
    [
        ("rmse_loss", "value for each row"),
        ("adaptive_barron_loss", "learns alpha_logit, log_scale"),
        ("tail_weighted_loss", "needs grid, density"),
        ("squared_log_error_loss", "squared_error_loss@log1p"),
    ],
)
def test_a_loss_that_trials_cannot_train_is_refused_with_the_reason(loss, why):
    with pytest.raises(ValueError, match=why):
        listed("skewed", "mae", (loss,))


def test_every_other_regression_loss_may_be_asked_for():
    for loss in ("cauchy", "welsch", "barron", "linex", "expectile", "smooth_l1", "epsilon_insensitive", "smape"):
        _, candidates = listed("skewed", "mae", (loss,))
        asked = [candidate for candidate in candidates if "requested" in candidate.roles]
        assert asked
        for candidate in asked:
            registry.load(candidate.loss, **candidate.params)


def test_twins_of_other_losses_are_not_on_the_list():
    for name, metric in (("outliers", "mae"), ("outliers", "rmse"), ("skewed", "rmse")):
        losses = {candidate.loss for candidate in listed(name, metric)[1]}
        assert not losses & {"expectile_loss", "smooth_l1_loss", "epsilon_insensitive_loss"}


def test_it_is_deterministic_and_survives_json():
    from lossmith.advisor.profile import Profile
    from lossmith.training.problem import Candidate

    found, candidates = listed("count", "poisson_deviance")
    again = Profile.from_json(found.to_json())
    assert shortlist(again, again.problem) == candidates
    assert [Candidate.from_json(c.to_json()) for c in candidates] == candidates


@pytest.mark.parametrize(("name", "metric"), [("symmetric", "medae"), ("skewed", "smape"), ("skewed", "medae")])
def test_a_metric_that_no_loss_answers_gets_the_nearest_and_says_so(name, metric):
    _, candidates = listed(name, metric)
    assert candidates[0].reasons[0].startswith("Nearest: no convex loss elicits the")
    consistent = {c.loss for c in candidates if any("Consistent" in reason for reason in c.reasons)}
    assert consistent == ({"symmetric_percentage_error_loss"} if metric == "smape" else set())


def test_a_metric_without_even_a_near_loss_is_measured_from_the_default(monkeypatch):
    from dataclasses import replace

    chosen = registry.metric("medae")
    lonely = replace(chosen, metric=replace(chosen.metric, nearest=None))
    found, _ = listed("symmetric", "medae")
    monkeypatch.setattr(registry, "metric", lambda text: lonely)
    first = shortlist(found, found.problem)[0]
    assert first.id == "squared_error_loss"
    assert set(first.roles) == {"reference", "default"}
    assert first.reasons[0].startswith("No loss elicits the middle of the shortest half")


@pytest.mark.parametrize("name", ["symmetric", "skewed", "zeros"])
@pytest.mark.parametrize("metric", ["crps", "interval_score@0.9"])
def test_every_loss_may_compete_for_a_distribution(name, metric):
    """Quantiles, a family, and a point prediction with the spread of its residuals."""
    _, candidates = listed(name, metric)
    by_loss = {candidate.loss: candidate for candidate in candidates}
    assert by_loss["multi_quantile_loss"].params == {"levels": list(registry.metric(metric).levels)}
    assert "gaussian_nll_loss" in by_loss
    assert "default" in next(c for c in candidates if c.id == "squared_error_loss").roles
    for candidate in candidates:
        wanted = {
            "distribution": "quantiles",
            "regression": "log_residual_quantiles" if candidate.link == "log1p" else "residual_quantiles",
        }
        assert candidate.rule == wanted[registry.find(candidate.loss)["family"]], candidate.id


@pytest.mark.parametrize("metric", ["rmse", "mae", "pinball@0.9"])
def test_a_distribution_is_tried_for_one_number_when_asked(metric):
    assert not any("nll" in c.id or "quantile_" in c.id for c in listed("skewed", metric)[1])
    _, candidates = listed("skewed", metric, ("gaussian_nll_loss",))
    assert {c.id for c in candidates if "requested" in c.roles} == {"gaussian_nll_loss", "gaussian_nll_loss@log1p"}
    with pytest.raises(ValueError, match="should fit"):
        listed("skewed", metric, ("multi_quantile_loss",))


@pytest.mark.parametrize(("name", "metric"), [("balanced", "log_loss"), ("three", "accuracy"), ("symmetric", "rmse")])
def test_losses_of_masks_series_boxes_and_tokens_are_not_for_tables(name, metric):
    found, _ = listed(name, metric)
    elsewhere = ("segmentation", "detection", "sequence", "series")
    assert not [c.loss for c in fitting(found, found.problem).values() if registry.card(c.loss).family in elsewhere]


@pytest.mark.parametrize("loss", ["exponential_loss", "savage_loss", "tangent_loss"])
def test_a_loss_with_a_link_of_its_own_is_refused_in_words(loss):
    with pytest.raises(ValueError, match="in a way of its own"):
        listed("balanced", "accuracy", (loss,))
