"""The child process: jobs come in on standard input, answers go out.

See `lossmith.checker.limits`.
"""

import os
import pickle
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch


def main() -> None:
    """Run jobs until standard input ends."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    memory = int(sys.argv[1]) + pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a loss prints must not be taken for an answer
    sys.stdout = os.fdopen(nowhere, "w")
    source = sys.stdin.buffer
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - for the loss, as long as the process lives

    own, parent = os.getpid(), os.getppid()
    # Each call of a loss that forks would double the processes.
    os.register_at_fork(after_in_child=lambda: os._exit(0))
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()

    def tell(kind: str, content: Any) -> None:
        if os.getpid() != own:  # a fork made past Python: only one may answer
            os._exit(0)
        packed = pickle.dumps((kind, content))
        answers.write(len(packed).to_bytes(8, "big") + packed)
        answers.flush()

    while True:
        head = source.read(8)
        if len(head) < 8:
            return
        packed = source.read(int.from_bytes(head, "big"))
        try:
            path, job = pickle.loads(packed)  # noqa: S301 - from our own parent
            sys.path[:] = [*path, *(entry for entry in sys.path if entry not in path)]
            tell("done", pickle.loads(job)(lambda rule: tell("begun", rule)))  # noqa: S301
        except ValueError as error:
            tell("refused", str(error))
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: a loss may raise anything
            tell("lost", _how(error))
            return


def _how(error: BaseException) -> str:
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return f"it asked for more than {int(sys.argv[1]) / 2**30:g} GiB of memory"
    return f"it raised {type(error).__name__}: {error}"


def _follow(parent: int) -> None:
    """End this process and its forks when the parent is gone, killed or not."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
