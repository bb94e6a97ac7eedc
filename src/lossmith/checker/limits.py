"""A warm child process for a stranger's loss.

With limits on time and memory, one that hangs is reported, not suffered.

Jobs and answers are cloudpickled between the two: both ends are ours. What the loss prints goes nowhere.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
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

    def run(self, job: Callable[[Callable[[str], None]], Any], told: Callable[[str], None] = lambda rule: None) -> Any:
        """Run `job(begun)` in the child; `told` hears here what has begun there.

        Returns:
            What it returns, or `Stopped`.

        Raises:
            ValueError: the job says that what it was given does not fit; its sentence.
        """
        process, during = self._started(), "the start"
        packed = cloudpickle.dumps((job, sys.path))
        assert process.stdin is not None
        try:
            process.stdin.write(len(packed).to_bytes(8, "big") + packed)
            process.stdin.flush()
        except BrokenPipeError:
            return self._lost(during)
        while True:
            try:
                answer = self._answers.get(timeout=self.seconds)
            except queue.Empty:
                self.close()
                return Stopped(during, f"it gave no sign of life for {self.seconds:g} seconds")
            if answer is None:
                return self._lost(during)
            kind, content = pickle.loads(answer)  # noqa: S301 - from our own child
            if kind == "begun":
                during = content
                told(content)
            elif kind == "refused":
                raise ValueError(content)
            elif kind == "lost":
                self.close()
                return Stopped(during, content)
            else:
                return content

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            environment = {
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "KERAS_BACKEND": "torch",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lossmith.checker.child", str(self.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
            self._answers = queue.Queue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
        return self._process

    def _lost(self, during: str) -> Stopped:
        code = self._process.wait() if self._process is not None else None
        self._process = None
        how = (
            f"it ended the process (exit status {code})"
            if code is not None and code >= 0
            else f"it was killed ({code})"
        )
        return Stopped(during, how)


def _listen(pipe: Any, answers: "queue.Queue[bytes | None]") -> None:
    """Read answers, each behind its length, until the pipe closes."""
    while True:
        head = pipe.read(8)
        size = int.from_bytes(head, "big") if len(head) == 8 else -1
        body = pipe.read(size) if 0 <= size < 2**31 else b""
        if size < 0 or len(body) < size:
            answers.put(None)
            return
        answers.put(body)
