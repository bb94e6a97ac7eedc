"""Workers: lazy, one thread each, replaced when killed, gone when their parent is."""

import math
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from lossmith.training import workers
from lossmith.training.workers import run_all
from running import alive, wait_for

ENDLESS = math.inf


def square(number: int) -> int:
    return number * number


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def threads(_: int) -> int:
    import torch

    return torch.get_num_threads()


def refuse(number: int) -> int:
    if number == 3:
        raise ArithmeticError("three")
    return number


def die_once(job: tuple[str, int]) -> int:
    """Be killed at job 2 the first time it is tried."""
    folder, number = job
    mark = Path(folder) / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def interrupt_me(_: int) -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "still here"


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_result_comes_once(jobs):
    assert sorted(run_all(square, range(8), jobs, ENDLESS)) == [square(number) for number in range(8)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_work_gives_no_results(jobs):
    assert list(run_all(square, [], jobs, ENDLESS)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_begun_after_the_deadline(jobs):
    assert list(run_all(square, count(), jobs, time.time() - 1)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_endless_work_ends_at_the_deadline(jobs):
    assert list(run_all(pid_after, (0.05 for _ in count()), jobs, time.time() + 0.6))


def test_work_is_made_only_when_a_worker_will_be_free():
    made = []
    results = run_all(square, (made.append(n) or n for n in range(100)), 2, ENDLESS)
    next(results)
    assert len(made) <= 4
    results.close()


def test_each_worker_uses_one_thread():
    assert set(run_all(threads, range(3), 2, ENDLESS)) == {1}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_of_the_work_reaches_the_caller(jobs):
    with pytest.raises(ArithmeticError, match="three"):
        list(run_all(refuse, range(10), jobs, ENDLESS))


def test_leaving_early_kills_the_workers():
    results = run_all(pid_after, [0.0, 0.0, 60.0, 60.0], 2, ENDLESS)
    pids = {next(results), next(results)}
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 10
    wait_for(lambda: not any(map(alive, pids)), 5, "the workers to end")


def test_work_of_a_killed_worker_is_done_again(tmp_path):
    jobs = [(str(tmp_path), number) for number in range(6)]
    assert sorted(run_all(die_once, jobs, 2, ENDLESS)) == list(range(6))
    assert (tmp_path / "died").exists()


def test_work_that_kills_every_worker_is_given_up_in_plain_words():
    with pytest.raises(ChildProcessError, match=r"killed twice.*memory.*Try fewer `--jobs`"):
        list(run_all(die_always, [1], 2, ENDLESS))
    assert list(run_all(square, [3], 2, ENDLESS)) == [9]  # and the next run is not harmed


def test_workers_killed_while_idle_are_replaced():
    for pid in set(run_all(pid_after, [0.2] * 4, 2, ENDLESS)):
        os.kill(pid, signal.SIGKILL)
    assert sorted(run_all(square, range(4), 2, ENDLESS)) == [0, 1, 4, 9]


def test_ctrl_c_does_not_reach_workers():
    assert list(run_all(interrupt_me, [1, 2], 2, ENDLESS)) == ["still here"] * 2


def test_ctrl_c_does_not_reach_workers_that_are_still_starting():
    code = (
        "import os, signal, sys, time; sys.path.insert(0, sys.argv[1]); from test_workers import square;"
        "from lossmith.training import workers\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"  # which a new process does not inherit
        "workers.warm_up(2)\n"
        "for _ in range(50): os.killpg(0, signal.SIGINT); time.sleep(0.01)\n"
        "print(sorted(workers.run_all(square, range(4), 2, float('inf'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, start_new_session=True
    )
    assert (done.stdout, done.stderr) == ("[0, 1, 4, 9]\n", "")


def test_starting_workers_leaves_the_callers_ctrl_c_as_it_was():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    workers.warm_up(2)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_workers_end_when_their_parent_is_killed():
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from test_workers import pid_after;"
        "from lossmith.training.workers import run_all\n"
        "for pid in run_all(pid_after, [0.5, 0.5, 120.0, 120.0], 2, float('inf')): print(pid, flush=True)"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    assert all(map(alive, pids))
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(map(alive, pids)), 10, "workers to follow their parent")


def test_cores_heed_the_share_of_this_process(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert workers.cores() == 1
