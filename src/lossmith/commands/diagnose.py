"""`lossmith diagnose`: why does this run not learn?"""

import click

from lossmith.options import JsonFile, json_option


@click.command("diagnose")
@click.argument("run")
@json_option("the diagnosis")
def command(run: str, json_file: JsonFile) -> int:
    """Say why RUN, a folder or a log, does not learn; or that nothing is wrong.

    RUN: CSV, JSONL, Lightning's metrics.csv, Keras history, trainer_state.json, TensorBoard events, plain text.
    Exit code 1: a fault is named; 0: none; 2: bad usage.
    """
    from rich.console import Console

    from lossmith.doctor.diagnosis import diagnose as look
    from lossmith.report.diagnosis import print_diagnosis

    found = look(run)
    json_file.write(found.to_json())
    print_diagnosis(found, Console(stderr=json_file.to_stdout, highlight=False))
    return 1 if found.found else 0
