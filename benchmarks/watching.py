"""Replays recorded runs piece by piece, as `lossmith watch` sees them grow, and counts what it says.

python -m benchmarks.watching DIR --json OUT [--mode curves|live] [--pieces 20]

DIR is of the form that benchmarks.diagnose reads. A word on a healthy run is a false alarm, though it be taken back
later. Of a faulty run it is kept what stood at the end, and how much of the run had passed when the true fault was
first said. The JSON: {"summary": {...}, "runs": {run folder: [[share of the run, kind, fault], ...]}}.
"""

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from lossmith.doctor.prefix import until
from lossmith.doctor.runlog import RunLog, read
from lossmith.doctor.watch import Watch

HEALTHY = "healthy"
Said = list[tuple[float, str, str]]


def main() -> None:
    """Replay every run and print the summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--mode", choices=("curves", "live"), default="curves")
    parser.add_argument("--pieces", type=int, default=20)
    options = parser.parse_args()
    said: dict[str, Said] = {}
    truths: dict[str, str] = {}
    for truth in sorted(options.folder.glob("**/truth.json")):
        run = read(truth.parent)
        said[truth.parent.name] = replay(run if options.mode == "live" else run.curves_only(), options.pieces)
        truths[truth.parent.name] = json.loads(truth.read_text(encoding="utf-8"))["fault"]
    found = summary(said, truths)
    options.json.write_text(json.dumps({"summary": found, "runs": said}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


def replay(run: RunLog, pieces: int) -> Said:
    """Return what is said while a run grows: the share of it that has passed, what happened, the fault."""
    watch, steps = Watch(), (run.train if len(run.train) else run.validation).steps
    said: Said = []
    for piece in range(1, pieces + 1):
        last = float(steps[max(0, len(steps) * piece // pieces - 1)])
        said += [(piece / pieces, event.kind, event.fault) for event in watch.look(until(run, last))]
    return said


def summary(said: Mapping[str, Said], truths: Mapping[str, str]) -> dict[str, Any]:
    """Count false alarms on healthy runs, and what was said of the others, and when."""
    healthy = [name for name, fault in truths.items() if fault == HEALTHY]
    faulty = [name for name in truths if name not in healthy]
    alarms = sum(bool(said[name]) for name in healthy)
    first = {name: _first(said[name], truths[name]) for name in faulty}
    return {
        "healthy": len(healthy),
        "false_alarms": alarms,
        "false_alarms_interval": list(binomtest(alarms, len(healthy)).proportion_ci()) if healthy else None,
        "faulty": len(faulty),
        "something_said": sum(bool(said[name]) for name in faulty),
        "fault_named_at_the_end": sum(said[name][-1][2] == truths[name] for name in faulty if said[name]),
        "share_passed_when_named": statistics.median(found) if (found := [s for s in first.values() if s]) else None,
    }


def _first(said: Sequence[tuple[float, str, str]], fault: str) -> float | None:
    return next((share for share, _, named in said if named == fault), None)


if __name__ == "__main__":
    main()
