"""Small tables, light settings, and the command run as a person runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from lossmith.advisor import pipeline
from lossmith.advisor.trials import Plan
from lossmith.training.settings import Settings

LIGHT = Settings(hidden=(16,), steps=60, min_epochs=5, max_epochs=10, rate_factors=(0.5, 1.0))


def numbers(rows: int = 120, seed: int = 0) -> pd.DataFrame:
    """A regression table that a network learns at once."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, rows))
    y = 2 * a - b + random.normal(size=rows) * 0.3
    return pd.DataFrame({"a": a, "b": b, "c": random.choice(list("xyz"), rows), "y": y})


def classes(labels: list[object], rows: int = 120, seed: int = 0) -> pd.DataFrame:
    """A table whose class is plain from column `a`."""
    random = np.random.default_rng(seed)
    places = random.integers(len(labels), size=rows)
    a = places + random.normal(size=rows) * 0.3
    return pd.DataFrame({"a": a, "b": random.normal(size=rows), "y": pd.Series([labels[p] for p in places])})


def lighten(monkeypatch) -> None:
    """Let `advise` train small networks for a short time."""
    monkeypatch.setattr(pipeline, "Plan", partial(Plan, settings=LIGHT))


def fold_scores(verdict) -> dict[str, tuple[float, ...]]:
    return {standing.candidate.id: tuple(standing.fold_scores) for standing in verdict.standings}


def start(*arguments: object, **options) -> subprocess.Popen[str]:
    """Start the real command in a session of its own, as a shell starts it."""
    command = [sys.executable, "-m", "lossmith.cli", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


def run(*arguments: object, **options) -> tuple[int, str, str]:
    """Run the real command; return exit code, stdout and stderr."""
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)


def trials(folder: Path) -> int:
    """How many whole trials a folder holds."""
    path = folder / "trials.jsonl"
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.exists() else 0


def in_session(leader: int) -> list[int]:
    """The live processes of a session, the leader and all who came of it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(session) == leader and state != "Z":
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
