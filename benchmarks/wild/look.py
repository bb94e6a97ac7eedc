"""What runs in the child process: one loss of a public library, looked at by every rule."""

import importlib
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

from benchmarks.wild.entry import Wild, expected
from lossmith.checker.case import Case
from lossmith.checker.examine import examine


@cache
def entries(library: str) -> dict[str, Wild]:
    """Return the losses of one file of benchmarks/wild."""
    found = importlib.import_module(f"benchmarks.wild.{library}").losses()
    return {entry.name: entry for entry in found}


def names(library: str, begun: Callable[[str], None]) -> list[str]:
    """Return the names of a file's losses."""
    begun(f"importing {library}")
    return list(entries(library))


def check(library: str, name: str, begun: Callable[[str], None]) -> dict[str, Any]:
    """Return what the checker finds in one loss."""
    entry = entries(library)[name]
    claims = {**expected(entry.inputs), **entry.claims}
    edges = [*expected(entry.inputs)["valid_edges"], *(entry.claims.get("valid_edges") or ())]
    claims["valid_edges"] = [
        edge for edge in edges if edge != "batch_size_1" or not claims.get("batch_level_statistics")
    ]
    began = time.perf_counter()
    case = Case(entry.make, entry.inputs, claims, name="loss")
    outcome = case.call(case.draw(0, case.dtype))
    findings = [asdict(finding) for finding in examine(case, begun)]
    return {"error": repr(outcome.error), "findings": findings, "seconds": round(time.perf_counter() - began, 3)}
