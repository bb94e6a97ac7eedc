"""Output links: what the loss sees and what comes back."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lossmith import registry
from lossmith.training.links import Anchor, fit_around, fit_link, robust, shaped

VALUE_LINKS = ("identity", "log1p", "softplus", "exp", "log")


@pytest.fixture
def skewed():
    return np.random.default_rng(0).lognormal(3.0, 1.0, 500)


@pytest.mark.parametrize("name", ["identity", "log1p"])
def test_predicting_the_target_exactly_comes_back_as_the_target(name, skewed):
    link = fit_link(name, skewed, registry.card("squared_error_loss"), {}, 0)
    output = link.target(skewed, torch.float64)[:, None]
    assert link.inverse(output) == pytest.approx(skewed)


@pytest.mark.parametrize("name", ["softplus", "exp"])
def test_a_positive_link_shows_the_loss_what_it_predicts(name, skewed):
    link = fit_link(name, skewed, registry.card("absolute_error_loss"), {}, 0)
    output = torch.randn(200, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert link.scale * link.seen(output).numpy() == pytest.approx(link.inverse(output))
    assert (link.inverse(output) > 0).all()


def test_the_log_link_hands_the_loss_the_logarithm(skewed):
    link = fit_link("log", skewed, registry.card("poisson_loss"), {}, 0)
    output = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    assert link.seen(output).tolist() == [0.0, 1.0]
    assert link.inverse(output) == pytest.approx(skewed.mean() * np.exp([0.0, 1.0]))


def test_robust_losses_get_a_scale_that_outliers_cannot_move(skewed):
    spoilt = np.concatenate([skewed, [1e9]])
    card = registry.card("absolute_error_loss")
    clean_centre = fit_link("identity", skewed, card, {}, 0).centre
    assert fit_link("identity", spoilt, card, {}, 0).centre == pytest.approx(clean_centre, rel=0.02)
    assert fit_link("identity", spoilt, registry.card("squared_error_loss"), {}, 0).centre > 1e6


def test_pinball_starts_at_its_own_quantile(skewed):
    link = fit_link("identity", skewed, registry.card("pinball_loss"), {"quantile": 0.9}, 0)
    assert link.centre == pytest.approx(np.quantile(skewed, 0.9))


def test_which_losses_are_robust():
    names = {name for name, card in registry.catalogue().items() if card.family == "regression" and robust(card)}
    assert {"absolute_error_loss", "huber_loss", "pinball_loss", "log_cosh_loss"} <= names
    assert not names & {"squared_error_loss", "poisson_loss", "tweedie_loss"}


@given(st.floats(-1e6, 1e6))
def test_a_constant_target_is_no_division_by_zero(value):
    target = np.full(10, value)
    link = fit_link("identity", target, registry.card("squared_error_loss"), {}, 0)
    assert np.isfinite(link.target(target).numpy()).all()


@pytest.mark.parametrize("name", VALUE_LINKS)
def test_a_wild_output_is_still_a_number(name, skewed):
    card = registry.card("poisson_loss" if name == "log" else "squared_error_loss")
    link = fit_link(name, skewed, card, {}, 0)
    assert np.isfinite(link.inverse(torch.tensor([[-1e6], [1e6]]))).all()


def test_classes_come_back_as_probabilities():
    labels = np.array([0, 1, 1, 0])
    two = fit_link("sigmoid", labels, registry.card("binary_cross_entropy_loss"), {}, 2)
    three = fit_link("softmax", labels, registry.card("cross_entropy_loss"), {}, 3)
    output = torch.randn(5, 4)  # the network may have more outputs than this candidate reads
    assert two.inverse(output).shape == (5, 2)
    assert three.inverse(output).shape == (5, 3)
    assert two.inverse(output).sum(1) == pytest.approx(np.ones(5))
    assert three.inverse(output).sum(1) == pytest.approx(np.ones(5))
    assert (two.outputs, three.outputs) == (1, 3)


@pytest.mark.parametrize("name", ["identity", "log1p", "softplus"])
@pytest.mark.parametrize("loss", ["squared_error_loss", "absolute_error_loss"])
def test_whole_weights_fit_a_link_as_repeated_rows_do(name, loss):
    y = np.random.default_rng(0).lognormal(size=200)
    weight = np.random.default_rng(1).integers(1, 5, 200)
    weighted = fit_link(name, y, registry.card(loss), {}, 0, weight)
    repeated = fit_link(name, np.repeat(y, weight), registry.card(loss), {}, 0)
    # NumPy's plain median interpolates between two rows, the weighted one takes one of them
    assert weighted.centre == pytest.approx(repeated.centre, rel=0.01)
    assert weighted.scale == pytest.approx(repeated.scale, rel=0.01)


@pytest.mark.parametrize("name", VALUE_LINKS)
@pytest.mark.parametrize("loss", ["squared_error_loss", "absolute_error_loss"])
def test_with_an_anchor_an_output_of_nothing_is_the_anchor(name, loss, skewed):
    anchor = Anchor(np.roll(skewed, 1) + 1.0, np.full(len(skewed), 5.0))
    link = fit_around(name, skewed, registry.card(loss), anchor)
    assert link.inverse(torch.zeros(len(skewed), 1), anchor) == pytest.approx(anchor.value)


@pytest.mark.parametrize("name", VALUE_LINKS)
def test_with_an_anchor_the_loss_sees_the_prediction_against_the_target(name, skewed):
    """What the loss compares comes to the same as prediction and target in the target's own unit."""
    rng = np.random.default_rng(1)
    anchor = Anchor(np.roll(skewed, 1) + 1.0, rng.uniform(1.0, 9.0, len(skewed)))
    link = fit_around(name, skewed, registry.card("squared_error_loss"), anchor)
    output = torch.as_tensor(rng.normal(size=(len(skewed), 1)) * 0.3)
    step, offset = link.start(anchor, torch.float64)
    seen = link.seen(output * step[:, None] + offset[:, None]).numpy()
    seen = np.exp(seen) if name == "log" else seen
    prediction, target = link.inverse(output, anchor), link.target(skewed, torch.float64, anchor).numpy()
    scaled = np.log1p if name == "log1p" else lambda values: values
    assert seen - target == pytest.approx((scaled(prediction) - scaled(skewed)) / link.scale)


def test_with_an_anchor_the_unit_is_the_rows_own():
    anchor = Anchor(np.array([10.0, 1000.0]), np.array([1.0, 50.0]))
    link = fit_around("identity", np.array([11.0, 900.0]), registry.card("absolute_error_loss"), anchor)
    assert link.inverse(torch.tensor([[2.0], [2.0]]), anchor) == pytest.approx([12.0, 1100.0])


def of_columns(name, y, loss, params, metric):
    card = registry.card(loss)
    return shaped(fit_link(name, y, card, params, 0), card, params, metric)


@pytest.mark.parametrize("name", ["identity", "log1p"])
def test_columns_of_a_family_come_back_as_its_quantiles(name, skewed):
    metric = registry.metric("interval_score@0.8")
    link = of_columns(name, skewed, "gaussian_nll_loss", {}, metric)
    assert (link.outputs, link.levels) == (2, (0.1, 0.9))
    output = torch.tensor([[0.0, 0.0, 9.0], [1.0, -1.0, 9.0]], dtype=torch.float64)  # a wider candidate's third column
    assert link.seen(output).tolist() == output[:, :2].tolist()
    z = 1.2815515655446004
    standard = link.centre + link.scale * np.array([[-z, z], [1 - z / np.e, 1 + z / np.e]])
    assert link.inverse(output) == pytest.approx(np.expm1(standard) if name == "log1p" else standard)


def test_columns_that_cross_come_back_in_order(skewed):
    metric = registry.metric("interval_score@0.8")
    link = of_columns("identity", skewed, "multi_quantile_loss", {"levels": [0.1, 0.9]}, metric)
    output = torch.tensor([[2.0, -1.0]], dtype=torch.float64)
    assert link.seen(output).tolist() == [[2.0, -1.0]], "the loss sees what the network gave"
    assert link.inverse(output) == pytest.approx(link.centre + link.scale * np.array([[-1.0, 2.0]]))


@pytest.mark.parametrize(
    ("name", "metric", "wanted"),
    [
        ("identity", "rmse", 3.0),
        ("identity", "mae", 3.0),
        ("identity", "pinball@0.9", 3.0 + 1.2815515655),
        ("log1p", "rmse", np.exp(3.5) - 1),
        ("log1p", "mae", np.exp(3.0) - 1),
        ("log1p", "rmsle", np.exp(3.0) - 1),
    ],
)
def test_a_distribution_is_reduced_to_what_the_metric_asks_for(name, metric, wanted):
    y = np.expm1(np.array([2.0, 4.0])) if name == "log1p" else np.array([2.0, 4.0])  # centre 3, scale 1
    link = of_columns(name, y, "gaussian_nll_loss", {}, registry.metric(metric))
    assert link.inverse(torch.zeros(1, 2)) == pytest.approx([wanted], rel=0.03)


def test_a_wild_scale_stays_a_number(skewed):
    link = of_columns("log1p", skewed, "gaussian_nll_loss", {}, registry.metric("crps"))
    assert np.isfinite(link.inverse(torch.tensor([[1e6, 1e6], [-1e6, -1e6]]))).all()


@pytest.mark.parametrize("name", ["log1p", "softplus", "exp", "log"])
def test_a_link_that_multiplies_believes_nothing_far_beyond_the_largest_target(name, skewed):
    card = registry.card("squared_error_loss")
    anchor = Anchor(skewed, np.ones(500))
    wild = torch.full((500, 1), 100.0)
    assert fit_link(name, skewed, card, {}, 0).inverse(wild).max() == pytest.approx(2 * skewed.max())
    assert fit_around(name, skewed, card, anchor).inverse(1e3 * wild, anchor).max() == pytest.approx(2 * skewed.max())
    assert fit_link("identity", skewed, card, {}, 0).inverse(1e6 * wild).max() > 1e6


def test_a_distribution_is_not_asked_for_what_it_does_not_hold(skewed):
    with pytest.raises(ValueError, match="asked for a mean or quantiles"):
        of_columns("identity", skewed, "gaussian_nll_loss", {}, registry.metric("mape"))


@pytest.mark.parametrize("name", ["identity", "log1p"])
@pytest.mark.parametrize("loss", ["gaussian_nll_loss", "multi_quantile_loss"])
def test_with_an_anchor_a_distribution_departs_from_it_in_the_rows_own_unit(name, loss):
    metric, card, params = registry.metric("interval_score@0.8"), registry.card(loss), {"levels": [0.1, 0.9]}
    anchor = Anchor(np.array([10.0, 1000.0]), np.array([1.0, 50.0]))
    link = shaped(fit_around(name, np.array([11.0, 900.0]), card, anchor), card, params, metric)
    z = 1.2815515655446004
    output = torch.tensor([[0.0, 0.0] if loss == "gaussian_nll_loss" else [-z, z]] * 2, dtype=torch.float64)
    low, high = link.inverse(output, anchor).T
    if name == "identity":
        assert low == pytest.approx(anchor.value - z * anchor.unit)
        assert high == pytest.approx(anchor.value + z * anchor.unit)
    else:
        assert (low * high + low + high + 1) == pytest.approx((1 + anchor.value) ** 2)
    step, offset = link.start(anchor, torch.float64)
    assert torch.equal(link.started(output, step, offset), link.seen(link.started(output, step, offset)))
