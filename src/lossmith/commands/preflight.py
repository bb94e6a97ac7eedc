"""`lossmith preflight`: will this training learn?"""

from pathlib import Path

import click

from lossmith.options import Duration, JsonFile, json_option


@click.command("preflight")
@click.argument("build", metavar="SCRIPT.PY:BUILD")
@click.option("--budget", type=Duration(), default=30.0, metavar="TIME", help="For all that trains (default: 30s).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of weights and batches.")
@json_option("the report")
@click.option("--html", type=click.Path(path_type=Path), help="Write it as a page, with pictures, to this file.")
def command(build: str, budget: float, seed: int, json_file: JsonFile, html: Path | None) -> int:
    """Look at a training before it begins: data, loss, model, learning rate.

    BUILD is a function that returns (model, loss, train_data) or (model, loss, train_data, optimizer).
    Exit code 1: there is an error; 0: none; 2: bad usage.
    """
    from rich.console import Console

    from lossmith.progress import Late
    from lossmith.rehearsal.preflight import LOOKS, preflight
    from lossmith.report.preflight import print_preflight

    with Late(len(LOOKS) + 2) as progress:
        found = preflight(build, seed=seed, seconds=budget, watcher=progress.begun)
    json_file.write(found.to_json())
    print_preflight(found, Console(stderr=json_file.to_stdout, highlight=False))
    if html:
        from lossmith.report.preflight_page import write_preflight

        click.echo(f"\nWritten: {write_preflight(found, html)}", err=json_file.to_stdout)
    return 1 if found.errors else 0
