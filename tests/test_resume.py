"""Real runs that are really stopped: by Ctrl-C, by a kill, by the loss of a worker. What was finished is kept."""

import json
import os
import signal

import pytest

import lossmith
from lossmith import cli
from lossmith.advisor.verdict import Verdict
from running import fold_scores, in_session, lighten, numbers, start, trials, wait_for

FOLDS = 40
"""Enough for the signal to strike well before the end, however fast the engine."""
QUESTION = {"target": "y", "folds": FOLDS, "losses": ["huber_loss"], "budget": None}
ARGUMENTS = ("advise", "t.csv", "--target", "y", "--folds", FOLDS, "--losses", "huber_loss", "--budget", "9h")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    numbers().to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


@pytest.fixture(scope="module")
def uninterrupted(table):
    """Fold scores of the run that nothing befalls."""
    return fold_scores(lossmith.advise(table, jobs=1, **QUESTION))


@pytest.fixture
def stopped(table, tmp_path):
    """Start a real run beside the table, with two workers, and stop it amid the trials by a signal."""

    def stop(how) -> tuple[int, str]:
        process = start(*ARGUMENTS, "--out", tmp_path / "o", "--jobs", 2, cwd=table.parent)
        try:
            wait_for(lambda: trials(tmp_path / "o") >= 4 or process.poll() is not None, 90, "the first trials")
            assert process.poll() is None, process.stderr.read()
            assert len(in_session(process.pid)) >= 3  # the parent and two workers at least
            how(process.pid)
            _, err = process.communicate(timeout=20)
            wait_for(lambda: not in_session(process.pid), 10, "every process of the run to end")
        finally:
            for pid in in_session(process.pid):
                os.kill(pid, signal.SIGKILL)
        assert 4 <= trials(tmp_path / "o") < FOLDS * 3 * 2
        return process.returncode, err

    return stop


def resumed(table, out) -> dict[str, tuple[float, ...]]:
    return fold_scores(lossmith.advise(table, jobs=1, out=out, resume=True, **QUESTION))


def test_ctrl_c_keeps_what_was_finished_and_says_how_to_go_on(
    stopped, table, tmp_path, monkeypatch, uninterrupted, capfd
):
    code, err = stopped(lambda pid: os.killpg(pid, signal.SIGINT))
    out = tmp_path / "o"
    kept = trials(out)
    assert code == 130
    last = [line for line in err.splitlines() if line.strip()][-1]
    assert (
        last
        == f"lossmith: stopped. {kept} trials are kept in {out}; the same command with --out {out} --resume goes on."
    )
    assert err.count("lossmith: ") == 1
    assert "Traceback" not in err
    assert not (out / "verdict.json").exists()
    monkeypatch.chdir(table.parent)
    command = ["lossmith", *map(str, ARGUMENTS), "--out", str(out), "--resume", "--jobs", "1", "--quiet"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as end:
        cli.main()
    capfd.readouterr()
    assert end.value.code == 0
    assert fold_scores(Verdict.from_json(json.loads((out / "verdict.json").read_text()))) == uninterrupted


def test_a_killed_parent_takes_its_workers_along_and_loses_only_what_was_in_flight(
    stopped, table, tmp_path, uninterrupted
):
    code, _ = stopped(lambda pid: os.kill(pid, signal.SIGKILL))
    assert code == -signal.SIGKILL
    store = tmp_path / "o" / "trials.jsonl"
    with store.open("a") as file:
        file.write('{"repeat": 0, "fold": 5, "rate": 0.0')  # the kill struck amid a line
    kept = set(store.read_text().splitlines()[:-1])
    assert resumed(table, tmp_path / "o") == uninterrupted
    assert len(kept - set(store.read_text().splitlines())) <= 1  # but for half of what two candidates had begun


def test_a_killed_worker_is_replaced_and_nothing_is_lost(monkeypatch, tmp_path):
    lighten(monkeypatch)
    killed = []

    class Killer:
        """Kills one worker as soon as something is trained."""

        def profiled(self, found) -> None: ...

        def shortlisted(self, candidates) -> None: ...

        def trained(self, done: int, total: int) -> None:
            from loky.reusable_executor import _executor_storage

            if done and not killed:
                killed.append(next(iter(_executor_storage.executor._processes)))
                os.kill(killed[0], signal.SIGKILL)

    whole = lossmith.advise(numbers(), jobs=1, **QUESTION)
    verdict = lossmith.advise(numbers(), jobs=2, out=tmp_path, watcher=Killer(), **QUESTION)
    assert killed
    assert fold_scores(verdict) == fold_scores(whole)
    assert trials(tmp_path) == FOLDS * 2 * len(whole.standings)


@pytest.mark.parametrize("keep", [1, 2, 5, 7])
def test_any_prefix_of_the_trials_can_be_resumed(monkeypatch, tmp_path, keep):
    """A kill between two candidates of one group must not leave a fold that never gets complete."""
    lighten(monkeypatch)
    whole = lossmith.advise(numbers(), jobs=1, out=tmp_path, **QUESTION)
    store = tmp_path / "trials.jsonl"
    lines = store.read_text().splitlines(keepends=True)
    store.write_text("".join(lines[: 1 + keep]))
    found = lossmith.advise(numbers(), jobs=1, out=tmp_path, resume=True, **QUESTION)
    assert fold_scores(found) == fold_scores(whole)
    assert len(store.read_text().splitlines()) == len(lines)


def test_resuming_what_is_finished_trains_nothing(monkeypatch, tmp_path):
    lighten(monkeypatch)
    whole = lossmith.advise(numbers(), jobs=1, out=tmp_path, **QUESTION)
    before = (tmp_path / "trials.jsonl").read_bytes()
    monkeypatch.setattr("lossmith.advisor.trials.run_all", lambda function, work, *_: (item for item in list(work)))
    found = lossmith.advise(numbers(), jobs=1, out=tmp_path, resume=True, **QUESTION)
    assert fold_scores(found) == fold_scores(whole)
    assert (tmp_path / "trials.jsonl").read_bytes() == before
