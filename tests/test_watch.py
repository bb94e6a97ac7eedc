"""`watch`: a growing log in every state it can be met in, and what is said of it, once."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lossmith.cli import cli
from lossmith.doctor.diagnosis import Diagnosis, Report
from lossmith.doctor.follow import Follower
from lossmith.doctor.prefix import until
from lossmith.doctor.runlog import Curve, RunLog
from lossmith.doctor.watch import STEPS, Watch

HEAD = "step,train_loss,val_loss\n"


def rows(first, last):
    return "".join(f"{step},{1 / step:.6f},\n" for step in range(first, last + 1))


def steps(follower):
    found = follower.read()
    return None if found is None else found.train.steps.tolist()


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.csv"


def test_a_log_that_is_not_there_yet_grows_and_ends_within_a_line(log):
    follower = Follower(log)
    assert follower.read() is None
    assert "does not exist" in follower.trouble
    log.write_text(HEAD)
    assert follower.read() is None
    log.write_text(HEAD + rows(1, 3) + "4,0.2")
    assert steps(follower) == [1, 2, 3]
    assert follower.read() is None
    assert not follower.changed
    log.write_text(HEAD + rows(1, 4))
    assert steps(follower) == [1, 2, 3, 4]
    follower.close()


def test_a_folder_without_a_log_yet(tmp_path, log):
    follower = Follower(tmp_path / "run")
    assert follower.read() is None
    (tmp_path / "run").mkdir()
    assert follower.read() is None
    (tmp_path / "run" / "log.csv").write_text(HEAD + rows(1, 2))
    assert steps(follower) == [1, 2]
    assert follower.read() is None


@pytest.mark.parametrize("header", [HEAD, ""])
def test_a_rotated_log_goes_on(log, header):
    follower = Follower(log)
    log.write_text(HEAD + rows(1, 5))
    assert steps(follower) == [1, 2, 3, 4, 5]
    log.write_text(HEAD + rows(1, 6))  # the sixth is written and rotated away between two looks
    log.rename(log.with_name("log.csv.1"))
    log.write_text(header)
    assert follower.read() is None
    log.write_text(header + rows(7, 8))
    assert steps(follower) == [1, 2, 3, 4, 5, 6, 7, 8]
    log.write_text(header + rows(7, 9))
    assert steps(follower) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert not follower.restarted


def test_a_log_emptied_in_place_goes_on_or_begins_anew(log):
    follower = Follower(log)
    log.write_text(HEAD + rows(1, 5))
    follower.read()
    log.write_text(HEAD + rows(1, 3))  # Lightning writes the whole file anew when a column is added
    assert steps(follower) == [1, 2, 3]
    assert not follower.restarted
    log.write_text(HEAD + "1,7.0,\n2,6.0,\n")
    assert steps(follower) == [1, 2]
    assert follower.restarted


def test_json_half_written_waits(tmp_path):
    file = tmp_path / "history.json"
    whole = json.dumps({"loss": [3.0, 2.0, 1.0]})
    follower = Follower(file)
    file.write_text(whole[:-4])
    assert follower.read() is None
    file.write_text(whole)
    assert follower.read().train.values.tolist() == [3.0, 2.0, 1.0]


def test_a_recorders_folder_brings_its_live_records(tmp_path):
    (tmp_path / "log.csv").write_text(HEAD + rows(1, 3))
    static, step = {"type": "static", "criterion": "MSELoss"}, {"type": "step", "step": 1}
    live = f"{json.dumps(static)}\n{json.dumps(step)}\n"
    (tmp_path / "live.jsonl").write_text(live + '{"type": "st')
    follower = Follower(tmp_path)
    found = follower.read()
    assert found.live
    assert found.source == tmp_path / "log.csv"
    (tmp_path / "live.jsonl").write_text(live + '{"type": "step", "step": 2}\n')
    assert len(follower.read().records) == 2


def run_of(length, validations=0):
    places = np.arange(1.0, length + 1)
    return RunLog(Path("log.csv"), Curve(places, 1 / places), Curve(places[:validations], 1 / places[:validations]))


def doctor(said):
    """Return a doctor who names at each length what `said` gives, and how sure that is."""

    def diagnose(run):
        fault, sure = said(len(run.train))
        found = (Diagnosis(fault, fault, 1.0, sure, (), ()),) if fault else ()
        return Report(run.source, False, found, 0.0)

    return diagnose


def heard(said, lengths=range(10, 400, 10)):
    watch = Watch(doctor(said))
    return [(event.kind, event.fault, event.step) for n in lengths for event in watch.look(run_of(n))]


def test_a_lasting_fault_is_said_once():
    assert heard(lambda n: ("overfitting", 0.9)) == [("found", "overfitting", 60)]


def test_a_passing_or_unlikely_fault_is_not_said():
    assert heard(lambda n: ("overfitting", 0.9) if 100 <= n <= 120 else ("", 0)) == []
    assert heard(lambda n: ("overfitting", 0.5)) == []


def test_a_fault_is_replaced_and_resolved_once():
    def said(n):
        return ("lr_too_high", 0.9) if n < 100 else ("dead_relu", 0.9) if n < 200 else ("", 0)

    kinds = [(kind, fault) for kind, fault, _ in heard(said)]
    assert kinds == [("found", "lr_too_high"), ("replaced", "dead_relu"), ("resolved", "")]


def test_a_fault_that_becomes_less_likely_still_stands():
    assert len(heard(lambda n: ("overfitting", 0.9 if n < 100 else 0.4))) == 1


def test_nan_is_said_at_once_and_a_short_run_not_judged():
    assert heard(lambda n: ("nan_inf", 0.99), [3]) == [("found", "nan_inf", 3)]
    assert heard(lambda n: ("overfitting", 0.99), [STEPS]) == []


def test_a_new_run_is_judged_anew():
    watch = Watch(doctor(lambda n: ("overfitting", 0.9)))
    watch.look(run_of(100))
    events = watch.look(run_of(90), restarted=True)
    assert [event.kind for event in events] == ["restarted", "found"]


def test_a_prefix_is_the_run_as_it_was():
    run = until(run_of(10, validations=5), 3)
    assert run.train.steps.tolist() == [1, 2, 3]
    assert len(run.validation) == 3


def test_the_command_ends_by_itself(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("".join(f"epoch {e} loss {'nan' if e > 5 else 2.0 / e}\n" for e in range(1, 11)))
    result = CliRunner().invoke(cli, ["watch", str(log), "--idle", "0.3s", "--every", "0.1s"], standalone_mode=False)
    assert result.return_value == 1
    assert result.output.count("nan_inf") == 1
    assert "step 10:" in result.output
    result = CliRunner().invoke(cli, ["watch", str(tmp_path / "no"), "--idle", "0.2s", "--every", "0.1s"],
                                standalone_mode=False)  # fmt: skip
    assert result.return_value == 2
    assert "does not exist" in result.output


def test_ctrl_c_ends_it_with_exit_code_0(tmp_path):
    log = tmp_path / "train.log"
    watching = subprocess.Popen(
        [sys.executable, "-m", "lossmith", "watch", str(log), "--every", "0.1s"], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert "waiting" in watching.stderr.readline()
    log.write_text("".join(f"epoch {e} loss {'nan' if e > 5 else 2.0 / e}\n" for e in range(1, 11)))
    assert "nan_inf" in watching.stdout.readline()
    time.sleep(0.3)
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert "Traceback" not in err
