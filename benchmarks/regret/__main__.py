"""Measures how much following lossmith's advice loses to hindsight.

python -m benchmarks.regret --data DIR --json OUT [--sets a,b] [--rows 5000] [--budget 2m] [--resume] [--usual FOLDER]

DIR holds MANIFEST.json, one row a set. For each set a fresh test is held out; `lossmith.advise` sees the rest; then the
default, the recommended and every other candidate (the shortlist and a fixed list) are trained anew with four new
seeds through `lossmith.fit`, and scored on the fresh test by scikit-learn. What is finished is kept beside OUT, set by
set, and with --resume not done again; only verdicts and picks are made anew, from the trials kept. With --usual what
differences usually are is learned anew for each set, from the others: else a set would be judged with its own help.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lossmith
from benchmarks.regret.again import judged
from benchmarks.regret.candidates import every
from benchmarks.regret.figures import regrets, summary
from benchmarks.regret.page import page
from benchmarks.regret.policies import guided, picks
from benchmarks.regret.sets import hold_out, listed
from benchmarks.regret.truth import transfer, trivial, truth
from benchmarks.usual import learned_without
from lossmith.advisor.verdict import Verdict

Row = dict[str, Any]
ASKED = ("metric", "task", "positive", "levels", "drop", "group", "time", "series", "horizon")
"""What a manifest may say of a problem, and `advise` is told."""


def main() -> None:
    options = _options()
    sets = listed(options.data, options.sets)
    work = options.json.with_suffix(".work")
    rows = []
    for place, row in enumerate(sets, 1):
        kept = work / row["name"] / "set.json"
        if not (options.resume and kept.exists()):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(_run(row, options, kept.parent / "advice"), indent=1))
        rows.append(_picked(json.loads(kept.read_text()), kept.parent / "advice", options.usual))
        print(f"{place}/{len(sets)} {_told(rows[-1])}", flush=True)
        options.json.write_text(json.dumps(_report(rows, options), indent=1) + "\n")
    text = page(_report(rows, options))
    print(text)
    if options.markdown:
        options.markdown.write_text(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with MANIFEST.json")
    parser.add_argument("--json", type=Path, required=True, help="where the figures go; finished sets are kept beside")
    parser.add_argument("--markdown", type=Path, help="where the tables go")
    parser.add_argument("--sets", default="", help="only these, a,b,c")
    parser.add_argument("--rows", type=int, default=5000, help="rows the advisor sees at most")
    parser.add_argument("--budget", default="2m", help="the advisor's time for a set")
    parser.add_argument("--transfer", action="store_true", help="also ask whether gains hold on other networks")
    parser.add_argument("--resume", action="store_true", help="keep the sets that are finished")
    parser.add_argument("--usual", type=Path, help="folder of `benchmarks.usual`: judge each set by the others of it")
    return parser.parse_args()


def _run(row: Row, options: argparse.Namespace, folder: Path) -> Row:
    """Advise on one set and find out what its candidates are truly worth."""
    held = hold_out(row, options.data, options.rows)
    base = {key: row[key] for key in ("name", "task", "metric")} | {"rows": len(held.seen), "test": len(held.test)}
    try:
        asked = {key: getattr(held.problem, key) for key in ASKED}
        asked["target"] = held.problem.targets or held.problem.target
        verdict = lossmith.advise(held.seen, **asked, budget=options.budget, out=folder, resume=options.resume)
    except ValueError as error:
        return {**base, "refused": str(error)}
    problem, shortlisted = verdict.profile.problem, [s.candidate for s in verdict.standings]
    began = time.perf_counter()
    found = truth(held, problem, every(verdict.profile, shortlisted, guided(verdict.profile)))
    pair = [verdict.standing(key).candidate for key in (verdict.default, verdict.recommended)]
    kept = transfer(held, problem, *pair) if options.transfer and verdict.gain and verdict.gain.mean > 0.0 else []
    return {
        **base,
        "higher_is_better": verdict.metric["higher_is_better"],
        "trivial_score": trivial(held, problem),
        "scores": {key: scores["score"] for key, scores in found.items()},
        "picks": _picks(verdict, folder, found),
        **_told_by(verdict),
        "seconds": round(verdict.seconds, 1),
        "truth": found,
        "transfer": kept,
        "truth_seconds": round(time.perf_counter() - began, 1),
    }


def _picks(verdict: Verdict, folder: Path, found: Row) -> dict[str, str]:
    order = [entry["id"] for entry in json.loads((folder / "shortlist.json").read_text())]
    return picks(verdict, order, found)


def _picked(row: Row, folder: Path, usual: Path | None) -> Row:
    """Return a finished set with verdict and picks as of now, from the trials that the advice left.

    So a judge or a policy that is new or was changed needs no training.
    """
    if "truth" not in row or not (folder / "verdict.json").exists():
        return row
    verdict = judged(folder, learned_without(usual, row["name"]) if usual else None)
    return {**row, **_told_by(verdict), "picks": _picks(verdict, folder, row["truth"])}


def _told_by(verdict: Verdict) -> Row:
    """Return what the benchmark keeps of a verdict."""
    return {
        "verdict": verdict.sentence,
        "outcome": verdict.outcome,
        "folds": verdict.folds,
        "reference": verdict.reference,
        "gain": asdict(verdict.gain) if verdict.gain else None,
        "differences": {s.candidate.id: asdict(s.difference) if s.difference else None for s in verdict.standings},
    }


def _told(row: Row) -> str:
    if "refused" in row:
        return f"{row['name']}: refused: {row['refused']}"
    shown = ", ".join(f"{policy} {regret:.1f}" for policy, regret in regrets(row).items())
    return f"{row['name']} ({row['seconds']:.0f} + {row['truth_seconds']:.0f} s) regret in %: {shown}"


def _report(rows: list[Row], options: argparse.Namespace) -> Row:
    return {
        **summary(rows),
        "command": " ".join(["python -m benchmarks.regret", *sys.argv[1:]]),
        "budget": options.budget,
        "rows": options.rows,
        "sets": rows,
    }


if __name__ == "__main__":
    main()
