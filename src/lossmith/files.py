"""Files written whole or not at all: a full disk or a kill leaves what was there before."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: str) -> Path:
    """Write `content` to `path` through a draft beside it.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    path = Path(path)
    # Short, so that a long file name does not make it too long; beside the target, so that replacing is atomic.
    draft = path.parent / f".lossmith-{secrets.token_hex(4)}.tmp"
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return path
