"""Trials on disk: one JSON line each, written as it ends.

So a kill loses only what was in flight.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossmith.files import blamed_on, write_atomically

Row = dict[str, Any]
START = b'{"question":'
WHERE = ("repeat", "fold", "rate")
"""What the candidates that were trained side by side have in common."""


class Store:
    """A file of trials that answer one question.

    Args:
        path: the file; its folder is made.
        question: what the trials answer (data, problem, candidates, plan); kept in the first line.
        resume: go on with the trials of the same question that are there.

    Raises:
        ValueError: there are trials already, and `resume` is off, or they answer another question.
        OSError: the file cannot be read or written.
    """

    def __init__(self, path: Path, question: Mapping[str, Any], *, resume: bool = False) -> None:
        self.path = path
        asked = json.loads(json.dumps(question))
        if not resume:
            refuse_used(path)
        content = path.read_bytes() if path.exists() else b""
        self.rows: list[Row] = _kept(content, asked, path) if resume else []
        lines = [json.dumps(row) for row in ({"question": asked}, *self.rows)]
        whole = "".join(line + "\n" for line in lines)
        if content != whole.encode():
            with blamed_on(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, whole)

    def append(self, row: Row) -> None:
        """Write one row and make sure it has reached the disk."""
        line = json.dumps(row, allow_nan=False)
        with blamed_on(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(row)


def refuse_used(path: Path) -> None:
    """Raise ValueError where a file holds trials, or is not lossmith's to overwrite.

    A question without any trial, as an early Ctrl-C leaves it, is nobody's loss.
    """
    content = path.read_bytes() if path.exists() else b""
    if content.count(b"\n") > 1 or not _ours(content):
        raise ValueError(
            f"The output folder should be new. Found trials of an earlier run in {path}. "
            "Try `--resume` to go on with them, or another `--out`."
        )


def question(path: Path) -> dict[str, Any]:
    """Return the question that a file's trials answer; empty where there is none."""
    content = path.read_bytes() if path.exists() else b""
    found: dict[str, Any] = _parsed(content.partition(b"\n")[0]).get("question", {})
    return found


def count(path: Path) -> int:
    """Return how many whole trials a file holds."""
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.exists() else 0


def _kept(content: bytes, asked: Mapping[str, Any], path: Path) -> list[Row]:
    """Return the rows of an earlier run that count.

    ValueError is raised when they answer another question. A line that a kill left half written does not count, and
    neither does a part of what was trained side by side: it is trained again, or the fold would stay without those
    candidates for ever.
    """
    if not _ours(content):
        raise ValueError(f"{path} should be a file of trials. Found something else. Try another `--out`.")
    header, *lines = content.split(b"\n")[:-1] or [b""]
    if not header:
        return []
    earlier = _parsed(header).get("question", {})
    differs = sorted(key for key in {*asked, *earlier} if asked.get(key) != earlier.get(key))
    if differs:
        raise ValueError(
            f"To resume, the question should be the same. Found other {' and '.join(differs)} in {path}. "
            "Try the earlier command again, or another `--out`."
        )
    rows = [row for row in map(_parsed, lines) if row.keys() >= {*WHERE, "candidate", "company"}]
    once = {(*(row[key] for key in WHERE), row["candidate"]): row for row in rows}
    together = Counter(tuple(row[key] for key in WHERE) for row in once.values())
    return [row for row in once.values() if together[tuple(row[key] for key in WHERE)] >= row["company"]]


def _ours(content: bytes) -> bool:
    """Whether a file is empty or begins as `Store` begins it, even if cut off there."""
    return content.startswith(START) or START.startswith(content)


def _parsed(line: bytes) -> Row:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
