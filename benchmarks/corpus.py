"""A corpus of faulty and correct losses, as the checker may see it: factory, task, input_spec and claims."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lossmith.checker.argument import Argument, Signature
from lossmith.checker.case import Case
from lossmith.checker.examine import examine
from lossmith.finding import Finding


def losses(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every entry of the corpus with its key in the report."""
    sys.path.insert(0, str(folder.resolve()))
    for path in sorted(folder.glob("*/*.py")):
        for entry in getattr(_module(path), "FAULTS", []):
            yield f"{path.parent.name}/{entry['name']}", entry
    for path in sorted(folder.glob("correct_*.py")):
        for entry in getattr(_module(path), "CORRECT", []):
            yield f"{path.stem}/{entry['name']}", entry


def case(entry: Mapping[str, Any]) -> Case:
    """Return the checker's view of an entry."""
    spec = entry["input_spec"]
    arguments = tuple(
        Argument(row["name"], row["role"], row["domain"], tuple(row["shape"].strip("()").replace(",", " ").split()))
        for row in spec["args"]
    )
    return Case(entry["factory"], Signature(arguments, spec.get("dims") or {}), entry["claims"])


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"corpus_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"A corpus file should be a Python module. Found {path}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def entries(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Return every entry by its key; read once in a process."""
    return dict(losses(folder))


def checked(folder: Path, key: str, begun: Callable[[str], None]) -> tuple[list[Finding], list[str]]:
    """Check one entry: the findings, and the rules that failed themselves."""
    given = case(entries(folder)[key])
    return examine(given, begun), given.lost
