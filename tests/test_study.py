"""What is measured of a loss without data: its shape, who it listens to, its counterexamples."""

import math

import pytest
import torch

from lossmith import registry
from lossmith.card import Fails
from lossmith.study.settings import complete, stated
from lossmith.study.shares import shares
from lossmith.study.study import study
from lossmith.study.witness import told, witnesses

NAMES = list(registry.index()["losses"])
HELD = {"ghm_classification_loss", "hausdorff_dt_loss", "lambdarank_loss"}
"""Bins of the gradient's size, distances to a mask's edge, ranks: they jump in value and hold still in the gradient."""


def pulls(name, **settings):
    found = shares(registry.load(name, reduction="none", **settings))
    return dict(zip(found.group, found.pull, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_can_be_studied(name):
    found = study(name)
    if registry.card(name).kind != "loss":
        assert found.curve is None
        return
    assert len(found.curve.x) == len(found.curve.value) == len(found.curve.gradient) > 100
    assert all(map(math.isfinite, found.curve.value + found.curve.gradient))
    assert found.curve.x_label
    assert max(map(abs, found.curve.gradient)) > 0
    if found.shares:
        for part in (found.shares.examples, found.shares.pull, found.shares.default_pull):
            assert sum(part) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_curves_gradient_is_the_slope_of_its_value(name):
    drawn = study(name).curve
    card = registry.card(name)
    if drawn is None or card.surrogate_gradient or isinstance(card.claims["sample_independent"], Fails):
        return
    if name in HELD:
        return
    x, value, gradient = (torch.tensor(part, dtype=torch.float64) for part in (drawn.x, drawn.value, drawn.gradient))
    slope = (value[1:] - value[:-1]) / (x[1:] - x[:-1])
    low, high = torch.minimum(gradient[1:], gradient[:-1]), torch.maximum(gradient[1:], gradient[:-1])
    room = 0.05 * gradient.abs().max() + 1e-3
    steady = (high - low) < room  # where it bends or jumps, the mean slope says nothing
    right = ((slope >= low - room) & (slope <= high + room))[steady]
    if steady.double().mean() > 0.75:  # a value that steps all along (another negative is taken) has no slope
        assert right.double().mean() >= 0.95


def test_absolute_error_pulls_by_number_and_squared_error_by_size():
    """Every residual pulls with 1 in the one; in the other with itself: 800·0.55 + 120·2.5 + 20·9 + 60·0.55 = 953."""
    assert pulls("absolute_error_loss") == {"easy": 0.8, "hard": 0.12, "outlier": 0.02, "rare": 0.06}
    squared = {"easy": 440 / 953, "hard": 300 / 953, "outlier": 180 / 953, "rare": 33 / 953}
    assert pulls("squared_error_loss") == pytest.approx(squared, abs=1e-3)


def test_focal_turns_from_easy_to_hard_and_to_the_mislabelled():
    cross_entropy, focal = pulls("cross_entropy_loss"), pulls("focal_loss")
    assert focal["easy"] < 0.1 * cross_entropy["easy"]
    assert focal["mislabelled"] > cross_entropy["mislabelled"]
    assert pulls("focal_loss", gamma=0.0) == pytest.approx(cross_entropy, abs=1e-3)


def test_a_logit_and_two_class_scores_tell_the_same():
    assert pulls("binary_cross_entropy_loss") == pytest.approx(pulls("cross_entropy_loss"), abs=1e-3)


def test_what_has_no_default_is_chosen_for_two_uneven_classes_and_said():
    card = registry.card("logit_adjusted_cross_entropy_loss")
    assert stated(card)["class_prior"].tolist() == pytest.approx([0.9, 0.1])
    assert "class_prior = (0.9, 0.1)" in study(card.name).stated
    assert study("huber_loss").stated == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_denial_that_the_catalogues_test_shows_has_a_counterexample(name):
    card = registry.card(name)
    if card.kind != "loss":
        return
    denied = {prop for prop, claim in card.claims.items() if isinstance(claim, Fails)}
    assert set(witnesses(card)) == denied


def test_a_counterexample_shows_what_it_says():
    """Huber's minimiser on a skewed target is not its mean."""
    told_ = witnesses(registry.card("huber_loss"))["proper"]
    assert "minimiser =" in told_
    assert "wanted =" in told_


def test_long_tensors_are_cut_in_a_counterexample():
    from lossmith.properties import Violation

    text = told(Violation(1.0, {"input": torch.arange(20.0), "one": torch.tensor(-1.5)}))
    assert text == "input = (0, 1, 2, 3, 4, 5, 6, 7, …), one = −1.5"


def test_given_settings_win():
    assert complete(registry.card("huber_loss"), {"delta": 3.0}) == {"delta": 3.0}
