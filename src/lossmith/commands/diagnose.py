"""`lossmith diagnose`: why does this run not learn?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lossmith.options import Duration, JsonFile, json_option

if TYPE_CHECKING:
    from lossmith.doctor.diagnosis import Report
    from lossmith.rehearsal.retry import Retry


@click.command("diagnose")
@click.argument("run")
@json_option("the diagnosis")
@click.option("--try", "build", metavar="SCRIPT.PY:BUILD", help="Try the first remedies in short trainings of it.")
@click.option("--budget", type=Duration(), default=60.0, metavar="TIME", help="For these trainings (default: 60s).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of these trainings.")
@click.option("--html", type=click.Path(path_type=Path), help="Tell the run's story in pictures, as a page.")
def command(
    run: str, json_file: JsonFile, build: str | None, budget: float, seed: int, html: Path | None
) -> int:  # fmt: skip
    """Say why RUN, a folder or a log, does not learn; or that nothing is wrong.

    RUN: CSV, JSONL, Lightning's metrics.csv, Keras history, trainer_state.json, TensorBoard events, plain text.
    BUILD makes the training anew, as for `lossmith preflight`.

    Exit code 1: a fault is named; 0: none; 2: bad usage.
    """
    from rich.console import Console

    from lossmith.doctor.diagnosis import diagnose_run
    from lossmith.doctor.runlog import read
    from lossmith.report.diagnosis import print_diagnosis

    log = read(run)
    found = diagnose_run(log)
    tried = _tried(found, build, budget, seed) if build else None
    json_file.write({**found.to_json(), **({"tried": tried.to_json()} if tried else {})})
    if html:  # before anything is printed: a reader may have had enough
        from lossmith.report.diagnosis_page import write_diagnosis

        write_diagnosis(found, log, html, tried)
    print_diagnosis(found, Console(stderr=json_file.to_stdout, highlight=False))
    if tried:
        from lossmith.report.retry import print_retry

        print_retry(tried, Console(stderr=json_file.to_stdout, highlight=False))
    if html:
        click.echo(f"\nWritten: {html}", err=json_file.to_stdout)
    return 1 if found.found else 0


def _tried(found: "Report", build: str, budget: float, seed: int) -> "Retry":
    """Try remedies, with a bar on a terminal."""
    from lossmith.progress import Late
    from lossmith.rehearsal.retry import MOST, SEEDS, retry

    with Late((MOST + 1) * SEEDS + 2) as progress:
        return retry(found, build, seconds=budget, seed=seed, watcher=progress.begun)
