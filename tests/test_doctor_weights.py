"""The doctor's learned weights: what they are made of, and that they are learned as the benchmark says."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks import doctor_weights as weights

import tiny_runs
from lossmith.doctor import runlog
from lossmith.doctor.combination import HEALTHY, learned, rises
from lossmith.doctor.diagnosis import SYMPTOMS, diagnose, diagnose_run, impossible
from lossmith.doctor.evidence import Evidence, argue, telling
from lossmith.doctor.words import WORDS, told

MODES = ("curves", "live")


@pytest.mark.parametrize("mode", MODES)
def test_weights_know_every_fault_and_signals_that_have_words(mode: str) -> None:
    combination = learned(mode)
    assert set(combination.faults) == {*SYMPTOMS, HEALTHY}
    assert not set(combination.ramps) - set(WORDS)
    assert 0.5 <= combination.threshold < 1
    for ramps in combination.ramps.values():
        assert np.all(np.diff(ramps.knots) > 0)
        assert ramps.weights.shape == (len(ramps.knots), len(combination.faults))


def test_a_signal_climbs_its_pieces_one_after_the_other() -> None:
    knots = np.array([0.0, 1.0, 3.0])
    assert rises(knots, -5.0).tolist() == [-0.5, -0.5, 0.0]
    assert rises(knots, 2.0).tolist() == [0.5, 0.0, 0.0]
    assert rises(knots, math.nan).tolist() == [0.0, 0.0, 1.0]
    assert rises(knots, np.array([9.0, math.inf])).tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("mode", MODES)
def test_contributions_add_up_to_the_log_odds(mode: str) -> None:
    combination, numbers = learned(mode), {"skill": 0.4, "lr": 1.2, "val_rise": 0.3}
    odds = combination.log_odds(numbers, {}) - combination.log_odds({**numbers, "lr": 0.0}, {})
    for fault in ("lr_too_high", "overfitting"):
        one, other = (combination.contributions(s, fault)["lr"] for s in (numbers, {**numbers, "lr": 0.0}))
        column, none = combination.faults.index(fault), combination.faults.index(HEALTHY)
        assert one - other == pytest.approx(odds[column] - odds[none], abs=1e-9)


def test_what_a_task_cannot_have_is_never_said() -> None:
    assert "shape_broadcast" in impossible({"objective": 1.0, "classification": 1.0, "regression": 0.0}, {})
    assert "class_imbalance" in impossible({"objective": 1.0, "classification": 0.0, "regression": 1.0}, {})
    game = {"objective": 0.0, "classification": 0.0, "regression": 0.0}
    players = impossible(game, {"nan_inf": 14.0, "no_zero_grad": 1.0, "overfitting": 9.0})
    assert {"label_noise", "overfitting", "double_activation", "shape_broadcast"} <= players
    assert "no_zero_grad" in players
    assert "nan_inf" not in players
    assert not impossible({}, {})


def test_a_log_of_losses_alone_is_accused_only_by_what_a_symptom_sees(tmp_path: Path) -> None:
    healthy, overfitted = tmp_path / "healthy.log", tmp_path / "overfitted.log"
    for epochs in (1, 3, 5, 10, 30):
        healthy.write_text("".join(f"epoch {e} loss {0.09 + 0.75 * 0.8**e:.4f}\n" for e in range(epochs)))
        assert not diagnose(healthy).found, epochs
    lines = (f"epoch {e} loss {0.7 * 0.9**e:.4f} val_loss {0.6 + 0.0008 * (e - 10) ** 2:.4f}\n" for e in range(60))
    overfitted.write_text("".join(lines))
    assert diagnose(overfitted).found[0].fault == "overfitting"


def test_every_argument_is_told_in_words(tmp_path: Path) -> None:
    report = diagnose_run(runlog.read(tiny_runs.train(tmp_path, lr=0.5)))
    assert report.found[0].evidence[0].weight > 1
    assert all(one.text and abs(one.weight) >= 0.05 for one in report.found[0].evidence)
    assert told("skill", 0.25) == "skill on validation is 0.25 (0 is guessing, 1 is perfect)"


@pytest.mark.parametrize("name", WORDS)
def test_a_signal_is_a_sentence_without_logarithms(name: str) -> None:
    texts = [told(name, value) for value in (0.0, 1.0, -1.0)]
    for text in texts:
        assert not re.search(r"power|[{}]|e[+-]\d|^\d \w", text), text
    assert len(set(texts)) > 1


def test_a_share_of_something_is_in_percent() -> None:
    def said(text: str, value: float) -> str:
        return argue({"dead": value}, ("dead", -2.0, -1.0), 1.0, text)[0].text

    assert said("{dead} of the units are dead", 1.0) == "100 % of the units are dead"
    assert said("{dead} of the units are dead", 0.05) == "5 % of the units are dead"
    assert said("steps of 10^{dead} of the weights", 0.0) == "steps of 100 % of the weights"
    assert said("at 10^{dead} of the variance", 3.0) == "at 1000 times the variance"
    assert said("moved by 10^{dead} a step", 2.1) == "moved by 130 a step"


def test_weak_arguments_are_left_out_where_two_others_are() -> None:
    def shown(*weights: float) -> list[float]:
        return [one.weight for one in telling([Evidence(f"{weight}", weight) for weight in weights])]

    assert shown(3.0, -0.6, 0.4, 0.1) == [3.0, -0.6]
    assert shown(3.0, 0.4, 0.1) == [3.0, 0.4]
    assert shown(0.1) == [0.1]


def test_a_log_of_epochs_is_the_run_without_the_rest(tmp_path: Path) -> None:
    run = runlog.read(tiny_runs.train(tmp_path, epochs=6))
    less = weights.bare_log(run)
    assert less is not None
    assert len(less.train) == 6
    assert less.train.values.mean() == pytest.approx(run.train.values.mean())
    assert "num_classes" not in less.meta
    assert not less.live
    assert diagnose_run(less).found == ()


def _samples(tmp_path: Path) -> list[weights.Sample]:
    """Made up: one signal tells two faults from healthy, another is noise; four tasks."""
    draw = np.random.default_rng(0)
    levels = {HEALTHY: 0.0, "lr_too_high": 2.0, "overfitting": -2.0}
    return [
        weights.Sample(
            tmp_path, fault, f"task {task}", {"skill": level + draw.normal(0, 0.4), "noise": draw.normal()}, {}
        )
        for fault, level in levels.items()
        for task in range(4)
        for _ in range(8)
    ]


def test_weights_are_learned_and_asked_on_left_out_tasks(tmp_path: Path) -> None:
    samples = _samples(tmp_path)
    content = weights.fit(samples)
    assert set(content["signals"]) == {"skill", "noise"}
    assert json.loads(json.dumps(content)) == content
    groups = weights.folds([sample.task for sample in samples], 4)
    assert len(groups) == 4
    odds = weights.left_out(samples, groups)
    truth = [sample.fault for sample in samples]
    temperature, threshold = weights.calibrate(odds, truth)
    said = weights.named(odds, temperature, threshold)
    assert np.mean([fault == true for (fault, _), true in zip(said, truth, strict=True)]) > 0.9
    assert np.mean([fault != HEALTHY for (fault, _), true in zip(said, truth, strict=True) if true == HEALTHY]) <= 0.1


def test_a_regressions_loss_is_also_shown_with_another_zero(tmp_path: Path) -> None:
    run = runlog.read(tiny_runs.train(tmp_path, epochs=4))
    assert weights.shifted(run) is None
    moved = weights.shifted(replace(run, meta={"task_type": "regression"}))
    assert moved is not None
    assert np.ptp(moved.train.values - run.train.values) == pytest.approx(0, abs=1e-9)
    assert moved.validation.values[0] - run.validation.values[0] == pytest.approx(
        moved.train.values[0] - run.train.values[0]
    )
