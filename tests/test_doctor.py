"""The doctor on real, tiny trainings with one fault each, on every kind of log, and from the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import lossmith
import tiny_runs
from lossmith.cli import cli
from lossmith.doctor import runlog
from lossmith.doctor.diagnosis import SYMPTOMS, diagnose, diagnose_run, remedies, title
from lossmith.doctor.live_outputs import outputs
from lossmith.doctor.runlog import Curve, RunLog
from lossmith.doctor.signals import signals

FAULTS: dict[str, dict[str, Any]] = {
    "lr_too_high": {"lr": 0.5},
    "lr_too_low": {"lr": 2e-6},
    "frozen_params": {"frozen": True},
    "double_activation": {"softmax_twice": True},
    "nan_inf": {"nan_at": 60},
    "no_zero_grad": {"zero_grad": False},
}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run without fault."""
    return tiny_runs.train(tmp_path_factory.mktemp("healthy"))


def test_a_healthy_run_has_no_fault(healthy: Path) -> None:
    assert diagnose(healthy).found == ()
    assert diagnose_run(runlog.read(healthy).curves_only()).found == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_first(fault: str, tmp_path: Path) -> None:
    report = diagnose(tiny_runs.train(tmp_path / "run", **FAULTS[fault]))
    assert [one.fault for one in report.found][:1] == [fault]
    assert any(one.weight > 0 for one in report.found[0].evidence)


def test_curves_alone_name_numbers_that_stop(tmp_path: Path) -> None:
    run = runlog.read(tiny_runs.train(tmp_path / "run", nan_at=60)).curves_only()
    assert diagnose_run(run).found[0].fault == "nan_inf"


def test_confidences_are_a_distribution(healthy: Path) -> None:
    report = diagnose(healthy)
    assert sum(one.confidence for one in report.ranked) + report.healthy == pytest.approx(1)


@pytest.mark.parametrize("fault", sorted(SYMPTOMS))
def test_every_symptom_says_what_to_do(fault: str) -> None:
    assert title(fault)
    assert remedies(fault)


LOSSES = [2.0, 1.5, 1.1, 0.9, 0.8, 0.75]
VALIDATION = [2.1, 1.6, 1.2, 1.1, 1.0, 1.0]
EPOCHS = [(i, a, b) for i, (a, b) in enumerate(zip(LOSSES, VALIDATION, strict=True))]
HISTORY = [row for i, a, b in EPOCHS for row in ({"step": i, "loss": a}, {"step": i, "eval_loss": b})]
LOGS = {
    "log.csv": "step,train_loss,val_loss\n" + "".join(f"{i},{a},{b}\n" for i, a, b in EPOCHS),
    "metrics.csv": "epoch,step,train_loss,val_loss\n"
    + "".join(f"{i},{9 * i},{a},\n{i},{9 * i + 1},,{b}\n" for i, a, b in EPOCHS),
    "run.jsonl": "".join(json.dumps({"step": i, "loss": a, "val_loss": b}) + "\n" for i, a, b in EPOCHS),
    "history.json": json.dumps({"loss": LOSSES, "val_loss": VALIDATION}),
    "trainer_state.json": json.dumps({"log_history": [*HISTORY, {"step": 6, "train_loss": 1.2}]}),
    "out.txt": "starting\n" + "".join(f"Epoch {i}/6 - loss: {a} - val_loss: {b}\n" for i, a, b in EPOCHS),
    "out.log": "".join(f"epoch {i} train loss {a}\nepoch {i} validation loss {b}\n" for i, a, b in EPOCHS),
}


@pytest.mark.parametrize("name", LOGS)
def test_every_form_of_log_gives_the_same_curves(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(LOGS[name], encoding="utf-8")
    for place in (tmp_path, tmp_path / name):
        run = runlog.read(place)
        assert run.train.values.tolist() == LOSSES
        assert run.validation.values.tolist() == VALIDATION


def test_a_log_without_a_loss_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="should hold a loss") as caught:
        diagnose(tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(FileNotFoundError):
        diagnose(tmp_path / "nowhere")


def test_the_command_says_and_writes(healthy: Path, tmp_path: Path) -> None:
    out = tmp_path / "diagnosis.json"
    result = CliRunner().invoke(cli, ["diagnose", str(healthy), "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert "No fault found" in result.output
    assert json.loads(out.read_text())["diagnoses"] == []


def test_it_is_lossmiths() -> None:
    assert lossmith.diagnose is diagnose


def several_labels(values: list[float]) -> RunLog:
    """Return a run of six labels a row whose accuracy on validation was these."""
    steps = np.arange(len(values), dtype=float)
    meta = {"task_type": "multilabel_classification", "num_classes": 6, "metric": "accuracy", "metric_mode": "max"}
    loss = Curve(steps, np.linspace(0.69, 0.3, len(values)))
    return RunLog(Path("run"), train=loss, validation=loss, validation_metric=Curve(steps, np.array(values)), meta=meta)


def test_a_guess_at_one_of_several_labels_is_yes_or_no() -> None:
    found = signals(several_labels([0.5, 0.6, 0.7, 0.75]))
    assert found["trivial_known"] == found["classification"] == 1
    assert found["skill"] == pytest.approx(0.5)
    assert found["start"] == pytest.approx(0.0, abs=0.05)  # a loss of log 2 is that of a guess
    # Where hardly any row is right in all its labels, the share of rows says nothing of guessing.
    assert "skill" not in signals(several_labels([0.05, 0.1, 0.2, 0.3]))


def looked_at(criterion: str, target: dict[str, Any], out: dict[str, float], width: int) -> dict[str, float]:
    """Return what outputs of some width say beside a loss and its targets."""
    static = {"criterion": criterion, "out_shape": [16, width], "target": {"shape": [16, width], **target}}
    record = {"out": {"between_sample_std": 0.2, "std": 0.2, "row_sum": 3.0, "row_sum_std": 0.3, **out}}
    return outputs(RunLog(Path("run"), static=static), [record] * 6, [record] * 2)


def test_sigmoids_of_several_labels_are_probabilities_too() -> None:
    labels = {"dtype": "torch.float32", "mean": 0.4, "min": 0.0, "max": 1.0}
    assert looked_at("BCEWithLogitsLoss", labels, {"min": 0.1, "max": 0.9}, 6)["twice"] == 1
    assert looked_at("BCEWithLogitsLoss", labels, {"min": -3.0, "max": 2.0}, 6)["twice"] == 0
    assert looked_at("CrossEntropyLoss", labels, {"min": 0.1, "max": 0.9}, 6)["twice"] == 0  # rows do not sum to 1


def test_what_was_cut_off_at_zero_came_from_no_sigmoid() -> None:
    labels = {"dtype": "torch.float32", "mean": 0.4, "min": 0.0, "max": 1.0}
    assert looked_at("BCELoss", labels, {"min": 0.0, "max": 0.9}, 6)["cut_off"] == 1
    assert looked_at("BCELoss", labels, {"min": 1e-4, "max": 0.9}, 6)["cut_off"] == 0


def test_cross_entropy_takes_a_class_or_a_distribution() -> None:
    soft = {"dtype": "torch.float32", "mean": 1 / 6, "min": 0.0, "max": 0.9}
    several = {"dtype": "torch.int64", "mean": 0.4, "min": 0.0, "max": 1.0, "hist": [60, 36]}
    assert looked_at("CrossEntropyLoss", soft, {"min": -1.0, "max": 1.0}, 6)["labels_for_floats"] == 0
    assert looked_at("CrossEntropyLoss", several, {"min": -1.0, "max": 1.0}, 6)["labels_for_floats"] == 1


def test_columns_of_any_usual_spelling_are_read(tmp_path: Path) -> None:
    rows = [f"{e},{2.0 / e},{2.5 / e},{1 - 1 / e}" for e in range(1, 9)]
    for names in (
        "ep,tr_loss,dev_loss,dev_acc",
        "epoch,train loss,valid loss,valid acc",
        "epoch,Loss/train,loss-va,acc/val",
    ):
        (tmp_path / "log.csv").write_text("\n".join([names, *rows]) + "\n")
        found = runlog.read(tmp_path / "log.csv")
        assert found.train.values[0] == 2.0, names
        assert found.validation.values[0] == 2.5, names
        assert found.validation_metric.values[1] == 0.5, names
    (tmp_path / "log.csv").write_text("Epoche,Verlust\n1,2\n2,1\n")
    with pytest.raises(ValueError, match="columns Epoche, Verlust"):
        runlog.read(tmp_path / "log.csv")


def test_a_bare_log_is_not_called_sound_with_certainty(tmp_path: Path) -> None:
    (tmp_path / "falls.log").write_text("".join(f"epoch {e} loss {1.0 / e:.4f}\n" for e in range(1, 40)))
    result = CliRunner().invoke(cli, ["diagnose", str(tmp_path / "falls.log")])
    assert "says too little to be sure" in result.output
    assert diagnose(tmp_path / "falls.log").to_json()["healthy"] is None
    page = tmp_path / "falls.html"
    CliRunner().invoke(cli, ["diagnose", str(tmp_path / "falls.log"), "--html", str(page)])
    assert "Not sure" in page.read_text()
    assert "100 %" not in page.read_text()
    (tmp_path / "climbs.log").write_text("".join(f"epoch {e} loss {0.5 * 1.3**e:.4f}\n" for e in range(30)))
    assert diagnose(tmp_path / "climbs.log").found[0].fault == "lr_too_high"


def test_a_run_without_a_step_says_so(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,epoch,train_loss\n")
    (tmp_path / "epochs.jsonl").write_text('{"epoch": 1, "step": 0, "train_loss": 1.3}\n')
    with pytest.raises(ValueError, match="no parameter was updated"):
        runlog.read(tmp_path)
