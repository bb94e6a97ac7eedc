"""One process per core, one thread per process.

Two threads on one small network only wait for each other. Workers are loky's: they need no `if __name__ == "__main__":`
in the user's script. One that is killed is replaced and its work done again, and none outlives the process that started
it.
"""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from typing import Any, Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

ATTEMPTS = 2
"""A worker can be killed by accident; work that loses two is itself too much for the machine."""
WATCH_SECONDS = 0.5
QUIET_TRACKER = "ignore:resource_tracker"
"""After a kill, loky's tracker cleans up what was left and warns of it on the user's terminal."""


def cores() -> int:
    """Return how many processors this process may use, a container's share included."""
    from loky import cpu_count

    return int(cpu_count())


def warm_up(jobs: int) -> None:
    """Start the workers now, to import torch while the parent reads the data."""
    if jobs > 1:
        with suppress(BrokenProcessPool), _deaf_to_interrupts():
            executor = _executor(jobs)
            for _ in range(jobs):
                executor.submit(_prepare)


def run_all(
    function: Callable[[Work], Result], work: Iterable[Work], jobs: int, deadline: float
) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item as it ends; none starts after `deadline`.

    Items are made only when a worker is about to be free, so that an endless or costly iterable is fine. Work that a
    killed worker leaves behind is done again, once, by a fresh one. On any exception, Ctrl-C included, the workers are
    killed: nothing runs on after the caller has gone.

    Raises:
        ChildProcessError: workers were killed twice at the same work.
    """
    items = iter(work)
    if jobs <= 1:
        for item in items:
            if time.time() > deadline:
                return
            yield function(item)
        return
    pool = _Pool(function, jobs)
    try:
        while True:
            if time.time() < deadline:
                for item in islice(items, jobs + 1 - len(pool.pending)):
                    pool.submit(_Attempt(item))
            if not pool.pending:
                return
            yield from pool.finished()
    except BaseException:
        pool.kill()
        raise


@dataclass(frozen=True)
class _Attempt(Generic[Work]):
    """One item of work, and how often it has been begun."""

    item: Work
    number: int = 1


class _Pool(Generic[Work, Result]):
    """Work under way in other processes."""

    def __init__(self, function: Callable[[Work], Result], jobs: int) -> None:
        self.function, self.jobs = function, jobs
        self.pending: dict[Future[Result], _Attempt[Work]] = {}

    def submit(self, attempt: _Attempt[Work]) -> None:
        """Hand one item to the workers; fresh ones where the old were killed while idle."""
        with _deaf_to_interrupts():
            try:
                future = _executor(self.jobs).submit(self.function, attempt.item)
            except BrokenProcessPool:
                future = _executor(self.jobs).submit(self.function, attempt.item)
        self.pending[future] = attempt

    def finished(self) -> Iterator[Result]:
        """Wait, yield the results that are there, and begin again what was lost."""
        done, _ = wait(self.pending, return_when=FIRST_COMPLETED)
        lost = []
        for future in done:
            attempt = self.pending.pop(future)
            try:
                result = future.result()
            except BrokenProcessPool as error:
                lost.append(_again(attempt, error))
            else:
                yield result
        for attempt in lost:
            self.submit(attempt)

    def kill(self) -> None:
        """End every worker now, whatever it is at."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # loky's, where the system has neither psutil nor pgrep
            _executor(self.jobs).shutdown(wait=True, kill_workers=True)


def _again(attempt: _Attempt[Work], error: Exception) -> _Attempt[Work]:
    if attempt.number >= ATTEMPTS:
        raise ChildProcessError(
            "Workers should live until their work is done. Found them killed twice, which mostly means that memory ran "
            "out. Try fewer `--jobs`, or close other programs."
        ) from error
    return _Attempt(attempt.item, attempt.number + 1)


def _executor(jobs: int) -> Any:
    from loky import get_reusable_executor

    if QUIET_TRACKER not in sys.warnoptions:  # handed on to the processes that loky starts
        sys.warnoptions.append(QUIET_TRACKER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on resizing a pool whose jobs still run
        return get_reusable_executor(max_workers=jobs, timeout=60, initializer=_start, initargs=(os.getpid(),))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start workers so that Ctrl-C never reaches them, not even before `_start`.

    The parent gets it afterwards. A blocked signal stays blocked in processes started meanwhile; ignoring it instead
    would lose the user's Ctrl-C.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # multiprocessing's, which would lift the block when it starts of itself
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(parent: int) -> None:
    """Set a worker up: one thread, Ctrl-C left to the parent, an end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import torch

    torch.set_num_threads(1)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, even if it was killed.

    A killed parent cannot say so.
    """
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def _prepare() -> None:
    """Import what training needs; torch's first optimiser alone imports for a second."""
    import torch

    import lossmith.training.group  # noqa: F401

    torch.optim.AdamW([torch.zeros(1)])
