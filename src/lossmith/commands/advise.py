"""`lossmith advise`: a table in, a verdict with its evidence out."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lossmith.options import INTERRUPTED, CommaList, JsonFile, json_option, say


@click.command("advise")
@click.argument("file")
@click.option("--target", required=True, metavar="COLUMN", help="Column to predict; a,b,c: several labels.")
@click.option("--metric", help="What counts: mae, pinball@0.9, 'cost: FN=5,FP=1' ... (default: fits the task).")
@click.option("--cost", help="What mistakes cost, as metric: FN=10,FP=1, or a CSV file (row: true, column: named).")
@click.option(
    "--task", help="regression, count, forecast, binary, multiclass, ordinal, multilabel (default: inferred)."
)
@click.option("--positive", metavar="LABEL", help="Label that counts as positive.")
@click.option("--levels", type=CommaList(), default=(), help="Labels from low to high; makes the task ordinal.")
@click.option("--drop", type=CommaList(), default=(), help="Columns not to learn from.")
@click.option("--weight", metavar="COLUMN", help="Column that says how much each row counts.")
@click.option("--group", type=CommaList(), default=(), help="Columns whose rows belong together: a patient, a storm.")
@click.option("--time", metavar="COLUMN", help="Column that orders the rows (row: they are in order); a forecast.")
@click.option("--series", type=CommaList(), default=(), help="Columns that tell several series apart.")
@click.option("--horizon", type=int, default=1, show_default=True, help="Steps ahead to forecast.")
@click.option("--losses", type=CommaList(), default=(), help="Train these, beside reference and default.")
@click.option("--budget", default="2m", show_default=True, help="Time to spend: 30s, 2m, 1h.")
@click.option("--folds", type=int, default=10, show_default=True, help="Parts to split into; a forecast's origins.")
@click.option("--repeats", type=int, help="Times to split anew (default: up to 3, as the budget allows).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Splits, weights, batches.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for report and evidence.")
@json_option("the verdict")
@click.option("--resume", is_flag=True, help="Go on with the trials in the output folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: one per core).")
@click.option("--network", default="small", show_default=True, help="small, wide, deep or resnet: does it hold there?")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
def command(
    file: str, target: str, metric: str | None, out: Path | None, json_file: JsonFile, resume: bool, quiet: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Say, with evidence, which loss to train with for FILE, a CSV or Parquet table."""
    folder = out or _free_folder(Path(file), metric or ("cost" if options["cost"] else "default"), resume)
    with _told_when_interrupted(folder):
        from rich.console import Console

        from lossmith.advisor import pipeline
        from lossmith.files import blamed_on
        from lossmith.progress import Progress
        from lossmith.report import print_verdict, write_html

        with Progress(quiet=quiet) as progress:
            verdict = pipeline.advise(
                file, target=target, metric=metric, out=folder, resume=resume, watcher=progress,
                command=shlex.join(["lossmith", *sys.argv[1:]]), **options,
            )  # fmt: skip
        with blamed_on(folder / "report.html"):
            written = [write_html(verdict, folder / "report.html"), folder / "verdict.json"]
        written += json_file.write(verdict.to_json())
        print_verdict(verdict, Console(stderr=json_file.to_stdout), files=written)


def _free_folder(file: Path, metric: str, resume: bool) -> Path:
    """Return `lossmith-FILE-METRIC`, numbered where that is taken.

    To resume, it is the newest that is there.
    """
    stem = file.name.split(".")[0] or "table"
    words = "".join(letter if letter.isalnum() or letter in ".-_" else "-" for letter in f"{stem}-{metric}")
    base = f"lossmith-{words}".rstrip("-.")
    number, folder = 1, Path(base)
    while folder.exists():
        number, last = number + 1, folder
        folder = Path(f"{base}-{number}")
    return last if resume and number > 1 else folder


@contextmanager
def _told_when_interrupted(folder: Path) -> Iterator[None]:
    """After Ctrl-C, say what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        from lossmith.advisor.store import count

        kept = count(folder / "trials.jsonl")
        place = shlex.quote(str(folder))
        hint = f"{kept} trials are kept in {place}; the same command with --out {place} --resume goes on."
        say(f"stopped. {hint if kept else 'Nothing was trained yet.'}")
        raise click.exceptions.Exit(INTERRUPTED) from None
