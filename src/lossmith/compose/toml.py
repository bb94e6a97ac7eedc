"""A loss as a small TOML file: data, never code."""

import json
import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lossmith.compose.build import build
from lossmith.compose.composed import Composed
from lossmith.criterion import Criterion, Reduction
from lossmith.files import write_atomically

LARGEST = 1_000_000
"""Bytes of a description: far more than anyone writes, and little enough to read at once."""


def write(loss: Composed, path: str | os.PathLike[str] | None = None) -> str:
    """Return a loss's description, and write it to `path` if one is given.

    Raises:
        ValueError: the path does not end in .toml.
        OSError: it cannot be written.
    """
    reduced = {} if loss.reduction == "mean" else {"reduction": loss.reduction}
    text = "\n".join(_lines({**reduced, **loss.described()}, ())).lstrip("\n") + "\n"
    if path is not None:
        write_atomically(_checked(path), text)
    return text


def read(
    path: str | os.PathLike[str], *, model: torch.nn.Module | None = None, reduction: Reduction | None = None
) -> Criterion:
    """Build the loss that a file describes.

    Args:
        path: a file that `to_toml` wrote, or somebody by hand.
        model: the model whose weights cost, where the loss has a penalty.
        reduction: in place of the file's.

    Raises:
        ValueError: there is no such file, it is not TOML, or it describes no loss; the message names the file.
    """
    file = _checked(path)
    if not file.is_file():
        raise ValueError(f"A description should be a file that exists. Found none at {file}. Try its full path.")
    if file.stat().st_size > LARGEST:
        raise ValueError(f"A description should be a small file. Found {file.stat().st_size} bytes in {file}.")
    try:
        return build(tomllib.loads(file.read_text(encoding="utf-8")), model=model, reduction=reduction)
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} should be text in UTF-8. Found other bytes: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file} should be TOML. Found: {error}.") from error
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _checked(path: str | os.PathLike[str]) -> Path:
    file = Path(path).expanduser()
    if file.suffix != ".toml":
        raise ValueError(f"A description's file should end in .toml. Found {file.name!r}. Try `my-loss.toml`.")
    return file


def _lines(table: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    """Write a table: its values, then its tables, then its lists of tables."""
    lines = [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not _nested(value)]
    for name, value in table.items():
        inside = (*place, _key(name))
        if isinstance(value, Mapping):
            lines += ["", f"[{'.'.join(inside)}]", *_lines(value, inside)]
        elif _nested(value):
            for entry in value:
                lines += ["", f"[[{'.'.join(inside)}]]", *_lines(entry, inside)]
    return lines


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(x, Mapping) for x in value))


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)
