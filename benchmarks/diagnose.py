"""Scores `lossmith diagnose`, and its peers' rules, on recorded runs with a known fault.

python -m benchmarks.diagnose DIR --json OUT [--mode curves|live] [--leave-tasks-out [--also DIR]]

DIR holds one folder a run (log.csv, meta.json, live.jsonl), and truth.json beside them, which only scores. Without a
truth.json a run is diagnosed and left out of the summary. The JSON: {"summary": {...}, "peers": {...}, "runs": {run
folder: [diagnoses, most likely first; empty where no fault was found]}}.

With --leave-tasks-out the shipped weights are put aside: each task's runs are told apart by weights learned from the
other tasks' runs (and from those in --also), with a threshold and temperature that these give. Peers are not run.
"""

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from benchmarks.peers import PEERS
from lossmith.doctor.diagnosis import Report, diagnose_run
from lossmith.doctor.runlog import read

HEALTHY = "healthy"
Truth = Mapping[str, Any]


def main() -> None:
    """Diagnose every run and write what was found."""
    options = _options()
    if options.leave_tasks_out:
        _without_tasks(options)
        return
    folders = sorted(path.parent for path in options.folder.glob("**/log.csv"))
    truths: dict[str, Truth] = {}
    reports: dict[str, Report] = {}
    peers: dict[str, dict[str, list[str]]] = {name: {} for name in PEERS}
    for folder in folders:
        run = read(folder)
        reports[folder.name] = diagnose_run(run if options.mode == "live" else run.curves_only())
        if (folder / "truth.json").is_file():
            truths[folder.name] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
            for name, rules in PEERS.items():
                peers[name][folder.name] = rules(run)
    found = {name: [one.fault for one in report.found] for name, report in reports.items()}
    summary = score(found, truths) if truths else {}
    pairs = [_sure(reports[name], truth["fault"]) for name, truth in truths.items()]
    if truths:
        summary["calibration"] = calibration(pairs)
    content = {
        "mode": options.mode,
        "summary": summary,
        "peers": {name: brief(score(said, truths)) for name, said in peers.items()} if truths else {},
        "runs": found,
    }
    options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if truths:
        _tell(summary, content["peers"])
        tell_calibration(pairs)


def _without_tasks(options: argparse.Namespace) -> None:
    """Score weights that have not seen the task they are asked about."""
    from benchmarks.doctor_weights import calibrate, collect, folds, left_out, named

    asked = collect([options.folder], options.mode)
    more = collect(options.also, options.mode) if options.also else []
    found: dict[str, list[str]] = {}
    truths: dict[str, Truth] = {}
    pairs: list[tuple[float, bool]] = []
    for task in sorted({sample.task for sample in asked}):
        rest = [sample for sample in asked + more if sample.task != task]
        apart = left_out(rest, folds([sample.task for sample in rest], 3))
        whole = [index for index, sample in enumerate(rest) if sample.weight == 1]
        settings = calibrate(apart[whole], [rest[index].fault for index in whole])
        tested = [sample for sample in asked if sample.task == task and sample.weight == 1]
        odds = left_out([*rest, *tested], [{task}])[len(rest) :]
        for sample, (fault, sure) in zip(tested, named(odds, *settings), strict=True):
            name = sample.run.name
            found[name] = [] if fault == HEALTHY else [fault]
            truths[name] = json.loads((sample.run / "truth.json").read_text(encoding="utf-8"))
            pairs.append((sure, fault == sample.fault))
    summary = score(found, truths)
    summary["calibration"] = calibration(pairs)
    content = {"mode": options.mode, "left_out": "tasks", "summary": summary, "runs": found}
    options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print("Each task's runs by weights learned without that task:")
    _tell(summary, {})
    tell_calibration(pairs)


def score(found: Mapping[str, Sequence[str]], truths: Mapping[str, Truth]) -> dict[str, Any]:
    """Score the first diagnosis of each run against the truth, strictly and with the accepted alternatives."""
    pairs = [(truth["fault"], (found[name] or [HEALTHY])[0], truth) for name, truth in truths.items()]
    strict = [(true, said) for true, said, _ in pairs]
    lenient = [(true, true if said in truth.get("accept", ()) else said) for true, said, truth in pairs]
    labels = sorted({true for true, _ in strict})
    healthy = [said for true, said in strict if true == HEALTHY]
    alarms = sum(said != HEALTHY for said in healthy)
    faulty = [said for true, said in strict if true != HEALTHY]
    low, high = binomtest(alarms, len(healthy)).proportion_ci(method="exact") if healthy else (math.nan, math.nan)
    return {
        "macro_f1": _mean([f1(strict, label) for label in labels]),
        "macro_f1_lenient": _mean([f1(lenient, label) for label in labels]),
        "false_alarms": alarms / len(healthy) if healthy else None,
        "false_alarms_count": alarms,
        "false_alarms_interval": [low, high] if healthy else None,
        "healthy_runs": len(healthy),
        "detection": _mean([said != HEALTHY for said in faulty]),
        "per_fault": {label: _by_label(strict, label) for label in labels},
        "by_severity": _split(pairs, "severity"),
        "by_task": _split(pairs, "task"),
    }


def f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    """Return the F1 score of one label."""
    hits = sum(true == said == label for true, said in pairs)
    named = sum(said == label for _, said in pairs)
    real = sum(true == label for true, _ in pairs)
    return 2 * hits / (named + real) if named + real else 0.0


def _by_label(pairs: Sequence[tuple[str, str]], label: str) -> dict[str, float]:
    """Return precision, recall and F1 of one label, and how many runs have it."""
    hits = sum(true == said == label for true, said in pairs)
    named, real = sum(said == label for _, said in pairs), sum(true == label for true, _ in pairs)
    return {"precision": hits / named if named else 0.0, "recall": hits / real, "f1": f1(pairs, label), "runs": real}


def _split(pairs: Sequence[tuple[str, str, Truth]], key: str) -> dict[str, dict[str, float]]:
    """Return detection and accuracy of faulty runs by severity or task."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for true, said, truth in pairs:
        if true != HEALTHY and key in truth:
            groups[str(truth[key])].append((true, said))
    return {
        name: {
            "runs": len(group),
            "detection": _mean([said != HEALTHY for _, said in group]),
            "accuracy": _mean([true == said for true, said in group]),
        }
        for name, group in sorted(groups.items())
    }


def _sure(report: Report, fault: str) -> tuple[float, bool]:
    """Return how sure the first answer is, and whether it is right."""
    first = report.found[0] if report.found else None
    return (first.confidence, first.fault == fault) if first else (report.healthy, fault == HEALTHY)


def calibration(pairs: Sequence[tuple[float, bool]], bins: int = 5) -> dict[str, Any]:
    """Say how often the first answer is right at each level of confidence, and the expected error of it."""
    cells: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for sure, right in pairs:
        cells[min(int(sure * bins), bins - 1)].append((sure, right))
    table = [
        {"confidence": _mean([c for c, _ in cell]), "right": _mean([r for _, r in cell]), "runs": len(cell)}
        for _, cell in sorted(cells.items())
    ]
    error = sum(row["runs"] * abs(row["confidence"] - row["right"]) for row in table) / max(len(pairs), 1)
    return {"expected_error": error, "bins": table}


def tell_calibration(pairs: Sequence[tuple[float, bool]]) -> None:
    """Print how far confidence is to be believed."""
    said = calibration(pairs)
    print(f"confidence: expected error {said['expected_error']:.3f}")
    for row in said["bins"]:
        print(f"  says {row['confidence']:.2f}  right {row['right']:.2f}  of {row['runs']}")


def brief(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the headline figures."""
    return {key: summary[key] for key in ("macro_f1", "macro_f1_lenient", "false_alarms", "detection")}


def _mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return float(sum(values) / len(values)) if values else 0.0


def _tell(summary: Mapping[str, Any], peers: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the table."""
    print(f"{'':24} macro-F1  lenient  false alarms  detection")
    for name, row in {"lossmith": summary, **peers}.items():
        figures = [row[key] for key in ("macro_f1", "macro_f1_lenient", "false_alarms", "detection")]
        print(f"{name:24} {figures[0]:8.3f} {figures[1]:8.3f} {figures[2] or 0:13.3f} {figures[3]:10.3f}")
    low, high = summary["false_alarms_interval"] or (math.nan, math.nan)
    print(f"false alarms {summary['false_alarms_count']} of {summary['healthy_runs']} ({low:.3f} to {high:.3f})")
    for name, row in summary["per_fault"].items():
        print(f"  {name:26} recall {row['recall']:.2f}  precision {row['precision']:.2f}  of {row['runs']}")


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of runs")
    parser.add_argument("--json", type=Path, required=True, help="where to write")
    parser.add_argument("--mode", choices=("curves", "live"), default="live")
    parser.add_argument(
        "--leave-tasks-out", action="store_true", help="learn the weights anew without the task asked about"
    )
    parser.add_argument("--also", type=Path, nargs="+", help="more runs to learn from, with --leave-tasks-out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
