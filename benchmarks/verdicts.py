"""Runs `lossmith advise` on each table of a folder and prints a Markdown table.

python -m benchmarks.verdicts --data DIR [--budget 30s] [--sets a,b] [--json FILE] [--markdown FILE] [--resume]

DIR holds MANIFEST.json, one row a set: name, file, target (a list for several labels), task, metric, and where they
apply positive and levels; of series time (null: the rows are in order), series, suggested_horizon and drop.
Each run is the real command in a process of its own; a traceback or an exit code other than 0 is a failure.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine

TASKS = ("regression", "count", "binary", "multiclass", "multilabel", "time_series")

Row = dict[str, Any]


def main() -> None:
    options = _options()
    sets = [row for row in json.loads((options.data / "MANIFEST.json").read_text()) if row["task"] in TASKS]
    if options.sets:
        sets = [row for row in sets if row["name"] in options.sets.split(",")]
    done: dict[str, Row] = {}
    if options.resume and options.json and options.json.exists():
        done = {row["name"]: row for row in json.loads(options.json.read_text())["sets"]}
    for row in sets:
        if row["name"] not in done:
            done[row["name"]] = _run(row, options.data, options.budget)
            print(_line(done[row["name"]]), flush=True)
            if options.json:
                options.json.write_text(json.dumps({"budget": options.budget, "sets": list(done.values())}, indent=1))
    page = _page([done[row["name"]] for row in sets], options.budget)
    print(page)
    if options.markdown:
        options.markdown.write_text(page)
    sys.exit(any(done[row["name"]]["exit"] for row in sets))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--budget", default="30s")
    parser.add_argument("--sets")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--resume", action="store_true")
    return parser.parse_args()


def _run(row: Row, data: Path, budget: str) -> Row:
    """Advise on one set, and keep what the table needs."""
    target = row["target"] if isinstance(row["target"], str) else ",".join(row["target"])
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "lossmith.cli", "advise", str(data / row["file"]), "--target", target,
            "--metric", row["metric"], "--budget", budget, "--out", f"{folder}/out", "--quiet",
        ]  # fmt: skip
        command += _of_series(row) if row["task"] == "time_series" else ["--task", row["task"]]
        if "positive" in row:
            command += ["--positive", str(row["positive"])]
        began = time.perf_counter()
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        bad = ran.returncode or ("Traceback" in ran.stderr) or ("Warning" in ran.stderr)
        base = {key: row[key] for key in ("name", "task", "metric", "rows")} | {"seconds": round(seconds, 1)}
        if bad:
            return {**base, "exit": ran.returncode or 1, "stderr": ran.stderr[-2000:]}
        verdict = json.loads(Path(folder, "out", "verdict.json").read_text())
        size = Path(folder, "out", "report.html").stat().st_size
    return {**base, "exit": 0, "report_bytes": size, **_told(verdict)}


def _of_series(row: Row) -> list[str]:
    """Return the options of a forecast."""
    lists = [part for key in ("series", "drop") if row.get(key) for part in (f"--{key}", ",".join(row[key]))]
    return ["--time", row["time"] or "row", "--horizon", str(row["suggested_horizon"]), *lists]


def _told(verdict: Row) -> Row:
    standings = {standing["candidate"]["id"]: standing for standing in verdict["standings"]}
    keys = ("outcome", "sentence", "recommended", "reference", "default", "folds", "gain", "naive", "warnings")
    return {key: verdict[key] for key in keys} | {
        "scores": {key: standing["score"] for key, standing in standings.items()},
        "differences": {key: standing["difference"] for key, standing in standings.items() if standing["difference"]},
        "failures": {key: standing["failures"] for key, standing in standings.items() if standing["failures"]},
    }


def _line(row: Row) -> str:
    if row["exit"]:
        return f"| {row['name']} | {row['task']} | {row['metric']} | failed: {row['stderr'].strip()[-80:]} | | | | |"
    gain = row["gain"]
    share = f"{100 * gain['relative']:+.1f} %" if gain and gain["relative"] is not None else ""
    return (
        f"| {row['name']} | {row['task']} | {row['metric']} | {row['recommended']} | {_default(row)} | {share} | "
        f"{row['folds']} | {row['seconds']:.0f} |"
    )


def _default(row: Row) -> str:
    """Say how the default stands against what is recommended."""
    if row["outcome"] == "too_little_data":
        return "too little data"
    if row["recommended"] == row["default"]:
        return "is recommended"
    if row["recommended"] == row["reference"]:
        found = row["differences"].get(row["default"], {}).get("conclusion", "failed")
        return str(found).replace("_", " ")
    return "beaten by a clear winner" if row["outcome"] == "clear_winner" else "likely beaten"


def _page(rows: list[Row], budget: str) -> str:
    """Return the whole document."""
    ran = [row for row in rows if not row["exit"]]
    outcomes = {name: sum(_default(row) == name for row in ran) for name in sorted({_default(row) for row in ran})}
    head = "| set | task | metric | train with | the default | gain over it | folds | seconds |"
    return "\n".join(
        [
            "# Verdicts on real tables",
            "",
            f"`python -m benchmarks.verdicts --data DIR --budget {budget} --markdown docs/verdicts.md`, "
            f"on {machine()}.",
            "",
            "Each row is one run of the command line with the set's own metric. The gain is the advice's, measured on",
            "folds that did not choose it; empty where the advice is the default, or folds were too few. A larger",
            "budget finishes more folds and sees smaller differences; so does a machine with nothing else to do.",
            "",
            f"{len(ran)} of {len(rows)} sets ran to a verdict. The default: "
            + "; ".join(f"{name} {count}" for name, count in outcomes.items())
            + f". Longest report {max((row['report_bytes'] for row in ran), default=0) / 1e3:.0f} kB.",
            "",
            head,
            "|---|---|---|---|---|---|---|---|",
            *[_line(row) for row in rows],
            "",
        ]
    )


if __name__ == "__main__":
    main()
