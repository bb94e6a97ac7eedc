"""`preflight`: each fault is found, right trainings are left alone, bad contracts are said in one line."""

import functools
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

import trainings
from lossmith.cli import cli
from lossmith.rehearsal import setup
from lossmith.rehearsal.looks.learning_rate import suggestion
from lossmith.rehearsal.preflight import preflight
from lossmith.report.preflight_page import render_preflight

SCRIPT = Path(trainings.__file__)

FAULTS = {
    "broadcast": "broadcast", "double_softmax": "double-softmax", "double_sigmoid": "double-sigmoid",
    "nll_of_logits": "missing-log-softmax", "labels_from_one": "labels-out-of-range",
    "wild_scales": "inputs-not-normalised", "missing_inputs": "inputs-not-finite", "still_column": "constant-inputs",
    "constant_target": "constant-target", "probabilities_wanted": "crash", "in_order": "not-shuffled",
    "head_only": "not-in-optimizer", "rate_far_too_high": "rate-too-high", "rate_far_too_low": "rate-too-low",
    "dead": "cannot-overfit", "unused_layer": "no-gradient", "summed": "summed-loss", "uneven": "uneven-classes",
    "far_targets": "target-scale",
}  # fmt: skip
WARNINGS = {"rate-too-high", "rate-too-low", "inputs-not-normalised", "constant-inputs", "not-shuffled", "no-gradient",
            "uneven-classes", "target-scale"}  # fmt: skip


@functools.cache
def look(name):
    return preflight(getattr(trainings, name), seconds=3.0, isolated=False)


@pytest.mark.parametrize("name", ["classes", "numbers", "binary", "images", "masks"])
def test_a_right_training_is_left_alone(name):
    found = look(name)
    assert not found.findings
    assert not found.skipped
    assert found.pictures["one_batch"]["end"] < 0.1 * found.pictures["start"]["start"]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name):
    found, rule = look(name), FAULTS[name]
    severity = next(finding.severity for finding in found.findings if finding.rule == rule)
    assert severity == ("note" if rule == "summed-loss" else "warning" if rule in WARNINGS else "error")
    assert {finding.rule for finding in found.errors} <= {rule}


def test_the_trivial_loss_is_that_of_the_best_constant():
    shares = torch.bincount(trainings.LABEL).double() / trainings.ROWS
    entropy = float(-(shares * shares.log()).sum())
    assert look("classes").pictures["start"]["trivial"] == pytest.approx(entropy, rel=0.01)
    variance = float(trainings.NUMBER.double().var(correction=0))
    assert look("numbers").pictures["start"]["trivial"] == pytest.approx(variance, rel=0.01)


def test_labels_that_count_from_one_are_told():
    found = look("labels_from_one").findings
    assert "from 1 to 4" in found[0].message
    assert "subtract 1" in found[0].fix


def wide(width, loss, target):
    return lambda: (nn.Linear(4, width), loss, (torch.randn(280, 4), target))


LABELS = torch.arange(280) * 5 % 7


@pytest.mark.parametrize(
    ("build", "rule", "fix"),
    [
        (wide(1, nn.CrossEntropyLoss(), LABELS), "crash", "to 6: give the last layer 7 outputs. It has 1"),
        (wide(1, nn.CrossEntropyLoss(), LABELS % 2), "crash", "Or keep the one, with `BCEWithLogitsLoss`"),
        (wide(5, nn.CrossEntropyLoss(), LABELS), "labels-out-of-range", "Give the last layer 7 outputs"),
        (wide(10, nn.CrossEntropyLoss(), LABELS), "absent-classes", "Give the last layer 7 outputs"),
        (wide(10, nn.CrossEntropyLoss(), nn.functional.one_hot(LABELS).float()), "crash", "7 numbers: give the last"),
        (
            wide(1, nn.BCEWithLogitsLoss(), LABELS.float()),
            "crash",
            "7 whole numbers are classes, give the last layer 7",
        ),
        (wide(3, nn.MSELoss(), torch.randn(280)), "crash", "one number, and the last layer has 3 outputs"),
    ],
)
def test_an_output_of_another_width_is_told_with_the_one_it_should_have(build, rule, fix):
    found = {finding.rule: finding.fix for finding in preflight(build, seconds=0.5, isolated=False).findings}
    assert fix in found[rule]


def test_a_suggested_rate_lies_where_the_loss_falls():
    rates = [10 ** (-6 + 7 * k / 99) for k in range(100)]
    falls = [1.0 if rate < 1e-3 else 0.2 if rate < 0.1 else 5.0 for rate in rates]
    assert 1e-4 < suggestion(rates, falls) < 0.05
    assert suggestion(rates, [1.0] * 100) is None
    assert suggestion(rates, [float("nan")] * 100) is None


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: None, "tuple of three or four"),
        (lambda: (nn.Linear(1, 1), nn.MSELoss()), "tuple of three or four"),
        (lambda: {"model": nn.Linear(1, 1), "loss": nn.MSELoss()}, "no train_data"),
        (lambda: {"net": 1}, "net beside them"),
        (lambda: (1, nn.MSELoss(), (torch.ones(4, 1), torch.ones(4, 1))), "nn.Module"),
        (lambda: (nn.Linear(1, 1), "mse", (torch.ones(4, 1), torch.ones(4, 1))), "callable"),
        (lambda: (nn.Linear(1, 1), nn.MSELoss(), 3), "DataLoader, a Dataset or a pair"),
        (lambda: (nn.Linear(1, 1), nn.MSELoss(), (torch.ones(4, 1), torch.ones(3, 1))), "one length"),
        (lambda: (nn.Linear(1, 1), nn.MSELoss(), (torch.ones(4, 1), torch.ones(4, 1)), 0.1), "torch.optim"),
        (lambda: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_another_contract_is_refused_in_one_line(made, words):
    with pytest.raises(ValueError, match=words) as caught:
        setup.seeded(made, 0)
    assert "\n" not in str(caught.value)


def test_batches_may_hold_several_inputs():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 1)

        def forward(self, left, right):
            return self.layer(left + right)

    x = torch.randn(40, 3)
    made = setup.read((Two(), nn.MSELoss(), (x, x, x.sum(1, keepdim=True))))
    inputs, target = next(made.batches())
    assert made.output(inputs).shape == target.shape == (32, 1)
    assert not preflight(
        lambda: (Two(), nn.MSELoss(), (x, x, x.sum(1, keepdim=True))), seconds=2, isolated=False
    ).errors


def test_the_command_runs_it_in_a_child(tmp_path):
    out, page = tmp_path / "found.json", tmp_path / "found.html"
    address = f"{SCRIPT}:double_softmax"
    result = CliRunner().invoke(
        cli, ["preflight", address, "--budget", "3s", "--json", str(out), "--html", str(page)], standalone_mode=False
    )
    assert result.return_value == 1, result.output
    assert "double-softmax" in result.output
    assert json.loads(out.read_text())["findings"][0]["rule"] == "double-softmax"
    assert page.read_text().startswith("<!doctype html>")
    result = CliRunner().invoke(cli, ["preflight", f"{SCRIPT}:nothing"])
    assert "should hold a function called 'nothing'" in str(result.exception)


def test_the_page_holds_every_picture_and_its_numbers():
    text = render_preflight(look("wild_scales"))
    assert "http" not in text.replace("http://www.w3.org", "").replace("http-equiv", "")
    drawings = text.split("<svg xmlns")[1:]
    assert len(drawings) == 6
    for drawing in drawings:
        ElementTree.fromstring("<svg xmlns" + drawing[: drawing.rindex("</svg>", 0, drawing.find("</div>")) + 6])
    assert text.count("<caption>") == 6


def test_a_stretched_target_is_found_wherever_its_mean_lies():
    """Beside targets of 100 ± 1, outputs near 0 all look alike."""
    x = torch.randn(64, 3)
    for centre in (0.0, 20.0, 1000.0):
        rows = (x, centre + x[:, 0])
        build = functools.partial(a_regression, rows)
        found = preflight(build, seconds=3.0, isolated=False)
        assert "broadcast" in [finding.rule for finding in found.findings], centre


def a_regression(rows):
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)), nn.MSELoss(), rows
