"""The ledger of claims: verdicts follow from figures, and the page from the last figures kept."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from benchmarks.claims import __main__ as command
from benchmarks.claims import scores, sets
from benchmarks.claims.claim import Figure, Rule, Verdict, claims, exact, interval, of_seeds, to_json
from benchmarks.claims.compare import WORST, Arm, compare, split
from benchmarks.claims.elementary import squared
from benchmarks.claims.networks import Recipe, train
from benchmarks.claims.page import page
from benchmarks.claims.picture import picture_of, written
from benchmarks.claims.sets import Table

ROOT = Path(__file__).parent.parent
KNOWN = claims()
KEPT = json.loads((ROOT / "docs/claims/claims.json").read_text())

# A figure for which the claim is true, and one for which it is false, from what the figure counts.
MADE_UP = {
    "accuracy_can_be_trained_directly": (20.0, 0.0),
    "class_weights_cost_nothing": (-1.0, 50.0),
    "convex_loss_convex_training": (-0.1, 0.2),
    "cross_entropy_minds_outliers_less": (0.5, -3.0),
    "cross_entropy_needs_one_hot": (0.3, 0.0),
    "dice_for_small_objects": (5.0, -2.0),
    "focal_gives_calibrated_probabilities": (2.0, -2.0),
    "huber_is_always_safer": (5.0, -10.0),
    "imbalance_calls_for_focal": (3.0, -3.0),
    "kl_and_cross_entropy_train_the_same": (0.0, 0.1),
    "label_smoothing_calibrates": (3.0, -3.0),
    "log_loss_fails_under_imbalance": (10.0, -1.0),
    "loss_is_never_negative": (0.0, -4.0),
    "lower_training_loss_better_model": (30.0, -20.0),
    "mae_changes_more_smoothly": (1.0, -2.0),
    "mae_predicts_the_median": (0.5, 12.0),
    "mape_is_fair": (1.0, 2.0),
    "mse_cannot_classify": (40.0, 0.1),
    "must_be_differentiable_everywhere": (60.0, 0.0),
    "nll_is_for_multilabel": (0.0, -15.0),
    "outliers_call_for_mae": (8.0, -8.0),
    "probabilities_as_good_as_logits": (1.0, 0.0),
    "rising_validation_loss_means_more_mistakes": (4.0, -0.5),
    "rmse_and_mse_give_the_same_model": (0.001, 0.4),
    "scaling_changes_training": (0.2, 0.0),
    "softmax_before_cross_entropy": (0.0, 12.0),
    "squared_error_needs_gaussian_errors": (0.2, 0.0),
    "squared_error_underfits_outliers": (0.3, -0.1),
    "steeper_learns_faster": (50.0, -80.0),
    "sum_or_mean_does_not_matter": (0.001, 0.3),
    "weights_equal_resampling": (0.001, 0.2),
    "weights_must_sum_to_one": (30.0, 0.0),
    "zero_when_perfect": (0.0, 0.7),
}


def test_every_claim_has_made_up_numbers():
    assert sorted(MADE_UP) == sorted(KNOWN)


@pytest.mark.parametrize("name", MADE_UP)
def test_a_rule_gives_either_verdict(name):
    rule, (good, bad) = KNOWN[name].rule, MADE_UP[name]
    yes, no = exact("it rains", good), exact("it snows", bad)
    assert rule([yes, yes]).word == "true"
    assert rule([no, no]).word == "false"
    mixed = rule([yes, no])
    assert str(mixed) == ("false" if rule.always else "true if it rains")
    assert mixed.readings == ("supports", "refutes")


@pytest.mark.parametrize(
    ("ends", "reading"),
    [((0.5, 2.0), "supports"), ((-2.0, -0.5), "refutes"), ((-0.5, 2.0), "undecided"), ((-1.0, 0.0), "refutes")],
)
def test_an_interval_is_read_against_the_border(ends, reading):
    assert Rule(low=0.0).read(Figure("", 0.0, *ends)) == reading


def test_a_zone_has_two_borders():
    rule = Rule(low=-1.0, high=1.0)
    assert [rule.read(exact("", x)) for x in (-2.0, 0.0, 2.0)] == ["refutes", "supports", "refutes"]
    assert rule.read(Figure("", 0.0, -3.0, 3.0)) == "undecided"


def test_what_nothing_decides_is_not_shown():
    unclear = Figure("", 0.5, -1.0, 2.0)
    assert Rule(low=0.0)([unclear, unclear]) == Verdict("not shown", ("undecided", "undecided"))
    assert Rule(low=0.0)([unclear, exact("", -1.0)]).word == "false"
    assert Rule(low=0.0, always=True)([unclear, exact("", 1.0)]).word == "not shown"


def test_no_number_supports_nothing():
    assert Rule(low=0.0).read(exact("", math.nan)) == "undecided"


def test_intervals_are_those_of_the_textbooks():
    # Mean 2, s² = 0.5, 5 of 5 folds: error √(0.5·(1/5 + 1/4)); t at 0.995 with 4 degrees of freedom is 4.6041.
    found = interval("", [1.0, 2.0, 3.0, 2.0, 2.0], 5)
    assert found.low == pytest.approx(2.0 - 4.6041 * math.sqrt(0.225), abs=1e-4)
    # Independent seeds: error √(0.5/5).
    assert of_seeds("", [1.0, 2.0, 3.0, 2.0, 2.0]).high == pytest.approx(2.0 + 4.6041 * math.sqrt(0.1), abs=1e-4)
    assert interval("", [3.0, 3.0], 5).low == 3.0


@pytest.mark.parametrize("name", KNOWN)
def test_a_file_says_who_says_it_and_what_would_show_it_false(name):
    saying, who, false = KNOWN[name].paragraphs
    assert saying.endswith((".", ":"))
    assert who.startswith("Said ")
    assert false.startswith("Shown false ")
    assert KNOWN[name].name == name


@pytest.mark.parametrize("name", KNOWN)
def test_kept_verdicts_follow_from_kept_figures(name):
    kept = KEPT["claims"][name]
    figures = [Figure(**figure) for figure in kept["figures"]]
    assert to_json(KNOWN[name], figures, kept["seconds"]) == kept
    assert len({figure.situation for figure in figures}) == len(figures)
    assert all(figure.low <= figure.value <= figure.high for figure in figures)


def test_the_page_is_in_step_with_the_kept_figures():
    text = (ROOT / "docs/claims.md").read_text()
    assert text == page(KEPT, KNOWN)
    for name, claim in KNOWN.items():
        assert f"## {claim.saying}" in text
        assert f"--only {name}`" in text
        assert (ROOT / f"docs/claims/{name}.svg").read_text() == picture_of(claim, KEPT["claims"][name])


def test_a_picture_stands_alone_in_light_and_dark():
    claim = KNOWN["mae_changes_more_smoothly"]
    drawn = picture_of(claim, to_json(claim, [exact("x < y & z", 1.0), Figure("b", -0.5, -1.0, 2.0)], 0.0))
    assert 'class="page"' in drawn
    assert "prefers-color-scheme:dark" in drawn
    assert "x &lt; y &amp; z" in drawn
    assert "−0.5" in drawn


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-2.874, "−2.87"), (45.58, "45.6"), (1.5e-7, "1.5e−07"), (0.0123, "0.0123")]
)
def test_numbers_are_short(value, text):
    assert written({"value": value, "low": value, "high": value}) == text


def measured(name):
    return {figure.situation: figure for figure in KNOWN[name].measure()}


def test_absolute_error_jumps_by_two_at_the_target():
    at, away = measured("mae_changes_more_smoothly").values()
    # Over a step of 0.002 absolute error goes from −1 to 1, squared error by 2·0.002; away from 0 by 0 and 0.004.
    assert at.value == pytest.approx(0.004 - 2.0, abs=1e-9)
    assert away.value == pytest.approx(0.004, abs=1e-9)


def test_the_other_direction_of_kl_has_another_gradient():
    same, *different = measured("kl_and_cross_entropy_train_the_same").values()
    assert same.value < 1e-12
    assert min(figure.value for figure in different) > 0.1


def test_the_gradient_of_a_saturated_probability_is_lost():
    shares = [figure.value for figure in measured("probabilities_as_good_as_logits").values()]
    assert shares[0] == pytest.approx(1.0, abs=1e-3)
    assert shares[2] == 0.0  # torch caps the logarithm at −100 where the float32 probability is 1


def test_an_average_of_equally_good_networks_is_worse():
    linear, network = measured("convex_loss_convex_training").values()
    assert linear.value <= 0.0 < network.value


# The instruments.


def test_networks_of_a_stack_do_not_see_each_other():
    x, y = torch.randn(2, 50, 3), torch.randn(2, 50)
    recipe = Recipe(hidden=4, steps=20)
    both = train(x, [y], squared, 1, recipe)[0]
    changed = train(torch.stack([x[0], 9.0 * x[1]]), [y], squared, 1, recipe)[0]
    for one, other in zip(both.weights, changed.weights, strict=True):
        torch.testing.assert_close(one[0], other[0])
    assert not torch.allclose(both.weights[0][1], changed.weights[0][1])


def test_kept_steps_are_those_of_one_training():
    x, y = torch.randn(1, 30, 2), torch.randn(1, 30)
    early, late = train(x, [y], squared, 1, Recipe(steps=30), keep=(10, 30))
    alone = train(x, [y], squared, 1, Recipe(steps=10))[0]
    torch.testing.assert_close(early.weights, alone.weights)
    assert squared(late(x), y).mean() < squared(early(x), y).mean()


def test_parts_of_a_fold_share_no_row():
    parts = split(sets.wine(), repeats=2)
    assert len(parts.test) == 10
    for learn, choose, test in zip(parts.learn.tolist(), parts.choose.tolist(), parts.test.tolist(), strict=True):
        assert not set(learn) & set(choose) and not set(learn + choose) & set(test)  # noqa: PT018


def test_spoilt_targets_never_reach_the_test():
    x = torch.randn(100, 2)
    table = Table(x, torch.zeros(100))
    constant = Arm(lambda z, y: (z[..., 0] - y).square())
    found = compare(table, {"a": constant}, {"it": scores.mean_absolute}, Recipe(hidden=0, steps=200, rate=0.1),
                    repeats=1, spoil=lambda y: y + 3.0)["it"]["a"]  # fmt: skip
    assert sum(found) / 5 == pytest.approx(3.0, abs=0.2)


def test_diverged_training_counts_as_the_worst():
    table = Table(torch.randn(60, 2), torch.randn(60))
    recipe = Recipe(hidden=0, steps=60, rate=1e6, optimiser="sgd")
    found = compare(table, {"a": Arm(squared)}, {"it": scores.mean_square}, recipe, repeats=1)["it"]["a"]
    assert found == [WORST] * 5


def test_scores_by_hand():
    p, y = torch.tensor([0.9, 0.6, 0.4, 0.2]), torch.tensor([1, 0, 1, 0])
    assert scores.mistakes(p, y, p, y) == 0.5
    assert scores.f1_at_half(p, y, p, y) == pytest.approx(0.5)  # of two named one is right, of two one is found
    assert scores.log_loss(p, y, p, y) == pytest.approx(-sum(map(math.log, (0.9, 0.4, 0.4, 0.8))) / 4, rel=1e-5)
    assert scores.log_loss(p, y, torch.stack([1 - p, p], 1), y) == pytest.approx(scores.log_loss(p, y, p, y))
    assert scores.ranking(p, y, p, y) == pytest.approx(1 - (1 + 2 / 3) / 2)


def test_calibration_of_a_sure_and_wrong_forecast():
    sure, y = torch.full((100,), 0.9), torch.tensor([1] * 70 + [0] * 30)
    shuffled = y[torch.randperm(100, generator=torch.Generator().manual_seed(0))]
    at_least = 0.2  # sure to 0.9, right in 0.7; bins of ten add a little noise
    assert at_least - 1e-6 <= scores.calibration(sure, y, sure, shuffled) < 0.25


# The command.


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["claims", *map(str, arguments)])
    command.main()


def test_one_claim_can_be_recomputed(tmp_path, monkeypatch, capsys):
    kept, pages = tmp_path / "figures.json", tmp_path / "claims.md"
    name = "mae_changes_more_smoothly"
    kept.write_text(json.dumps({"claims": {name: {"verdict": "true"}}}))
    run(monkeypatch, "--run", "--only", name, "--json", kept, "--markdown", pages)
    assert "(was: true)" in capsys.readouterr().out
    report = json.loads(kept.read_text())
    assert list(report["claims"]) == [name]
    assert report["claims"][name]["verdict"] == "false"
    text = pages.read_text()
    assert f"claims/{name}.svg" in text
    assert (tmp_path / f"claims/{name}.svg").exists()
    assert "not measured yet" in text
    pages.unlink()
    run(monkeypatch, "--json", kept, "--markdown", pages)
    assert pages.read_text() == text


def test_an_unknown_claim_is_refused(monkeypatch):
    with pytest.raises(SystemExit, match="Found nonsense"):
        run(monkeypatch, "--run", "--only", "nonsense")


def test_nothing_to_do_is_refused(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch)
    assert "Try --run" in capsys.readouterr().err


def test_a_claim_is_a_file_of_the_folder():
    folder = ROOT / "benchmarks/claims/ledger"
    assert sorted(KNOWN) == sorted(path.stem for path in folder.glob("[!_]*.py"))
    assert replace(KNOWN["mape_is_fair"], effect="x").name == "mape_is_fair"
