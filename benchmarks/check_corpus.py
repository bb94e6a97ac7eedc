"""Runs `lossmith check` on a corpus of faulty and correct losses.

python -m benchmarks.check_corpus DIR --json OUT [--only NAME]

DIR holds sub-folders of modules with a list FAULTS, and files `correct_*.py` with a list CORRECT; each entry is a dict
of which the checker is handed `factory`, `task`, `input_spec` and `claims`, nothing else. The JSON maps
`<sub-folder>/<fault>` and `<correct file>/<loss>` to a list of [rule, severity], most important first; notes, which ask
what is meant, are left out.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from lossmith.checker.argument import Argument, Signature
from lossmith.checker.case import Case
from lossmith.checker.examine import examine


def main() -> None:
    """Check every loss and write what was found."""
    options = _options()
    torch.set_num_threads(1)
    report, seconds = {}, []
    for key, entry in losses(options.folder):
        if options.only and options.only not in key:
            continue
        began = time.perf_counter()
        findings = examine(case(entry))
        seconds.append(time.perf_counter() - began)
        report[key] = [[finding.rule, finding.severity] for finding in findings if finding.severity != "note"]
        if options.only:
            for finding in findings:
                print(
                    f"\n{key}: {finding.rule} ({finding.severity})\n{finding.message}\n{finding.witness}\n{finding.fix}"
                )
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    print(f"{len(report)} losses, median {statistics.median(seconds):.2f} s, at most {max(seconds):.1f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--only", default="", help="losses whose name holds this, with their findings in full")
    return parser.parse_args()


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
    return Case(entry["factory"], Signature(arguments, spec.get("dims") or {}), entry["claims"], entry["task"])


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"corpus_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"A corpus file should be a Python module. Found {path}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
