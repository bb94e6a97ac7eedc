"""The command line: what goes wrong is one line and exit code 2, and leaves nothing half written."""

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lossmith import cli, registry
from lossmith.commands import advise
from running import classes, lighten, numbers, run


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Be in a folder of one's own, with a few tables."""
    monkeypatch.chdir(tmp_path)
    frame = numbers()
    frame.to_csv("t.csv", index=False)
    classes(["no", "yes"]).to_csv("c.csv", index=False)
    frame.assign(y=5).to_csv("constant.csv", index=False)
    frame.assign(y=None).to_csv("missing.csv", index=False)
    frame.assign(y="only").to_csv("one.csv", index=False)
    frame.assign(y=frame.y.where(frame.index != 3, np.inf)).to_csv("infinite.csv", index=False)
    frame.assign(y=frame.y.abs().where(frame.index > 3, 0.0)).to_csv("zeros.csv", index=False)
    Path("empty.csv").write_text("")
    Path("header.csv").write_text("a,b,y\n")
    Path("twice.csv").write_text("a,a,y\n1,2,3\n4,5,6\n")
    Path("junk.csv").write_bytes(bytes(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)))
    Path("torn.csv.gz").write_bytes(gzip.compress(Path("t.csv").read_bytes())[:-500])
    Path("folder").mkdir()
    return tmp_path


@pytest.fixture
def call(monkeypatch, capfd):
    """Run the command line in this process, as `lossmith` would; return exit code, stdout and stderr."""

    def run_here(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lossmith", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        return int(stop.value.code or 0), out, err

    return run_here


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


UNADVISED = ("missing in every row", "pinball")
"""Here what was found leaves nothing to add."""


def is_one_line(err: str) -> bool:
    return err.startswith("lossmith: ") and err.endswith("\n") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["nope.csv", "--target", "y"], "Found no nope.csv"),
        (["folder", "--target", "y"], "Found the folder folder"),
        (["empty.csv", "--target", "y"], "Found an empty file"),
        (["header.csv", "--target", "y"], "Found none in header.csv"),
        (["torn.csv.gz", "--target", "y"], "damaged"),
        (["junk.csv", "--target", "y"], "Found no text in junk.csv"),
        (["twice.csv", "--target", "y"], "Found 'a' more than once"),
        (["t.csv", "--target", "yy"], "Found no 'yy'. Did you mean 'y'?"),
        (["constant.csv", "--target", "y"], "Found only '5'"),
        (["missing.csv", "--target", "y"], "missing in every row"),
        (["one.csv", "--target", "y"], "Found only 'only'"),
        (["c.csv", "--target", "y", "--metric", "rmse"], "Found binary"),
        (["infinite.csv", "--target", "y"], "Found infinity"),
        (["t.csv", "--target", "y", "--metric", "rmsle"], "`rmsle` needs"),
        (["zeros.csv", "--target", "y", "--metric", "mape"], "`mape` needs"),
        (["t.csv", "--target", "y", "--metric", "rsme"], "Did you mean `rmse`"),
        (["t.csv", "--target", "y", "--metric", "pinball@2"], "pinball"),
        (["t.csv", "--target", "y", "--losses", "hubber"], "Did you mean `huber_loss`"),
        (["t.csv", "--target", "y", "--losses", "focal_loss"], "should fit the task"),
        (["t.csv", "--target", "y", "--losses", "a,,b"], "names with commas"),
        (["t.csv", "--target", "y", "--drop", "bb"], "Found no 'bb'. Did you mean 'b'?"),
        (["t.csv", "--target", "y", "--drop", "y"], "Found 'y' as both"),
        (["t.csv", "--target", "y", "--task", "clustering"], "Found 'clustering'"),
        (["t.csv", "--target", "y", "--weight", "bb"], "Found no 'bb'. Did you mean 'b'?"),
        (["t.csv", "--target", "y", "--weight", "c"], "should be numbers from 0 up"),
        (["t.csv", "--target", "y", "--weight", "a"], "not below 0"),
        (["t.csv", "--target", "y", "--group", "y"], "Found 'y' as both"),
        (["t.csv", "--target", "y", "--group", "a,bb"], "Found no 'bb'. Did you mean 'b'?"),
        (["t.csv", "--target", "y", "--cost", "FN=5,FP=1"], "should judge a binary target"),
        (["c.csv", "--target", "y", "--cost", "nope.csv"], "Found no nope.csv"),
        (["c.csv", "--target", "y", "--cost", "c.csv"], "cost table"),
        (["c.csv", "--target", "y", "--cost", "FN=5,FP=1", "--metric", "f1"], "Found `f1` beside"),
        (["c.csv", "--target", "y", "--losses", "brier_loss+over"], "Found 'brier_loss+over'"),
        (["c.csv", "--target", "y", "--positive", "maybe"], "Found 'maybe'"),
        (["c.csv", "--target", "y", "--levels", "low,high"], "Found"),
        (["t.csv", "--target", "y", "--budget", "abc"], "Found 'abc'"),
        (["t.csv", "--target", "y", "--budget", "-3s"], "Found '-3s'"),
        (["t.csv", "--target", "y", "--budget", "0"], "Found '0'"),
        (["t.csv", "--target", "y", "--folds", "1"], "Found 1"),
        (["t.csv", "--target", "y", "--folds", "0"], "Found 0"),
        (["t.csv", "--target", "y", "--folds", "121"], "Found 121 folds, 120 rows"),
        (["t.csv", "--target", "y", "--folds", "many"], "'many' is not a valid integer"),
        (["t.csv", "--target", "y", "--seed", "-1"], "-1"),
        (["t.csv", "--target", "y", "--seed", str(2**40)], str(2**40)),
        (["t.csv", "--target", "y", "--out", "t.csv"], "Found a file: t.csv"),
        (["t.csv", "--target", "y", "--out", "t.csv/in"], "t.csv"),
        (["t.csv", "--target", "y", "--out", "/proc/out"], "/proc/out"),
        (["t.csv", "--target", "y", "--json", "no/such/v.json"], "no/such/v.json"),
        (["t.csv", "--target", "y", "--json", "folder"], "Found folder"),
        (["t.csv"], "Missing option '--target'"),
        (["--target", "y"], "Missing argument 'FILE'"),
        (["t.csv", "--target", "y", "--fold", "3"], "--fold"),
        (["t.csv", "--target", "y", "extra"], "extra"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_answered_is_one_line(call, folder, arguments, found):
    before = everything(folder)
    code, out, err = call("advise", *arguments, "--jobs", 1)
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert found in err
    assert "Traceback" not in err
    assert any(words in err for words in ("Try", "Did you mean", "See ")) or found in UNADVISED
    assert everything(folder) == before


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["advice"], "Did you mean 'advise'"),
        (["--nope"], "No such option"),
        (["list", "--family", "nope"], "Found 'nope'"),
        (["show"], "Missing argument"),
        (["show", "hubber"], "Did you mean `huber_loss`"),
        (["show", "qqqq"], "Try one of `lossmith list`"),
        (["cite", "hubber"], "Did you mean `huber_loss`"),
    ],
)
def test_other_mistakes_are_one_line(call, arguments, found):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert found in err


def test_the_real_command_answers_a_mistake_in_one_line(folder):
    code, out, err = run("advise", "t.csv", "--target", "y", "--losses", "hubber")
    assert (code, out) == (2, "")
    assert is_one_line(err)


def test_without_a_command_the_help_is_shown(call):
    code, out, err = call()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: lossmith [OPTIONS] COMMAND")
    assert err.count("\n") > 5
    assert "Found" not in err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["advise", "--help"], ["--version"]])
def test_help_goes_to_stdout(call, arguments):
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert "lossmith" in out


def whole_json(folder: Path) -> bool:
    return all(json.loads(path.read_text()) is not None for path in folder.rglob("*.json"))


@pytest.mark.parametrize("size", [300, 12_000])
def test_a_full_disk_is_one_line_and_leaves_nothing_partial(folder, size):
    """The limit strikes at the question, and amid the trials."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    code, out, err = run(
        "advise", "t.csv", "--target", "y", "--folds", 3, "--losses", "huber_loss", "--out", "o", "--jobs", 1,
        "--quiet", preexec_fn=limit, env=environment,
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert "should be room to write o/" in err
    assert ".tmp" not in err
    assert whole_json(folder / "o")
    assert not [name for name in everything(folder / "o") if name.endswith((".tmp", ".html", "verdict.json"))]


def test_a_report_that_cannot_be_written_leaves_the_old_one(call, folder, monkeypatch):
    lighten(monkeypatch)
    (folder / "o" / "report.html").mkdir(parents=True)
    code, out, err = call("advise", "t.csv", "--target", "y", "--folds", 2, "--out", "o", "--jobs", 1, "--quiet")
    assert (code, out) == (2, "")
    assert is_one_line(err)
    assert "o/report.html" in err
    assert not [name for name in everything(folder / "o") if name.endswith(".tmp")]


def test_a_verdict_with_all_its_files(call, folder, monkeypatch):
    lighten(monkeypatch)
    code, out, err = call("advise", "t.csv", "--target", "y", "--folds", 3, "--json", "v.json", "--jobs", 1)
    assert code == 0
    assert "Code to paste" in out
    assert "120 rows" in err
    assert "Candidates:" in err
    made = folder / "lossmith-t-default"
    assert everything(made) == ["profile.json", "report.html", "shortlist.json", "trials.jsonl", "verdict.json"]
    assert (folder / "v.json").read_text() == (made / "verdict.json").read_text()
    assert json.loads((folder / "v.json").read_text())["command"].startswith("lossmith advise t.csv --target y")
    code, _, _ = call("advise", "t.csv", "--target", "y", "--folds", 3, "--jobs", 1, "--quiet")
    assert code == 0
    assert (folder / "lossmith-t-default-2" / "verdict.json").exists()


def test_quiet_prints_the_verdict_only(call, monkeypatch):
    lighten(monkeypatch)
    code, out, err = call("advise", "t.csv", "--target", "y", "--folds", 2, "--jobs", 1, "--quiet", "--budget", "0.01s")
    assert (code, err) == (0, "")
    assert "Too little time" in out


def test_json_to_standard_output_is_json_alone(call, monkeypatch):
    lighten(monkeypatch)
    code, out, err = call("advise", "t.csv", "--target", "y", "--folds", 3, "--jobs", 1, "--json", "-")
    assert code == 0
    assert json.loads(out)["metric"]["name"]
    assert "Wrote" in err


def test_ordinal_levels_and_mae(call, folder, monkeypatch):
    lighten(monkeypatch)
    classes(["low", "mid", "high"]).to_csv("levels.csv", index=False)
    code, _, _ = call(
        "advise", "levels.csv", "--target", "y", "--levels", "low, mid, high", "--metric", "mae", "--folds", 3,
        "--jobs", 1, "--out", "o", "--quiet",
    )  # fmt: skip
    assert code == 0
    verdict = json.loads((folder / "o" / "verdict.json").read_text())
    assert verdict["profile"]["problem"]["levels"] == ["low", "mid", "high"]
    assert verdict["outcome"] != "too_little_data"


def test_a_folder_with_trials_is_not_used_unasked(call, folder, monkeypatch):
    lighten(monkeypatch)
    question = ["advise", "t.csv", "--target", "y", "--folds", 2, "--jobs", 1, "--out", "o", "--quiet"]
    assert call(*question)[0] == 0
    before = {name: (folder / "o" / name).read_bytes() for name in everything(folder / "o")}
    for changed, found in (
        ([], "Try `--resume`"),
        (["--resume", "--metric", "mae"], "Found other candidates and problem"),
        (["--resume", "--seed", 1], "Found other plan"),
        (["--resume", "--drop", "a"], "problem"),
        (["--resume", "--folds", 3], "Found other plan"),
    ):
        code, out, err = call(*question, *changed)
        assert (code, out) == (2, "")
        assert is_one_line(err)
        assert found in err
        assert {name: (folder / "o" / name).read_bytes() for name in everything(folder / "o")} == before
    assert call(*question, "--resume")[0] == 0


def test_list_and_show_as_json_hold_the_facts(call):
    code, out, _ = call("list", "--json")
    assert code == 0
    listed = {entry["name"]: entry for entry in json.loads(out)}
    assert listed == registry.index()["losses"]
    code, out, _ = call("list", "--json", "--family", "imbalance")
    assert {entry["family"] for entry in json.loads(out)} == {"imbalance"}
    for name in ("mse", "MSE", "squared_error_loss", "squared-error loss"):
        code, out, _ = call("show", name, "--json")
        assert (code, json.loads(out)) == (0, listed["squared_error_loss"])
    assert "class_prior" in listed["logit_adjusted_cross_entropy_loss"]["parameters"]
    assert listed["huber_loss"]["claims"]["convex"]["claim"] == "holds"


def test_show_and_cite_print_text(call):
    assert call("show", "mse")[1].startswith("squared_error_loss  (regression")
    assert call("cite", "huber_loss", "rmse")[1].startswith("@misc{huber1964robust,")


def test_a_reader_that_leaves_early_is_no_error():
    command = [sys.executable, "-m", "lossmith.cli", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()  # before a word is written
        err = process.stderr.read()
    assert err == ""
    assert process.returncode == 0


@pytest.mark.parametrize("way", [BrokenPipeError(), SystemExit(1)], ids=["as Python sees it", "as rich sees it"])
def test_a_verdict_whose_reader_leaves_early_is_no_error(capfd, way):
    def leave():
        raise way

    assert cli._guarded(leave) == 0
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_behind_stdout_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "lossmith.cli", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert is_one_line(done.stderr)


def test_a_terminal_without_greek_letters_is_no_error():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "COLUMNS": "60"}
    code, out, err = run("list", env=environment, encoding="latin-1")
    assert (code, err) == (0, "")
    assert " ?\n" in out  # in place of the dots that shorten a line


def test_ctrl_c_anywhere_is_one_line(call, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "index", interrupt)
    code, out, err = call("list")
    assert (code, out) == (130, "")
    assert err.strip() == "lossmith: stopped."


def test_ctrl_c_before_any_training_says_so(call, monkeypatch, folder):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("lossmith.advisor.pipeline.read", interrupt)
    code, out, err = call("advise", "t.csv", "--target", "y", "--out", "o", "--jobs", 1)
    assert (code, out) == (130, "")
    assert err == "lossmith: stopped. Nothing was trained yet.\n"


def test_the_newest_folder_is_resumed(folder):
    assert advise._free_folder(Path("a/t.csv.gz"), "cost: FN=5", resume=False) == Path("lossmith-t-cost--FN-5")
    assert advise._free_folder(Path("t.csv"), "mae", resume=True) == Path("lossmith-t-mae")
    for name in ("lossmith-t-mae", "lossmith-t-mae-2"):
        (folder / name).mkdir()
    assert advise._free_folder(Path("t.csv"), "mae", resume=False) == Path("lossmith-t-mae-3")
    assert advise._free_folder(Path("t.csv"), "mae", resume=True) == Path("lossmith-t-mae-2")
