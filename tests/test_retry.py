"""`diagnose --try`: the remedy that fits recovers the gap, what makes no difference is not called clear."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import tiny_runs
import trainings
from lossmith.cli import cli
from lossmith.doctor.diagnosis import SYMPTOMS, diagnose
from lossmith.rehearsal.case import Case
from lossmith.rehearsal.remedies import ANYWAY, FOR, REMEDIES, chosen
from lossmith.rehearsal.retry import compared, retry, tried
from lossmith.rehearsal.trial import begin, judge, train
from lossmith.report.retry import outcome, told

SCRIPT = Path(trainings.__file__)
STEPS = {"double_sigmoid": 60, "uneven": 60}
"""Where a longer training mends the fault by itself."""


def trial(name, remedy=""):
    started = begin(Case(getattr(trainings, name)), 0)
    assert not remedy or REMEDIES[remedy].apply(started)
    return started


def score(name, remedy="", steps=150):
    started = trial(name, remedy)
    train(started, steps)
    return judge(started)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("dead", "he_initialisation"), ("broadcast", "matching_shapes"), ("wild_scales", "normalised_inputs"),
        ("missing_inputs", "normalised_inputs"), ("rate_far_too_low", "adam"), ("head_only", "all_parameters"),
        ("nll_of_logits", "usual_loss"), ("in_order", "shuffling"), ("rate_far_too_high", "range_test"),
        ("uneven", "class_weights"), ("double_sigmoid", "logits"),
    ],
)  # fmt: skip
def test_the_remedy_that_fits_helps(name, remedy):
    before, after = score(name, steps=STEPS.get(name, 150)), score(name, remedy, STEPS.get(name, 150))
    assert after < before - 0.1


def test_a_softmax_is_undone_exactly():
    started = trial("double_softmax", "logits")
    inputs, target = started.case.batch
    logits = started.setup.model[:-1](inputs.args[0])
    right = nn.functional.cross_entropy(logits, target)
    assert torch.allclose(started.setup.value(started.put_out(inputs), target), right, atol=1e-5)


def test_inputs_are_standardised_and_gaps_filled():
    started = trial("missing_inputs", "normalised_inputs")
    x = torch.cat([started.inputs(inputs).args[0] for inputs, _ in started.case.sample])
    assert x.isfinite().all()
    assert torch.allclose(x.mean(0), torch.zeros(8), atol=0.01)
    assert torch.allclose(x.std(0), torch.ones(8), atol=0.01)


@pytest.mark.parametrize(
    "remedy", ["logits", "shuffling", "all_parameters", "class_weights", "no_regularisation", "relu"]
)
def test_what_has_nothing_to_change_says_so(remedy):
    assert not REMEDIES[remedy].apply(begin(Case(trainings.classes), 0))


@pytest.mark.parametrize("remedy", REMEDIES)
def test_every_remedy_leaves_a_training_that_runs(remedy):
    for name in ("classes", "numbers", "binary", "images", "masks"):
        started = begin(Case(getattr(trainings, name), seconds=0.5), 0)
        if REMEDIES[remedy].apply(started):
            train(started, 3)
            assert 0 <= judge(started) <= 1


def test_scores_are_those_of_a_hand():
    started = trial("numbers")
    y = torch.cat([target for _, target in started.setup.batches(started.held)])
    with torch.no_grad():
        out = torch.cat([started.setup.model(inputs.args[0]) for inputs, _ in started.setup.batches(started.held)])
    assert judge(started) == pytest.approx(min(1.0, float((out - y).square().mean() / y.var(correction=0))), rel=1e-5)
    perfect = trial("classes")
    perfect.output = lambda output: nn.functional.one_hot(torch.zeros(len(output), dtype=torch.long), 4).float()
    assert judge(perfect) == pytest.approx(0.75)  # one class of four is right, whatever their shares


def test_a_training_that_flies_off_is_as_bad_as_guessing():
    started = trial("classes")
    started.output = lambda output: output * float("nan")
    assert judge(started) == pytest.approx(0.75)


def test_intervals_cover_the_gain_as_often_as_they_say():
    draw = np.random.default_rng(0)
    missed = 0
    for _ in range(600):
        plain = draw.normal(1.0, 0.1, 5)
        scores = {"": plain.tolist()}
        for name in ("adam", "clipping", "warm_up"):
            scores[name] = (plain + draw.normal(0.0, 0.1, 5)).tolist()
        missed += any(row.clear for row in compared(scores))
    assert missed / 600 < 0.075


def test_shares_are_of_the_largest_clear_gain():
    plain = [1.0, 1.01, 0.99]
    found = compared({"": plain, "adam": [0.2, 0.21, 0.19], "clipping": [0.6, 0.61, 0.59], "warm_up": [0.5, 1.4, 0.9]})
    rows = {row.name: row for row in found}
    assert found[0].name == "adam"
    assert rows["adam"].share == pytest.approx(1.0)
    assert rows["clipping"].share == pytest.approx(0.5)
    assert rows["clipping"].clear
    assert not rows["warm_up"].clear


def test_remedies_are_known_and_the_likeliest_faults_come_first():
    assert set(FOR) <= set(SYMPTOMS)
    assert {name for names in FOR.values() for name in names} | set(ANYWAY) <= set(REMEDIES)
    assert chosen(["dead_relu", "not_shuffled"], 5) == [*FOR["dead_relu"], "shuffling"]


def test_a_report_says_which_remedy_recovers_the_gap():
    found = tried(
        trainings.broadcast, ("shape_broadcast",), ["matching_shapes", "clipping"], 6.0, 0, 3, lambda doing: None
    )
    best = found.tried[0]
    assert best.name == "matching_shapes"
    assert best.clear
    assert "of the gap" in outcome(best, found)
    assert found.score > 0.8
    assert "held-out rows" in told(found)[0]


def test_a_fault_of_the_loop_is_not_reproduced():
    found = tried(trainings.classes, ("no_zero_grad",), ["clipping"], 2.0, 0, 2, lambda doing: None)
    assert not found.reproduced
    assert any("your loop" in sentence for sentence in told(found))


def test_rows_to_judge_by_must_be_there():
    with pytest.raises(ValueError, match="valid_data"):
        begin(Case(lambda: (nn.Linear(1, 1), nn.MSELoss(), (torch.ones(4, 1), torch.ones(4, 1)))), 0)


def test_the_command_tries_and_writes(tmp_path):
    run, out, page = tiny_runs.train(tmp_path / "run", softmax_twice=True), tmp_path / "o.json", tmp_path / "o.html"
    result = CliRunner().invoke(
        cli,
        [
            "diagnose",
            str(run),
            "--try",
            f"{SCRIPT}:double_softmax",
            "--budget",
            "4s",
            "--json",
            str(out),
            "--html",
            str(page),
        ],
        standalone_mode=False,
    )
    assert result.return_value == 1, result.output
    assert "Tried on trainings.py:double_softmax" in result.output
    content = json.loads(out.read_text())["tried"]
    assert content["tried"]
    assert "What was tried" in page.read_text()


def test_from_python(tmp_path):
    report = diagnose(tiny_runs.train(tmp_path / "run", frozen=True))
    found = retry(report, trainings.head_only, seconds=3, seeds=2, isolated=False)
    assert "all_parameters" in [row.name for row in found.tried]
