"""The code to paste: it runs as it stands, trains, and predicts what lossmith's own link and rule predict."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lossmith import registry
from lossmith.advisor.profile import Profile
from lossmith.advisor.snippet import snippet
from lossmith.advisor.trials import Trial
from lossmith.training import decision
from lossmith.training.links import Link, fit_link, shaped
from lossmith.training.problem import Candidate, Problem

RULES = {
    "value": {},
    "positive": {"floor": 0.5},
    "probability": {},
    "argmax": {},
    "threshold": {"threshold": 0.3},
    "prior": {"power": 0.75, "prior": [0.5, 0.3, 0.2]},
    "median_level": {},
    "quantiles": {"stretch": 1.2},
    "residual_quantiles": {"offsets": [-1.5, 2.0]},
    "log_residual_quantiles": {"offsets": [-0.25, 0.5]},
    "thresholds": {"threshold": [0.3, 0.5, 0.7]},
    "shared_threshold": {"threshold": 0.4},
    "cuts": {"cuts": [0.8, 1.3]},
    "least_cost": {"prices": [[0.0, 1.0, 2.0], [5.0, 0.0, 5.0], [9.0, 3.0, 0.0]]},
}
VALUES = [
    ("squared_error_loss", "identity", {}),
    ("huber_loss", "identity", {"delta": 0.5}),
    ("absolute_error_loss", "log1p", {}),
    ("absolute_error_loss", "softplus", {}),
    ("absolute_percentage_error_loss", "exp", {}),
    ("poisson_loss", "log", {}),
]
CASES = [
    *[(loss, link, params, rule) for loss, link, params in VALUES for rule in ("value", "positive")],
    ("binary_cross_entropy_loss", "sigmoid", {}, "threshold"),
    ("binary_cross_entropy_loss", "sigmoid", {}, "argmax"),
    ("sigmoid_focal_loss", "sigmoid", {"gamma": 1.0}, "probability"),
    ("class_weighted_cross_entropy_loss", "softmax", {"weight": [0.5, 1.0, 2.0]}, "prior"),
    ("cross_entropy_loss", "softmax", {}, "argmax"),
    ("cross_entropy_loss", "softmax", {}, "median_level"),
    ("cross_entropy_loss", "softmax", {}, "least_cost"),
    ("cross_entropy_loss", "softmax", {}, "cuts"),
    ("binary_cross_entropy_loss", "cumulative", {}, "median_level"),
    ("sigmoid_brier_loss", "cumulative", {}, "cuts"),
    ("binary_cross_entropy_loss", "sigmoids", {}, "thresholds"),
    ("binary_cross_entropy_loss", "sigmoids", {}, "shared_threshold"),
    ("sigmoid_focal_loss", "sigmoids", {"gamma": 1.0}, "probability"),
]
SPREAD = [
    (loss, link, params, rule, metric)
    for loss, params in (
        ("gaussian_nll_loss", {}),
        ("laplace_nll_loss", {}),
        ("multi_quantile_loss", {"levels": [0.05, 0.95]}),
    )
    for link in ("identity", "log1p")
    for rule, metric in (("quantiles", "interval_score@0.9"),)
]
SPREAD += [
    ("multi_quantile_loss", "log1p", {"levels": list(registry.metric("crps").levels)}, "quantiles", "crps"),
    ("gaussian_crps_loss", "identity", {}, "quantiles", "crps"),
    ("squared_error_loss", "identity", {}, "residual_quantiles", "interval_score@0.9"),
    ("squared_error_loss", "log1p", {}, "log_residual_quantiles", "interval_score@0.9"),
    ("gaussian_nll_loss", "identity", {}, "value", "rmse"),
    ("gaussian_nll_loss", "log1p", {}, "value", "rmsle"),
    ("laplace_nll_loss", "log1p", {}, "value", "pinball@0.9"),
    ("gaussian_nll_loss", "log1p", {}, "positive", "poisson_deviance"),
]


@pytest.mark.parametrize(("loss", "link", "params", "rule", "metric"), SPREAD)
def test_code_for_a_distribution_runs_trains_and_agrees(loss, link, params, rule, metric):
    rng = np.random.default_rng(0)
    y = rng.lognormal(size=40)
    chosen, card = registry.metric(metric), registry.card(loss)
    fitted = shaped(fit_link(link, y, card, params, 0), card, params, chosen)
    code = snippet(Candidate("c", loss, params, link, rule), a_profile((), {}, metric), [a_trial(fitted, RULES[rule])])
    names: dict = {}
    exec(code, names)
    output = names["head"](torch.randn(40, 8))
    names["training_loss"](output, torch.from_numpy(y).float()).backward()
    assert names["head"].weight.grad.abs().sum() > 0
    output = output.detach().double()
    expected = fitted.inverse(output)
    predicted = names["predict"](output)
    assert predicted.numpy() == pytest.approx(expected, rel=1e-4, abs=1e-4)
    decided = names["decide"](predicted).numpy()
    assert decided == pytest.approx(decision.decide(rule, expected, RULES[rule]), rel=1e-4, abs=1e-4)
    if chosen.levels:
        assert decided.shape == (40, len(chosen.levels))
        assert (np.diff(decided, axis=1) >= 0).all()


def a_profile(levels, counts, metric="mae"):
    problem = Problem("y", "multiclass" if levels else "regression", metric, levels=levels)
    return Profile(problem, "t", 10, 0, (), "", "", {"counts": counts}, {}, ())


def a_trial(link, rule_params):
    return Trial("c", 0, 0, 0.01, 0, 0.0, 0.0, 1, 0.0, rule_params, link.numbers(), (), (), ())


@pytest.mark.parametrize(("loss", "link", "params", "rule"), CASES)
def test_it_runs_trains_and_agrees(loss, link, params, rule):
    classes = {"softmax": 3, "sigmoid": 2, "sigmoids": 3, "cumulative": 3}.get(link, 0)
    fitted = Link(link, centre=2.0 if link in ("identity", "log1p") else 0.0, scale=1.5, classes=classes)
    levels = ("a", "b", "c")[:classes]
    found = a_profile(levels, dict(zip(levels, (50, 30, 20), strict=False)))
    code = snippet(Candidate("c", loss, params, link, rule), found, [a_trial(fitted, RULES[rule])])
    names: dict = {}
    exec(code, names)

    hidden = torch.randn(40, 8)
    rng = np.random.default_rng(0)
    y = torch.from_numpy(rng.integers(0, classes, 40) if classes else rng.lognormal(size=40).astype(np.float32))
    if link == "sigmoids":
        y = torch.nn.functional.one_hot(y, classes)
    output = names["head"](hidden)
    names["training_loss"](output, y).backward()
    assert names["head"].weight.grad.abs().sum() > 0

    output = output.detach().double()
    expected = fitted.inverse(output)
    predicted = names["predict"](output)
    shown = expected[:, 1] if link == "sigmoid" else expected
    assert predicted.numpy() == pytest.approx(shown, rel=1e-5)
    decided = np.asarray(names["decide"](predicted))
    wanted = decision.decide(rule, expected, RULES[rule])
    if rule == "probability" and link == "sigmoid":
        wanted = wanted[:, 1]
    assert decided.astype(float) == pytest.approx(wanted.astype(float), rel=1e-5)


@pytest.mark.parametrize("loss", ["squared_error_loss", "absolute_error_loss"])
def test_levels_from_a_number_are_cut_as_tuned(loss):
    link, levels = Link("identity", centre=1.0, scale=0.8), ("low", "middle", "high")
    found = a_profile(levels, dict.fromkeys(levels, 10))
    code = snippet(Candidate("c", loss, {}, "identity", "cuts"), found, [a_trial(link, RULES["cuts"])])
    names: dict = {}
    exec(code, names)
    output, y = torch.randn(40, 1).double(), torch.arange(40) % 3
    names["training_loss"](output, y)
    decided = names["decide"](names["predict"](output))
    wanted = decision.decide("cuts", link.inverse(output), RULES["cuts"])
    assert decided.tolist() == wanted.tolist()
    assert "0 = 'low'" in code
    exec(snippet(Candidate("c", loss, {}, "identity", "cuts"), found, []), names)


def test_no_trials_still_give_code_that_runs():
    code = snippet(Candidate("c", "squared_error_loss"), a_profile((), {}), [])
    exec(code, {})


def test_weighted_rows_are_weighted_in_the_code_to_paste():
    found = replace(a_profile((), {}), problem=Problem("y", "regression", "mae", weight="it's w"))
    names: dict = {}
    exec(snippet(Candidate("c", "absolute_error_loss"), found, []), names)
    output, y = torch.tensor([[1.0], [2.0]]), torch.tensor([0.0, 0.0])
    assert names["training_loss"](output, y, torch.tensor([0.5, 1.5])).item() == pytest.approx((0.5 + 3.0) / 2)


def test_the_prior_in_the_code_is_that_of_the_weights():
    found = a_profile(("a", "b"), {"a": 50, "b": 50})
    found = replace(found, target={**found.target, "weight_shares": {"a": 0.9, "b": 0.1}})
    code = snippet(Candidate("c", "cross_entropy_loss", {}, "softmax", "prior"), found, [])
    assert "prior = torch.tensor([0.9, 0.1])" in code
