"""A warm child process for a stranger's loss.

With limits on time and memory, one that hangs is reported, not suffered.

Jobs and answers are cloudpickled between the two: both ends are ours. What the loss prints goes nowhere.
"""

import atexit
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import cloudpickle

MEMORY = 4 * 2**30
"""Bytes a child may take beside what torch itself does."""
SECONDS = 60.0
"""Seconds without a sign of life, after which the child is given up: a rule takes a fraction of one."""


@dataclass(frozen=True)
class Stopped:
    """A job that did not come back."""

    during: str
    """The rule under way."""
    how: str
    """What happened, in words."""


class Child:
    """One warm process that runs jobs, one after another.

    A new one is started where it was lost.
    """

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self.memory, self.seconds = memory, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        atexit.register(self.close)

    def run(self, job: Callable[[Callable[[str], None]], Any], told: Callable[[str], None] = lambda rule: None) -> Any:
        """Run `job(begun)` in the child; `told` hears here what has begun there.

        Returns:
            What it returns, or `Stopped`.

        Raises:
            ValueError: the job says that what it was given does not fit; its sentence.
        """
        packed = cloudpickle.dumps((sys.path, cloudpickle.dumps(job)))
        try:
            kind, content = self._answer(packed, told)
        except BaseException:  # Ctrl-C: what the child would still answer must not be taken for the next answer
            self.close()
            raise
        if kind == "refused":
            raise ValueError(content)
        return content

    def _answer(self, packed: bytes, told: Callable[[str], None]) -> tuple[str, Any]:
        process, during = self._started(), "the start"
        assert process.stdin is not None
        try:
            process.stdin.write(len(packed).to_bytes(8, "big") + packed)
            process.stdin.flush()
        except BrokenPipeError:
            return "lost", self._lost(during)
        while True:
            try:
                answer = self._answers.get(timeout=self.seconds)
            except queue.Empty:
                self.close()
                return "lost", Stopped(during, f"it gave no sign of life for {self.seconds:g} seconds")
            if answer is None:
                return "lost", self._lost(during)
            kind, content = pickle.loads(answer)  # noqa: S301 - from our own child
            if kind == "begun":
                during = content
                told(content)
            elif kind == "lost":
                self.close()
                return kind, Stopped(during, content)
            else:
                return kind, content

    def close(self) -> None:
        """End the child, and what it forked."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):  # it has ended already
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            environment = {
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "KERAS_BACKEND": "torch",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            }
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lossmith.checker.child", str(self.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
                start_new_session=True,
            )  # fmt: skip
            self._answers = queue.Queue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
        return self._process

    def _lost(self, during: str) -> Stopped:
        process = self._process
        code = process.wait() if process is not None else 0
        self.close()
        ended = f"exit status {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
        return Stopped(during, f"it ended the process ({ended})")


def _listen(pipe: Any, answers: "queue.Queue[bytes | None]") -> None:
    """Read answers, each behind its length, until the pipe closes."""
    while True:
        head = pipe.read(8)
        size = int.from_bytes(head, "big") if len(head) == 8 else -1
        body = pipe.read(size) if 0 <= size < 2**31 else b""
        if size < 0 or len(body) < size:
            answers.put(None)
            pipe.close()
            return
        answers.put(body)
