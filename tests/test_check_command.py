"""`lossmith check` as a person runs it: exit codes, one line for bad use, odd losses survived."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lossmith.cli import _guarded, cli
from lossmith.options import Settings

LOSSES = """
import os, sys, torch

def sound(pred, target):
    return ((pred - target) ** 2).mean()

def negative(pred, target):
    return -((pred - target) ** 2).mean()

def leaves(pred, target):
    os._exit(7)

def exits(pred, target):
    raise SystemExit(0)

def interrupts(pred, target):
    raise KeyboardInterrupt

def forks(pred, target):
    os.fork()
    return ((pred - target) ** 2).mean()

def prints(pred, target):
    print("x" * 100_000)
    sys.stderr.write("y" * 100_000)
    return ((pred - target) ** 2).mean()

def segfaults(pred, target):
    import ctypes
    ctypes.string_at(0)

class Needy(torch.nn.Module):
    def __init__(self, alpha):
        super().__init__()
        self.alpha = alpha

    def forward(self, pred, target):
        return self.alpha * ((pred - target) ** 2).mean()

number = 3
"""
PAIR = ["--input", "real", "--target", "real"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(LOSSES)
    (tmp_path / "broken.py").write_text("def loss(:\n")
    (tmp_path / "raises.py").write_text("import nothing_of_this_name\n")
    (tmp_path / "exits.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "bad.toml").write_text("lower_bound = = 0\n")
    (tmp_path / "unknown.toml").write_text("lower_bond = 0\n")
    (tmp_path / "bound.toml").write_text("lower_bound = 0\nminimum_at_perfect = true\n")

    def run(*arguments):
        line = ["check", *arguments, "--no-portrait"]
        code = _guarded(lambda: cli.main(line, prog_name="lossmith", standalone_mode=False))
        return code, *capsys.readouterr()

    return run


def test_exit_codes(run):
    assert run("own.py:sound", "--claims", "bound.toml", *PAIR)[0] == 0
    code, out, _ = run("own.py:negative", "--claims", "bound.toml", *PAIR)
    assert code == 1
    assert "wrong-sign" in out


def test_a_wrong_sign_is_found_where_the_ends_have_no_number(run, tmp_path):
    """A logarithm of probabilities has none at 0 and 1."""
    text = "import torch\n\ndef {name}(p, y):\n    return {sign}(y * p.log() + (1 - y) * (1 - p).log()).mean()\n"
    (tmp_path / "entropies.py").write_text(text.format(name="right", sign="-") + text.format(name="wrong", sign=""))
    assert run("entropies.py:right", "--claims", "bound.toml")[0] == 0
    code, out, _ = run("entropies.py:wrong", "--claims", "bound.toml")
    assert code == 1
    assert "wrong-sign" in out


def test_near_and_far_changed_over_is_a_question(run, tmp_path):
    """Names say which of two embeddings should be near."""
    text = "import torch\n\ndef {name}(anchor, positive, negative):\n    near = (anchor - positive).norm(dim=1)\n"
    text += "    far = (anchor - negative).norm(dim=1)\n    return torch.relu({order} + 1.0).mean()\n\n"
    wrong, right = (text.format(name=n, order=o) for n, o in (("wrong", "far - near"), ("right", "near - far")))
    (tmp_path / "triplets.py").write_text(wrong + right)
    assert "question wrong-sign" in run("triplets.py:wrong")[1]
    assert "no fault found" in run("triplets.py:right")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.py:loss"], "Found none at"),
        (["own.py:nothing"], "Found in it: sound, negative"),
        (["own.py:negativ"], "Try own.py:negative"),
        (["own.py"], "Found in it: sound, negative"),
        (["focal_loss"], "Try lossmith:focal_loss or file.py:focal_loss"),
        (["sound"], "Try file.py:sound"),
        (["own.py:sound", "--task", "regresion"], "Try regression"),
        (["own.py:Needy", "--with", "alpha=1,alfa=2"], "alfa"),
        (["lossmith:focal_loss", "--with", "gama=2"], "Try gamma="),
        (["own.py:number"], "callable"),
        (["broken.py:loss"], "SyntaxError"),
        (["raises.py:loss"], "nothing_of_this_name"),
        (["no.such.module:loss"], "can be imported"),
        (["torch.nn.NoSuchLoss"], "NoSuchLoss"),
        (["lossmith:no_such_loss"], "no_such_loss"),
        (["own.py:Needy"], "--with alpha="),
        (["own.py:Needy", "--with", "alpha"], "NAME=VALUE"),
        (["own.py:Needy", "--with", "alpha=[1,2"], "close every bracket"),
        (["own.py:Needy", "--with", "alpha=1,beta=2"], "beta"),
        (["own.py:sound", "--with", "beta=2", *PAIR], "beta"),
        (["own.py:sound", "--input", "logitz"], "logitz"),
        (["own.py:sound", "--target", "klass"], "klass"),
        (["own.py:sound", "--shape", "n q", *PAIR], "q"),
        (["own.py:sound", "--kind", "stride"], "stride"),
        (["own.py:sound", "--seed", "-1"], "--seed"),
        (["own.py:sound", "--claims", "bad.toml"], "TOML"),
        (["own.py:sound", "--claims", "none.toml"], "none.toml"),
        (["own.py:sound", "--claims", "unknown.toml"], "Try lower_bound"),
        (["own.py:sound", "--json", "no/folder.json"], "--json"),
        (["own.py:sound", "--kind", "step"], "a model, a batch and an optimizer"),
    ],
)
def test_bad_use_is_one_line_and_exit_code_2(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2, (out, err)
    assert out == ""
    assert err.startswith("lossmith: ")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("leaves", "exit status 7"),
        ("exits", "SystemExit"),
        ("interrupts", "KeyboardInterrupt"),
        ("segfaults", "SIGSEGV"),
    ],
)
def test_a_loss_that_ends_its_process_is_an_error(run, name, how):
    code, _, err = run(f"own.py:{name}", "--json", "report.json", *PAIR)
    assert code == 1
    (finding,) = json.loads(Path("report.json").read_text())["findings"]
    assert finding["rule"] == "crash"
    assert how in finding["message"]
    assert err == ""


def test_a_file_that_exits_is_no_hang(run):
    assert run("exits.py:loss")[0] == 1


@pytest.mark.parametrize("name", ["forks", "prints"])
def test_a_loss_that_forks_or_prints_is_checked_as_any_other(run, name):
    code, out, err = run(f"own.py:{name}", *PAIR)
    assert code == 0
    assert "x" * 20 not in out
    assert err == ""


def test_json_on_standard_output_and_the_same_for_one_seed(run):
    arguments = ("own.py:negative", "--claims", "bound.toml", "--seed", "4", "--json", "-", *PAIR)
    one, other = (json.loads(run(*arguments)[1]) for _ in "ab")
    one.pop("seconds")
    other.pop("seconds")
    assert one == other
    assert one["findings"][0]["rule"] == "wrong-sign"


def test_the_witness_of_a_class_builds_it_as_it_was_checked(run, monkeypatch, tmp_path):
    arguments = ("own.py:Needy", "--with", "alpha=-2", "--task", "regression", "--claims", "bound.toml")
    code, _, err = run(*arguments, "--json", "report.json")
    assert (code, err) == (1, "")
    witness = json.loads(Path("report.json").read_text())["findings"][0]["witness"]
    assert "loss = Needy(alpha=-2)" in witness
    names: dict = {}
    monkeypatch.syspath_prepend(tmp_path)
    exec(witness, names)
    assert float(names["loss"](names["pred"], names["target"])) < 0


def test_python_m_lossmith_is_the_command():
    done = subprocess.run([sys.executable, "-m", "lossmith", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("lossmith ")


def test_the_command_waits_for_torch_in_the_child_alone():
    modules = "sys, lossmith.commands.check, lossmith.checker.check, lossmith.progress"
    code = f"import {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_settings_may_be_lists():
    read = Settings().convert("weight=[1, 2.5,3],rows=[[1,2],[3]],kind=none,to=mean", None, None)
    assert read == {"weight": [1, 2.5, 3], "rows": [[1, 2], [3]], "kind": None, "to": "mean"}


def test_an_import_that_fails_says_where(run, tmp_path):
    (tmp_path / "beside_it.py").write_text("import sys\n\nfirst = [][0]\n")
    (tmp_path / "leans.py").write_text("import beside_it\n\ndef loss(pred, target):\n    return pred.mean()\n")
    code, _, err = run("leans.py:loss", *PAIR)
    assert code == 2
    assert "IndexError" in err
    assert "beside_it.py, line 3)" in err.replace("\n", "")
