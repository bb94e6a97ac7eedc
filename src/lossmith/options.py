"""What commands share: kinds of options, and what they say to a terminal."""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from lossmith.files import write_atomically

Command = TypeVar("Command", bound=Callable[..., Any])
INTERRUPTED = 130
"""The exit code after Ctrl-C."""
BAD_USE = 2
"""The exit code where something given does not fit."""


class CommaList(click.ParamType[tuple[str, ...]]):
    """`a,b,c`, with spaces forgiven."""

    name = "a,b,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split at commas; an empty part is a mistake."""
        if isinstance(value, tuple):
            return value
        parts = tuple(part.strip() for part in str(value).split(","))
        if not all(parts):
            self.fail(f"should be names with commas between them. Found {value!r}.", param, ctx)
        return parts


class Duration(click.ParamType[float]):
    """`90s`, `10m`, `1h`, as seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number with its unit."""
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", str(value))
        seconds = float(found[1]) * {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2]] if found else 0.0
        if not seconds > 0.0:
            self.fail(f"should be a time above 0, such as 90s or 10m. Found {value!r}.", param, ctx)
        return seconds


class Settings(click.ParamType[dict[str, Any]]):
    """`a=1,b=[2,3]`: numbers, true, false, none, words, or lists of them."""

    name = "a=1,b=2"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Split at commas outside brackets, and at equals signs."""
        if isinstance(value, dict):
            return value
        found: dict[str, Any] = {}
        try:
            parts = _parts(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        for part in filter(None, parts):
            key, equals, text = part.partition("=")
            if not equals or not key.strip().isidentifier():
                self.fail(f"should be NAME=VALUE with commas between them. Found {part!r}.", param, ctx)
            found[key.strip()] = _value(text.strip())
        return found


def _parts(text: str) -> list[str]:
    """Split at the commas that stand in no bracket.

    Raises:
        ValueError: a bracket is not closed, or not open.
    """
    parts, depth = [""], 0
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if depth < 0:
            break
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise ValueError(f"should close every bracket it opens, as in weight=[1,2,3]. Found {text!r}.")
    return parts


def _value(text: str) -> Any:
    """Read a number, true, false, none, a list of them; else keep the word."""
    if text.startswith("[") and text.endswith("]"):
        return [_value(part.strip()) for part in _parts(text[1:-1]) if part.strip()]
    known: dict[str, Any] = {"true": True, "false": False, "none": None}
    if text.lower() in known:
        return known[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@dataclass(frozen=True)
class JsonFile:
    """Where an answer goes as JSON: a file, standard output, or nowhere."""

    path: Path | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether standard output is taken: what people read then goes to standard error."""
        return str(self.path) == "-"

    def write(self, content: Mapping[str, Any]) -> list[Path]:
        """Write the answer, and return the files it is in."""
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
        if self.to_stdout:
            click.echo(text, nl=False)
        elif self.path:
            return [write_atomically(self.path, text)]
        return []


def json_option(what: str) -> Callable[[Command], Command]:
    """Add `--json FILE`, which is refused at once where it cannot be written."""
    return click.option(
        "--json", "json_file", callback=_json_file, metavar="FILE", help=f"Also write {what} here (- prints it)."
    )


def _json_file(context: click.Context, option: click.Parameter, path: str | None) -> JsonFile:
    found = JsonFile(Path(path) if path else None)
    if found.path and not found.to_stdout:
        _refuse_unwritable(found.path)
    return found


def _refuse_unwritable(file: Path) -> None:
    folder = file.absolute().parent
    if file.is_dir() or not folder.is_dir():
        raise ValueError(f"`--json` should name a file in a folder that exists. Found {file}. Try a file name alone.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise ValueError(f"`--json` should name a file that may be written. Found {file}. Try another folder.")


def writes(letters: str) -> bool:
    """Whether the terminal has these letters."""
    try:
        letters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def say(message: str) -> None:
    """Print one line to standard error."""
    click.echo(f"lossmith: {' '.join(message.split())}", err=True)
