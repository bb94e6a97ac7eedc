"""Runs `lossmith check` on a corpus of faulty and correct losses.

python -m benchmarks.check_corpus DIR --json OUT [--only NAME]

DIR holds sub-folders of modules with a list FAULTS, and files `correct_*.py` with a list CORRECT; each entry is a dict
of which the checker is handed `factory`, `task`, `input_spec` and `claims`, nothing else. The JSON maps
`<sub-folder>/<fault>` and `<correct file>/<loss>` to a list of [rule, severity], most important first; notes, which ask
what is meant, are left out.
"""

import argparse
import json
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import torch

from benchmarks.corpus import checked, entries
from lossmith.checker.limits import Child, Stopped
from lossmith.finding import Finding


def main() -> None:
    """Check every loss and write what was found."""
    options = _options()
    torch.set_num_threads(1)
    report, seconds, child = {}, [], Child()
    for key in entries(options.folder.resolve()):
        if options.only and options.only not in key:
            continue
        began = time.perf_counter()
        findings = found(child, options.folder, key)
        seconds.append(time.perf_counter() - began)
        report[key] = [[finding.rule, finding.severity] for finding in findings if finding.severity != "note"]
        if options.only:
            for finding in findings:
                print(
                    f"\n{key}: {finding.rule} ({finding.severity})\n{finding.message}\n{finding.witness}\n{finding.fix}"
                )
    child.close()
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    print(f"{len(report)} losses, median {statistics.median(seconds):.2f} s, at most {max(seconds):.1f} s")


def found(child: Child, folder: Path, key: str) -> list[Finding]:
    """Check a loss in the warm child, as the command does: one that hangs or exits costs only itself."""
    answer = child.run(partial(checked, folder.resolve(), key))
    if isinstance(answer, Stopped):
        return [Finding("crash", "error", f"While {answer.during} was looked at, {answer.how}.")]
    findings, lost = answer
    for sentence in lost:
        print(f"{key}: {sentence}", file=sys.stderr)
    return list(findings)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--only", default="", help="losses whose name holds this, with their findings in full")
    return parser.parse_args()


if __name__ == "__main__":
    main()
