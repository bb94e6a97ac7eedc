"""`lossmith diagnose`: why does this run not learn?"""

from pathlib import Path

import click

from lossmith.options import JsonFile, json_option


@click.command("diagnose")
@click.argument("run")
@json_option("the diagnosis")
@click.option("--html", type=click.Path(path_type=Path), help="Tell the run's story in pictures, as a page.")
def command(run: str, json_file: JsonFile, html: Path | None) -> int:
    """Say why RUN, a folder or a log, does not learn; or that nothing is wrong.

    RUN: CSV, JSONL, Lightning's metrics.csv, Keras history, trainer_state.json, TensorBoard events, plain text.
    Exit code 1: a fault is named; 0: none; 2: bad usage.
    """
    from rich.console import Console

    from lossmith.doctor.diagnosis import diagnose_run
    from lossmith.doctor.runlog import read
    from lossmith.report.diagnosis import print_diagnosis
    from lossmith.report.diagnosis_page import write_diagnosis

    log = read(run)
    found = diagnose_run(log)
    json_file.write(found.to_json())
    print_diagnosis(found, Console(stderr=json_file.to_stdout, highlight=False))
    if html:
        click.echo(f"\nWritten: {write_diagnosis(found, log, html)}", err=json_file.to_stdout)
    return 1 if found.found else 0
