"""One process per core, one thread per process: two threads on one small network only wait for each other.

Workers are loky's: they need no `if __name__ == "__main__":` in the user's script, and they survive being killed.
"""

import os
import signal
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def warm_up(jobs: int) -> None:
    """Start the workers now, so that they import torch while the parent reads the data."""
    if jobs > 1:
        executor = _executor(jobs)
        for _ in range(jobs):
            executor.submit(_prepare)


def run_all(
    function: Callable[[Work], Result], work: Iterable[Work], jobs: int, deadline: float
) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item as it ends, starting none after `deadline`.

    Items are made only when a worker is about to be free, so that an endless or costly iterable is fine. On any
    exception, Ctrl-C included, the workers are killed: nothing runs on after the caller has gone.
    """
    items = (item for item in work)
    if jobs <= 1:
        for item in items:
            if time.time() > deadline:
                return
            yield function(item)
        return
    executor = _executor(jobs)
    pending: set[Future[Any]] = set()
    try:
        while True:
            if time.time() < deadline:
                pending |= {executor.submit(function, item) for item in islice(items, jobs + 1 - len(pending))}
            if not pending:
                return
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    except BaseException:
        executor.shutdown(wait=True, kill_workers=True)
        raise


def _executor(jobs: int) -> Any:
    from loky import get_reusable_executor

    return get_reusable_executor(max_workers=jobs, timeout=60, initializer=_start)


def _start() -> None:
    """Set a worker up: one thread, and Ctrl-C left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)


def _prepare() -> None:
    """Import what training needs."""
    import lossmith.training.group  # noqa: F401
