"""Files written whole or not at all: a full disk or a kill leaves the old ones."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: str) -> Path:
    """Write `content` to `path` through a draft beside it.

    A link is followed, so that the file it names is written; a device or pipe is written to as it is.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    path = Path(path)
    with blamed_on(path):
        if path.exists() and not path.is_file():
            path.write_text(content, encoding="utf-8")  # `/dev/stdout`: never put a plain file in its place
        else:
            _replace(Path(os.path.realpath(path)), content)
    return path


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """Let an OSError name `path`.

    A full disk names no file at all, and a draft is none the user knows.
    """
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _replace(path: Path, content: str) -> None:
    """Write a draft and move it over `path`."""
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
