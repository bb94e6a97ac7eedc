"""Puts the claims to their experiments and writes the ledger.

python -m benchmarks.claims --run [--only NAME,NAME] [--json FILE] [--markdown FILE]

--json keeps the figures, beside those of other claims already there; --markdown writes the page from them, and the
pictures into a folder of the page's name. The committed ledger is made by

python -m benchmarks.claims --run --json docs/claims/claims.json --markdown docs/claims.md

Without --run the page is written anew from the figures in --json.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.claims.claim import Claim, claims, to_json
from benchmarks.claims.page import page
from benchmarks.claims.picture import picture_of
from benchmarks.machine import machine


def main() -> None:
    options = _options()
    known = claims()
    unknown = [name for name in options.only if name not in known]
    if unknown:
        raise SystemExit(f"--only should name claims. Found {', '.join(unknown)}. Try some of {', '.join(known)}.")
    report = json.loads(options.json.read_text()) if options.json and options.json.exists() else {"claims": {}}
    if options.run:
        torch.set_num_threads(1)  # a result should not depend on the cores
        report["machine"] = machine()
        for name in options.only or known:
            before = report["claims"].get(name, {}).get("verdict")
            report["claims"][name] = _measured(known[name])
            _tell(name, report["claims"][name], before)
            _keep(options.json, report, known)
    if options.markdown:
        _write(options.markdown, report, known)


def _keep(path: Path | None, report: dict[str, Any], known: dict[str, Claim]) -> None:
    """Write the figures so far, of claims that exist, in order; a run may be stopped and go on with --only."""
    report["claims"] = {name: report["claims"][name] for name in known if name in report["claims"]}
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="measure; else the figures of --json are used")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="names of claims")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    if not options.run and not (options.json and options.json.exists()):
        parser.error("Either --run or an existing --json should be given. Try --run.")
    return options


def _measured(claim: Claim) -> dict[str, Any]:
    began = time.process_time()
    figures = claim.measure()
    return to_json(claim, figures, time.process_time() - began)


def _tell(name: str, result: dict[str, Any], before: str | None) -> None:
    changed = f" (was: {before})" if before and before != result["verdict"] else ""
    print(f"{name}: {result['verdict']}{changed}, {result['seconds']} s")
    for figure, reading in zip(result["figures"], result["readings"], strict=True):
        print(
            f"   {reading:9} {figure['value']:10.4g} [{figure['low']:.4g}, {figure['high']:.4g}] "
            f"{figure['situation']} | {figure['note']}",
            flush=True,
        )


def _write(path: Path, report: dict[str, Any], known: dict[str, Claim]) -> None:
    """Write the page, and a picture for each claim beside it."""
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for name, result in report["claims"].items():
        (folder / f"{name}.svg").write_text(picture_of(known[name], result))
    path.write_text(page(report, known))


if __name__ == "__main__":
    main()
