"""The maker of runs with a known fault: its recorder's definitions, its labels, and a small task from end to end."""

import json
from dataclasses import replace

import pytest
import torch
from benchmarks.make_runs import recording
from benchmarks.make_runs.faults import FAULTS
from benchmarks.make_runs.making import Maker
from benchmarks.make_runs.setup import Net
from benchmarks.make_runs.tasks import found
from benchmarks.make_runs.training import train
from benchmarks.make_runs.verdict import accepted, recovery, regret, severity
from torch import nn

from lossmith.doctor.runlog import read


@pytest.fixture(scope="module")
def task():
    whole = found()["rare_events"]
    recipe = replace(whole.recipe, net=Net(width=8, depth=1, activation="relu"), epochs=20, batch=32, lr=2e-2)
    return replace(whole, rows=300, recipe=recipe, faults=("frozen_params",), healthy=("base",))


def test_steps_recorded_are_the_first_few_and_24_parts():
    assert sorted(recording.moments(336))[:12] == [1, 2, 4, 7, 11, 14, 16, 23, 28, 32, 42, 56]
    assert max(recording.moments(341)) == 341


def test_a_layers_gradient_and_step_by_hand():
    model = nn.Sequential()
    model.add_module("head", nn.Linear(2, 1))
    model.head.weight.data, model.head.bias.data = torch.tensor([[3.0, 0.0]]), torch.tensor([4.0])
    watch = recording.Watch(model, 10, None, True)
    x, y = torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([0.0, 0.0])
    out = model(x)
    out[0, 0].backward()
    watch.batch(y)
    line = watch.gradients(1)
    with torch.no_grad():
        model.head.bias += 1.0
    line = watch.step(line, out.detach(), y, torch.tensor([0.0, 1.0]), None)
    head = line["layers"]["head"]
    assert line["grad_norm"] == pytest.approx(2**0.5, abs=1e-3)
    assert (head["gzero"], head["wnorm"], head["wabsmax"], head["upd"]) == (0.3333, 5.0, 4.0, 0.2)
    assert line["sample_loss_q"] == [0.1, 0.5, 0.9, 0.99]
    assert line["out"]["between_sample_std"] == pytest.approx(3 / 2**0.5, abs=1e-3)


def test_a_unit_is_dead_where_a_whole_batch_leaves_it_at_0():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    model[0].weight.data, model[0].bias.data = torch.eye(2), torch.tensor([0.0, -9.0])
    watch = recording.Watch(model, 10, None, True)
    with watch.activations(True):
        model(torch.tensor([[1.0, 1.0], [-1.0, 1.0]]))
    assert watch._acts["1"]["dead_frac"] == 0.5
    assert watch._acts["1"]["zero_frac"] == 0.75


def test_regret_severity_recovery_and_what_is_accepted():
    assert regret(0.6, 0.8) == pytest.approx(0.25)
    assert [severity(lost) for lost in (0.1, 0.3, 0.9)] == ["mild", "moderate", "severe"]
    assert recovery(0.7, 0.5, 0.9) == 0.5
    assert accepted("no_zero_grad", {"lr_too_high": 0.71, "lr_too_low": 0.69}) == ["no_zero_grad", "lr_too_high"]


@pytest.mark.parametrize("fault", ["label_noise", "bad_labels", "class_imbalance"])
def test_a_fault_of_the_labels_leaves_the_test_rows_clean(task, fault):
    data = task.data(3)
    changed, _ = FAULTS[fault][0].change(task, data, task.recipe, torch.Generator().manual_seed(3))
    assert torch.equal(changed.test[1], data.test[1])
    assert not torch.equal(changed.train[1][:50], data.train[1][:50])


def test_recording_changes_nothing(task):
    data = task.data(3)
    assert train(task, task.recipe, data, 3).score == train(task, task.recipe, data, 3, record=False).score


def test_every_task_draws_and_builds():
    for name, task in found().items():
        x, _ = task.draw(1, torch.Generator().manual_seed(1), 8)
        model = task.build(task.recipe.net, x, task.outputs)
        assert set(task.faults) <= set(FAULTS), name
        assert sum(value.numel() for value in model.parameters()) < 20_000, name


def test_runs_of_a_small_task_are_read_by_the_doctor(task, tmp_path):
    maker = Maker(task, tmp_path, 3)
    kept, text = maker.faulty("frozen_params", FAULTS["frozen_params"][2], 3)
    assert kept, text
    kept, text = maker.healthy("base", 3)
    assert kept, text
    truths = {}
    for folder in (tmp_path / "runs").iterdir():
        run = read(folder)
        truth = json.loads((folder / "truth.json").read_text())
        truths[truth["fault"]] = truth
        assert len(run.train) == 180
        assert len(run.evaluations) == 20
        assert run.static["n_params"] == 89
        assert {record["step"] for record in run.records} == recording.moments(180)
    assert truths["frozen_params"]["regret"] > 0.1
    assert truths["healthy"]["accept"] == ["healthy"]
