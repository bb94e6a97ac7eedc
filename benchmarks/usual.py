"""Learns what candidates' differences from the reference usually are, from real tables.

python -m benchmarks.usual --data DIR --work FOLDER [--rows 2000] [--sets a,b] [--write FILE] [--fit]

For each set of DIR's MANIFEST a test is held out; the shortlist is trained on the rest with four seeds and scored
there. What is measured is kept in FOLDER, set by set, and not measured again; --fit only reads it. --write puts the
result where `lossmith.advisor.usual` reads it. The table also says how well a set's differences are foretold from the
other sets, beside what theory alone foretells.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine
from benchmarks.regret.figures import FLOOR
from benchmarks.regret.sets import hold_out, listed
from benchmarks.regret.truth import trivial, truth
from lossmith import registry
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.usual import CONSISTENT, OTHER, Usual, kind
from lossmith.advisor.usual import read as read_usual

Row = dict[str, Any]
MOST = 0.25
"""Differences beyond this share count as this: one odd table shall not speak for all."""
FAITH = 4.0
"""How many tables theory's word is worth."""
FEWEST = 5
"""Tables below which theory's word stands alone."""
LEAST_DEVIATION = 0.015


def main() -> None:
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    if not options.fit:
        for row in listed(options.data, options.sets):
            _measure(row, options.data, options.work / f"{row['name']}.json", options.rows)
    rows = [json.loads(path.read_text()) for path in sorted(options.work.glob("*.json"))]
    found = learned(rows)
    if options.write:
        content = {"sets": len(rows), "measured": machine(), "kinds": found}
        options.write.write_text(json.dumps(content, indent=1) + "\n")
    print(table(found, rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with MANIFEST.json")
    parser.add_argument("--work", type=Path, required=True, help="where each set's figures are kept")
    parser.add_argument("--rows", type=int, default=2000, help="rows to train on at most")
    parser.add_argument("--sets", default="", help="only these, a,b,c")
    parser.add_argument("--write", type=Path, help="where the result goes")
    parser.add_argument("--fit", action="store_true", help="measure nothing, read what is kept")
    return parser.parse_args()


def _measure(row: Row, data: Path, kept: Path, most: int) -> None:
    if kept.exists() or row["task"] == "time_series":
        return
    began = time.perf_counter()
    held = hold_out(row, data, most)
    described = profile(read(held.seen, held.problem))
    problem, candidates = described.problem, shortlist(described, described.problem)
    metric = registry.metric(str(problem.metric))
    found = {
        "name": row["name"],
        "kind": kind(metric, str(problem.task)),
        "higher_is_better": metric.metric.higher_is_better,
        "trivial": trivial(held, problem),
        "roles": {candidate.id: candidate.roles for candidate in candidates},
        "scores": {key: scores["score"] for key, scores in truth(held, problem, candidates).items()},
    }
    kept.write_text(json.dumps(found) + "\n")
    print(f"{row['name']}: {time.perf_counter() - began:.0f} s", flush=True)


def differences(row: Row) -> dict[str, float]:
    """Return each candidate's mean difference from the reference, as a share of the reference's error."""
    sign, start = (-1.0, 1.0) if row["higher_is_better"] else (1.0, 0.0)
    scores = {key: found for key, found in row["scores"].items() if None not in found}
    errors = {key: start + sign * float(np.mean(found)) for key, found in scores.items()}
    reference = next(key for key, roles in row["roles"].items() if "reference" in roles)
    if reference not in errors:
        return {}
    scale = max(abs(errors[reference]), FLOOR * abs(start + sign * row["trivial"]))
    return {
        key: float(np.clip((errors[reference] - error) / scale, -MOST, MOST))
        for key, error in errors.items()
        if key != reference
    }


def learned(rows: Iterable[Row]) -> dict[str, dict[str, dict[str, float]]]:
    """Return mean, deviation and number of sets, by kind of metric and candidate."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    theory: dict[tuple[str, str], Usual] = {}
    for row in rows:
        for key, difference in differences(row).items():
            found[row["kind"], key].append(difference)
            theory[row["kind"], key] = _theory(row, key)
    kinds: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for (of, key), values in sorted(found.items()):
        if len(values) >= FEWEST:
            kinds[of][key] = _weighed(values, theory[of, key])
    return dict(kinds)


def learned_without(folder: Path, name: str) -> Mapping[str, Mapping[str, Usual]]:
    """Return what the sets of a folder teach, one left out."""
    return read_usual(learned([json.loads(path.read_text()) for path in folder.glob("*.json") if path.stem != name]))


def _weighed(values: Sequence[float], theory: Usual) -> dict[str, float]:
    """Weigh what tables say with what theory says."""
    count = len(values)
    mean = (count * float(np.mean(values)) + FAITH * theory.mean) / (count + FAITH)
    squares = count * float(np.mean((np.array(values) - mean) ** 2)) + FAITH * theory.deviation**2
    # Half of the scatter of measured differences is that of seeds and test rows, roughly: it is not the candidates'.
    deviation = max(LEAST_DEVIATION, (0.5 * squares / (count + FAITH)) ** 0.5)
    return {"mean": round(mean, 4), "deviation": round(deviation, 4), "sets": count}


def _theory(row: Row, key: str) -> Usual:
    return CONSISTENT if "consistent" in row["roles"][key] else OTHER


def foretold(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the mean squared miss of what the other sets say, and of what theory says."""
    ours, theirs = [], []
    for place, row in enumerate(rows):
        others = learned([other for i, other in enumerate(rows) if i != place])
        for key, difference in differences(row).items():
            theory = _theory(row, key)
            known: Mapping[str, float] = others.get(row["kind"], {}).get(key, {"mean": theory.mean})
            ours.append((difference - known["mean"]) ** 2)
            theirs.append((difference - theory.mean) ** 2)
    return float(np.mean(ours)), float(np.mean(theirs))


def table(found: Mapping[str, Mapping[str, Mapping[str, float]]], rows: Sequence[Row]) -> str:
    """Return it as Markdown."""
    lines = [
        f"{len(rows)} sets; {machine()}.",
        "",
        "| metric asks for | candidate | usual gain % | deviation % | sets |",
    ]
    lines.append("|---|---|---|---|---|")
    for of, candidates in found.items():
        for key, one in sorted(candidates.items(), key=lambda pair: -pair[1]["mean"]):
            lines.append(
                f"| {of} | {key} | {100 * one['mean']:.1f} | {100 * one['deviation']:.1f} | {one['sets']:.0f} |"
            )
    ours, theirs = foretold(rows)
    told = f"Root mean squared miss, each set left out in turn: {100 * ours**0.5:.2f} %; of theory alone "
    return "\n".join([*lines, "", f"{told}{100 * theirs**0.5:.2f} %."])


if __name__ == "__main__":
    main()
