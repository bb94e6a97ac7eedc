"""What a loss does to its process is reported, and neither hangs nor hurts the caller."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from lossmith.checker.check import check
from lossmith.checker.limits import Child, Stopped

GIB = 2**30


@pytest.fixture(scope="module")
def child():
    child = Child(memory=GIB, seconds=20.0)
    yield child
    child.close()


def job(body):
    """A job from source, as cloudpickle then carries it whole."""
    names: dict = {}
    exec("def work(begun):\n    begun('a rule')\n" + textwrap.indent(textwrap.dedent(body), "    "), names)
    return names["work"]


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("import os; os._exit(3)", "exit status 3"),
        ("raise SystemExit(4)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("import os; os.abort()", "SIGABRT"),
        ("held = []\nwhile True:\n    held.append(bytearray(2**27))", "GiB of memory"),
        ("import torch\nheld = []\nwhile True:\n    held.append(torch.ones(2**25))", "GiB of memory"),
        ("raise RuntimeError('odd')", "RuntimeError: odd"),
        ("class Odd(BaseException): pass\nraise Odd('x')", "Odd: x"),
    ],
)
def test_how_a_job_ended_is_said_in_words(child, body, how):
    found = child.run(job(body))
    assert isinstance(found, Stopped)
    assert found.during == "a rule"
    assert how in found.how
    assert child.run(job("return 7")) == 7


def test_a_job_that_hangs_is_given_up(child):
    child.run(job("return 1"))
    child.seconds = 1.0
    began = time.monotonic()
    found = child.run(job("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass"))
    assert isinstance(found, Stopped)
    assert "1 second" in found.how
    assert time.monotonic() - began < 5.0
    child.seconds = 20.0
    assert child.run(job("return 2")) == 2


def test_a_fork_ends_at_once(child):
    pid = child.run(job("import os\npid = os.fork()\nreturn pid"))
    assert pid > 0
    assert _ends(pid)
    assert child.run(job("return 5")) == 5


def test_what_it_starts_ends_with_the_child(child):
    pid = child.run(job("import subprocess\nreturn subprocess.Popen(['sleep', '600']).pid"))
    assert _runs(pid)
    child.close()
    assert _ends(pid)


def test_after_ctrl_c_no_stale_answer_is_taken(child):
    def interrupted(rule):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.run(job("return 8"), interrupted)
    assert child.run(job("return 9")) == 9


def _ends(pid):
    for _ in range(50):
        if not _runs(pid):
            return True
        time.sleep(0.1)
    return False


def _runs(pid):
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_megabytes_of_output_go_nowhere(child, capfd):
    body = """
        import os, sys
        print("x" * 5_000_000)
        sys.stdout.write("y" * 5_000_000); sys.stderr.write("z" * 5_000_000)
        os.write(1, b"w" * 1_000_000); os.write(2, b"w" * 1_000_000)
        return sys.stdin.read()
    """
    assert child.run(job(body)) == ""
    assert capfd.readouterr() == ("", "")


def test_a_second_job_finds_the_child_warm(child):
    first = child.run(job("import os; return os.getpid()"))
    began = time.monotonic()
    assert child.run(job("import os; return os.getpid()")) == first
    assert time.monotonic() - began < 0.5


def test_what_cannot_come_back_is_said(child):
    found = child.run(job("import threading; return threading.Lock()"))
    assert isinstance(found, Stopped)
    assert "pickle" in found.how


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("end", ["leave", "interrupt", "kill"])
def test_no_child_outlives_its_caller(end, tmp_path):
    program = textwrap.dedent(
        """
        import sys, time
        import torch
        from lossmith.checker import check as module
        print(module.check(torch.nn.MSELoss(), {"input": "real n d", "target": "real n d"}).errors, flush=True)
        print(module._child()._process.pid, flush=True)
        if sys.argv[1] != "leave":
            time.sleep(60)
        """
    )
    file = tmp_path / "program.py"
    file.write_text(program)
    process = subprocess.Popen(
        [sys.executable, str(file), end], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "()"
    pid = int(process.stdout.readline())
    if end != "leave":
        assert _runs(pid)
        os.kill(process.pid, signal.SIGINT if end == "interrupt" else signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    assert _ends(pid)


def test_a_loss_that_ends_its_process_is_a_finding(tmp_path):
    (tmp_path / "loss.py").write_text("import os\ndef loss(input, target):\n    os._exit(1)\n")
    found = check(f"{tmp_path / 'loss.py'}:loss", {"input": "real n", "target": "real n"})
    assert [f.rule for f in found.errors] == ["crash"]
    assert "exit status 1" in found.errors[0].message
    assert check("torch.nn.MSELoss", claims={"lower_bound": 0.0}).errors == ()
