"""What the recorder writes is right, survives a kill, and changes nothing in the loop."""

import csv
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from lossmith import Recorder
from lossmith.training.recording.batch import usual_metric
from lossmith.training.recording.budget import Budget
from lossmith.training.recording.folder import RunFolder
from lossmith.training.recording.schedule import Schedule


def lines(folder):
    with (folder / "log.csv").open() as file:
        return list(csv.DictReader(file))


def records(folder, name="live.jsonl", kind=None):
    found = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    return [record for record in found if kind in (None, record["type"])]


def classifier():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
    x, y = torch.randn(70, 6), torch.randint(3, (70,))
    data = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
    held_out = torch.utils.data.DataLoader(data, batch_size=48)
    return model, torch.optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss(), loader, held_out


def trained(recorder_for, epochs=3):
    """Train the same network; returns its weights, with whatever recorder there is."""
    model, optimizer, criterion, loader, held_out = classifier()
    recorder = recorder_for(model, optimizer, criterion, loader, held_out)
    for _ in range(epochs):
        for x, y in loader:
            output = model(x)
            loss = criterion(output, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if recorder:
                recorder.step(loss, output, y)
    if recorder:
        recorder.close()
    return model


def test_weights_are_those_of_a_loop_without_a_recorder(tmp_path):
    plain = trained(lambda *_: None)
    seen = trained(lambda m, o, c, t, v: Recorder(tmp_path / "a", m, o, c, train=t, valid=v, share=1.0, every=1))
    for one, other in zip(plain.parameters(), seen.parameters(), strict=True):
        assert torch.equal(one, other)
    assert all(not module._forward_hooks for module in seen.modules())


def test_the_folder_holds_what_the_runs_hold(tmp_path):
    folder = tmp_path / "a"
    model = trained(lambda m, o, c, t, v: Recorder(folder, m, o, c, train=t, valid=v, epochs=3, share=1.0, every=1))
    rows = lines(folder)
    assert list(rows[0]) == ["step", "epoch", "lr", "train_loss", "train_metric", "val_loss", "val_metric"]
    assert [int(row["step"]) for row in rows] == list(range(1, 10))
    assert [bool(row["val_loss"]) for row in rows] == [False, False, True] * 3
    assert [row["epoch"] for row in rows[:4]] == ["0", "0.33333", "0.66667", "1"]
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["task_type"] == "classification"
    assert (meta["num_classes"], meta["n_train"], meta["batch_size"], meta["planned_epochs"]) == (3, 70, 32, 3)
    static = records(folder, kind="static")[0]
    assert static["layer_types"] == [["0", "Linear"], ["3", "Linear"]]
    assert static["act_kinds"] == ["relu"]
    assert (static["criterion"], static["optimizer"], static["dropout"]) == ("CrossEntropyLoss", "Adam", 0.5)
    assert static["n_params"] == static["optimizer_params"] == sum(p.numel() for p in model.parameters())
    assert sum(static["target"]["hist"]) == 70
    step = records(folder, kind="step")[1]
    assert set(step["layers"]["0"]) == {"gnorm", "gabs", "gzero", "wnorm", "wabsmax", "finite", "upd"}
    assert set(step["acts"]["1"]) == {"kind", "mean", "std", "finite", "zero_frac", "dead_frac"}
    assert sum(step["pred_hist"]) == sum(step["label_hist"]) == 32
    assert len(step["sample_loss_q"]) == 4
    assert -1 <= step["grad_cos_prev"] <= 1
    evals = records(folder, kind="eval")
    assert [record["epoch"] for record in evals] == [1.0, 2.0, 3.0]
    assert sum(evals[0]["val_pred_hist"]) == 70


def test_epoch_means_count_rows(tmp_path):
    """Batches of 32, 32 and 6 with losses 1, 2 and 9: (32 + 64 + 54) / 70, where a mean of batches says 4."""
    recorder = Recorder(tmp_path / "a")
    for loss, rows in ((1.0, 32), (2.0, 32), (9.0, 6)):
        recorder.step(loss, rows=rows, parts={"penalty": loss / 2}, metrics={"f1": loss / 10})
    means = recorder.end_epoch()
    assert means["rows"] == 70
    assert means["train_loss"] == pytest.approx(150 / 70)
    assert means["train_penalty"] == pytest.approx(75 / 70)
    assert means["train_f1"] == pytest.approx(15 / 70)
    assert records(tmp_path / "a", "epochs.jsonl")[0]["train_loss"] == pytest.approx(150 / 70, rel=1e-3)


def test_epoch_means_count_sample_weights(tmp_path):
    """Weighted means 1 over weight 0.5 + 1.5 and 4 over weight 6: (2 + 24) / 8; the metric counts rows: (2 + 1) / 3."""
    recorder = Recorder(tmp_path / "a", metric=lambda output, _: output.mean())
    recorder.step(1.0, torch.ones(2), torch.zeros(2), weight=torch.tensor([0.5, 1.5]))
    recorder.step(4.0, torch.ones(1), torch.zeros(1), weight=6.0)
    means = recorder.end_epoch()
    assert means["train_loss"] == pytest.approx(26 / 8)
    assert means["train_metric"] == pytest.approx(1.0)


def test_a_sum_is_made_a_mean(tmp_path):
    recorder = Recorder(tmp_path / "a", criterion=nn.MSELoss(reduction="sum"))
    recorder.step(12.0, rows=4)
    recorder.step(2.0, rows=1)
    assert recorder.end_epoch()["train_loss"] == pytest.approx(14 / 5)


def test_accumulated_batches_make_one_line(tmp_path):
    """Four batches, a step after every second: 8 and 8 rows of 1 and 3, then 8 and 2 of 5 and 10."""
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    recorder = Recorder(tmp_path / "a", optimizer=optimizer)
    for index, (loss, rows) in enumerate(((1.0, 8), (3.0, 8), (5.0, 8), (10.0, 2))):
        if index % 2:
            optimizer.step()
        recorder.step(loss, rows=rows)
    assert recorder.end_epoch()["train_loss"] == pytest.approx((8 + 24 + 40 + 20) / 26)
    recorder.close()
    assert [row["train_loss"] for row in lines(tmp_path / "a")] == ["2", "6"]
    assert [row["lr"] for row in lines(tmp_path / "a")] == ["0.1", "0.1"]


def test_a_short_last_accumulation_counts_in_the_epoch(tmp_path):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    recorder = Recorder(tmp_path / "a", optimizer=optimizer)
    optimizer.step()
    recorder.step(1.0, rows=4)
    recorder.step(7.0, rows=2)
    assert recorder.end_epoch()["train_loss"] == pytest.approx(18 / 6)


def test_validation_is_a_mean_over_rows_in_evaluation_mode(tmp_path):
    model, optimizer, criterion, _, _ = classifier()
    model[2].eval()  # a module that was in evaluation mode before stays there
    x, y = torch.randn(10, 6), torch.randint(3, (10,))
    recorder = Recorder(tmp_path / "a", model, optimizer, criterion)
    optimizer.step()
    recorder.step(1.0, model(x), y)
    with recorder.validation():
        assert not model.training
        for part in (slice(0, 7), slice(7, 10)):
            output = model(x[part])
            recorder.step(criterion(output, y[part]), output, y[part])
    assert model.training
    assert not model[2].training
    recorder.close()
    model.eval()
    right = criterion(model(x), y).item()
    assert float(records(tmp_path / "a", kind="eval")[0]["val_loss"]) == pytest.approx(right, rel=1e-3)
    hits = (model(x).argmax(1) == y).float().mean().item()
    assert float(lines(tmp_path / "a")[0]["val_metric"]) == pytest.approx(hits, rel=1e-4)


def test_layers_numbers_by_hand(tmp_path):
    """One weight row (3, 4), gradient of the mean square on x = (1, 0), y = 0: 2·3·(1, 0); SGD at 0.1 moves 0.6."""
    model = nn.Sequential(nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[3.0, 4.0]]))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    recorder = Recorder(tmp_path / "a", model, optimizer, nn.MSELoss())
    x, y = torch.tensor([[1.0, 0.0]]), torch.zeros(1, 1)
    for _ in range(2):
        optimizer.zero_grad()
        output = model(x)
        loss = nn.MSELoss()(output, y)
        loss.backward()
        optimizer.step()
        recorder.step(loss, output, y)
    recorder.close()
    first, second = records(tmp_path / "a", kind="step")
    row = first["layers"]["0"]
    assert (row["gnorm"], row["gabs"], row["gzero"]) == (6.0, 3.0, 0.5)
    length = (2.4**2 + 16) ** 0.5
    assert row["wnorm"] == pytest.approx(length, rel=1e-3)
    assert row["upd"] == pytest.approx(0.6 / length, rel=1e-3)
    assert row["wabsmax"] == 4.0
    assert (first["grad_cos_prev"], first["loss"]) == (None, 9.0)
    assert second["grad_norm"] == pytest.approx(4.8, rel=1e-3)


@pytest.mark.parametrize("kind", [nn.ReLU, nn.Tanh, nn.Sigmoid])
def test_dead_and_saturated_units(tmp_path, kind):
    """Four units with pre-activations 20, -20, 0.1 and -20 for every row."""
    model = nn.Sequential(nn.Linear(1, 4), kind(), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].weight.zero_()
        model[0].bias.copy_(torch.tensor([20.0, -20.0, 0.1, -20.0]))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    recorder = Recorder(tmp_path / "a", model, optimizer, nn.MSELoss())
    output = model(torch.randn(5, 1))
    optimizer.step()
    recorder.step(1.0, output, torch.zeros(5, 1))
    seen = records(tmp_path / "a", kind="step")[0]["acts"]["1"]
    if kind is nn.ReLU:
        assert (seen["dead_frac"], seen["zero_frac"]) == (0.5, 0.5)
    else:
        assert seen["sat_frac"] == 0.75


def test_numbers_that_are_none_are_written_as_none(tmp_path):
    recorder = Recorder(tmp_path / "a")
    recorder.step(float("nan"), rows=2)
    recorder.step(float("inf"), rows=2)
    recorder.end_epoch()
    recorder.close()
    assert [row["train_loss"] for row in lines(tmp_path / "a")] == ["nan", "inf"]
    assert records(tmp_path / "a", "epochs.jsonl")[0]["train_loss"] is None


def test_a_killed_run_stays_readable_and_is_resumed(tmp_path):
    """A real SIGKILL, in the middle of a loop; then the run goes on where its files end."""
    code = f"""
        import torch
        from torch import nn
        from lossmith import Recorder
        model = nn.Linear(3, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        loss_fn = nn.CrossEntropyLoss()
        recorder = Recorder({str(tmp_path / "a")!r}, model, optimizer, loss_fn, train=[0] * 10)
        while True:
            x, y = torch.randn(4, 3), torch.randint(2, (4,))
            output = model(x); loss = loss_fn(output, y)
            optimizer.zero_grad(); loss.backward(); optimizer.step()
            recorder.step(loss, output, y)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=os.environ)
    log, until = tmp_path / "a" / "log.csv", time.monotonic() + 60
    while time.monotonic() < until and not (log.exists() and log.stat().st_size > 2000):
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    rows = lines(tmp_path / "a")
    assert [int(row["step"]) for row in rows] == list(range(1, len(rows) + 1))
    assert all(float(row["train_loss"]) > 0 for row in rows)
    assert records(tmp_path / "a", kind="static")
    with pytest.raises(ValueError, match="resume=True"):
        Recorder(tmp_path / "a")
    assert len(lines(tmp_path / "a")) == len(rows)
    recorder = Recorder(tmp_path / "a", resume=True)
    recorder.step(0.5, rows=4)
    recorder.close()
    again = lines(tmp_path / "a")
    assert [int(row["step"]) for row in again] == list(range(1, len(rows) + 2))
    assert [row["train_loss"] for row in again[:-1]] == [row["train_loss"] for row in rows]
    assert len(records(tmp_path / "a", kind="static")) == 1


def test_a_line_cut_off_in_the_middle_is_taken_out(tmp_path):
    folder = RunFolder(tmp_path)
    folder.step(1, 0.0, 0.1, 2.0, None)
    folder.close()
    for name, torn in (("log.csv", "2,0.5,0.1"), ("live.jsonl", '{"type":"st')):
        with (tmp_path / name).open("a") as file:
            file.write(torn)
    assert RunFolder(tmp_path, resume=True).last_step == 1
    assert [row["step"] for row in lines(tmp_path)] == ["1"]
    assert (tmp_path / "live.jsonl").read_text() == ""


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def training(self, budget, steps, *, step=0.001, line=0.0, sample=0.004, metric=0.0001):
        """Let steps pass; return which were sampled and which had a metric."""
        schedule, sampled, measured = Schedule(1, budget, every=50), [], []
        for number in range(1, steps + 1):
            self.now += step
            budget.begin(self.now)
            self.now += line
            budget.lines += line
            if schedule.due(number):
                schedule.spent(sample)
                schedule.took(number)
                self.now += sample
                sampled.append(number)
            if budget.allows("metric"):
                budget.spent["metric"] += metric
                self.now += metric
                measured.append(number)
            budget.end()
        return sampled, measured


def test_a_pause_earns_recording_no_time(monkeypatch):
    clock = Clock(monkeypatch)
    budget = Budget(0.03)
    clock.training(budget, 100)
    passed = budget.passed
    clock.now += 60.0  # a validation
    budget.begin(clock.now)
    assert budget.passed < 1.15 * passed


def test_recording_takes_no_more_than_its_share(monkeypatch):
    clock = Clock(monkeypatch)
    budget = Budget(0.03)
    sampled, measured = clock.training(budget, 20_000, line=0.00001)
    assert sampled[:4] == [1, 2, 3, 4]
    assert budget.taken == pytest.approx(0.03, rel=0.1)
    assert len(sampled) > 50
    assert measured[:300] == list(range(1, 301))
    assert 300 < len(measured) < 20_000


def test_steps_long_enough_have_every_metric(monkeypatch):
    clock = Clock(monkeypatch)
    budget = Budget(0.03)
    sampled, measured = clock.training(budget, 2000, step=0.02, line=0.00002)
    assert len(measured) == 2000
    assert [b - a for a, b in itertools.pairwise(sampled)][-20:] == [50] * 20
    assert budget.taken < 0.03


def test_steps_too_short_for_their_lines_are_still_looked_at(monkeypatch):
    clock = Clock(monkeypatch)
    budget = Budget(0.03)
    sampled, _ = clock.training(budget, 100_000, step=0.0002, line=0.00002)
    assert len(sampled) > 20
    assert budget.apart < 0.009 * clock.now + 0.05


def test_a_metric_that_waits_leaves_the_epochs_mean_a_mean(tmp_path):
    recorder = Recorder(tmp_path / "a", metric=lambda output, target: (output.argmax(1) == target).float().mean())
    for place, label in enumerate((0, 1, 1)):
        recorder.budget.spent["metric"] = 0.0 if place == 2 else 1.0  # more than any share of so short a time
        recorder.step(torch.tensor(0.5), torch.tensor([[0.0, 1.0]]), torch.tensor([label]))
    mean = recorder.end_epoch()
    recorder.close()
    assert [row["train_metric"] for row in lines(tmp_path / "a")] == ["", "", "1"]
    assert mean["train_metric"] == 1.0
    assert mean["rows"] == 3


def test_tensorboard_is_written_where_the_package_is(tmp_path):
    pytest.importorskip("tensorboard")
    recorder = Recorder(tmp_path / "a", tensorboard=True)
    recorder.step(1.0, rows=2)
    recorder.close()
    assert list((tmp_path / "a").glob("events.out*"))


def test_the_blocks_of_the_document_run(tmp_path, monkeypatch):
    text = (Path(__file__).parent.parent / "docs" / "recorder.md").read_text()
    monkeypatch.chdir(tmp_path)
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), {})
    assert len(lines(tmp_path / "runs" / "first")) == 35
    assert {"train_fit", "train_size", "val_loss"} <= set(records(tmp_path / "runs" / "second", "epochs.jsonl")[0])


def test_accuracy_of_several_labels_counts_each(tmp_path):
    scores, labels = torch.tensor([[2.0, -1.0], [-3.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    found = usual_metric(scores, labels, "multilabel", sigmoid=False)
    assert found is not None
    assert float(found) == 0.5
