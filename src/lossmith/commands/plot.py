"""`lossmith plot`: the curves of runs."""

from pathlib import Path

import click

from lossmith.options import writes


@click.command("plot")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Also draw them in this file: .svg or .html.")
def command(runs: tuple[Path, ...], out: Path | None) -> None:
    """Draw the loss curves of one or several runs, each a folder or a log.

    RUN: as for `lossmith diagnose`: CSV, JSONL, Keras history, trainer_state.json, TensorBoard events, plain text.
    """
    from lossmith.report import curves

    if out and out.suffix.lower() not in (".svg", ".html", ".htm"):
        raise click.UsageError(f"`--out` should end in .svg or .html. Found {str(out)!r}.")
    found = [curves.read(run) for run in runs]
    click.echo(curves.text(found, plain=not writes("\u28ff\u2588\u2212")))
    if out:
        click.echo(curves.write(found, out))
