"""Trials on disk: one JSON line each, written as it ends, so that a kill loses only what was in flight."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


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
        self.rows: list[Row] = []
        if path.exists() and path.stat().st_size:
            self.rows = self._continue(asked, resume)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(json.dumps({"question": asked}))

    def append(self, row: Row) -> None:
        """Write one row and make sure it has reached the disk."""
        self._write(json.dumps(row, allow_nan=False))
        self.rows.append(row)

    def _continue(self, asked: Mapping[str, Any], resume: bool) -> list[Row]:
        """Read the rows of an earlier run, and cut off a line that a kill left half written."""
        if not resume:
            raise ValueError(
                f"The output folder should be new. Found trials of an earlier run in {self.path}. "
                "Try `--resume` to go on with them, or another `--out`."
            )
        lines = self.path.read_bytes().split(b"\n")
        whole = [line for line in lines[:-1] if line.strip()]
        self.path.write_bytes(b"".join(line + b"\n" for line in whole))
        found = [_parsed(line) for line in whole]
        header = found[0] if found else None
        if not isinstance(header, dict) or "question" not in header:
            raise ValueError(f"{self.path} should be a file of trials. Found something else. Try another `--out`.")
        differs = sorted(key for key in {*asked, *header["question"]} if asked.get(key) != header["question"].get(key))
        if differs:
            raise ValueError(
                f"To resume, the question should be the same. Found another {' and '.join(differs)} in {self.path}. "
                "Try the earlier command again, or another `--out`."
            )
        return [row for row in found[1:] if isinstance(row, dict)]

    def _write(self, line: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
