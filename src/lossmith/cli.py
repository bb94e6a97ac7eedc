"""The command line: every verb as a command, every failure as one line.

Only click is imported here; what a command needs is imported when it runs, so that `--help` answers at once.
"""

import errno
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lossmith._version import __version__

INTERRUPTED = 130
BAD_USE = 2
MORE_STEPS = 3
"""What `check` does beside its rules: it loads the loss, reads its arguments, draws its portrait."""


class CommaList(click.ParamType[tuple[str, ...]]):
    """`a,b,c`, with spaces forgiven."""

    name = "a,b,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split at commas; an empty part is a mistake."""
        if isinstance(value, tuple):
            return value
        parts = tuple(part.strip() for part in str(value).split(","))
        if not all(parts):
            self.fail(f"should be names with commas between them. Found {value!r}.", param, ctx)
        return parts


class Settings(click.ParamType[dict[str, Any]]):
    """`a=1,b=2`: numbers, true, false, none, or words."""

    name = "a=1,b=2"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Split at commas and equals signs."""
        if isinstance(value, dict):
            return value
        found: dict[str, Any] = {}
        for part in filter(None, str(value).split(",")):
            key, equals, text = part.partition("=")
            if not equals or not key.strip().isidentifier():
                self.fail(f"should be NAME=VALUE with commas between them. Found {part!r}.", param, ctx)
            found[key.strip()] = _value(text.strip())
        return found


def _value(text: str) -> Any:
    """Read a number, true, false, none; else keep the word."""
    known: dict[str, Any] = {"true": True, "false": False, "none": None}
    if text.lower() in known:
        return known[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="lossmith %(version)s")
def cli() -> None:
    """Which loss should I train with? Measured on your own data."""


@cli.command()
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
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the verdict here (- prints it).")
@click.option("--resume", is_flag=True, help="Go on with the trials in the output folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: one per core).")
@click.option("--network", default="small", show_default=True, help="small, wide, deep or resnet: does it hold there?")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
def advise(
    file: str, target: str, metric: str | None, out: Path | None, json_file: Path | None, resume: bool, quiet: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Say, with evidence, which loss to train with for FILE, a CSV or Parquet table."""
    folder = out or _free_folder(Path(file), metric or ("cost" if options["cost"] else "default"), resume)
    to_stdout = str(json_file) == "-"
    if json_file and not to_stdout:
        _check_json(json_file)
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
        if json_file and not to_stdout:
            written.append(pipeline.write_json(json_file, verdict.to_json()))
        print_verdict(verdict, Console(stderr=to_stdout), files=written)
        if to_stdout:
            click.echo(json.dumps(verdict.to_json(), indent=1, allow_nan=False))


@cli.command()
@click.option("--task", help="What is predicted: binary, regression, segmentation ... (left out: the guide asks).")
@click.option("--metric", help="What is scored: mae, pinball@0.9, f1 ... (default: the task's usual one).")
@click.option("--imbalance", type=float, metavar="SHARE", help="Share of the rarest class: 0.02.")
@click.option("--classes", type=int, help="How many classes or levels there are.")
@click.option("--outliers", is_flag=True, help="A few targets lie far from all others.")
@click.option("--heavy-tail", is_flag=True, help="The target has a long tail upward, as prices have.")
@click.option("--label-noise", type=float, default=0.0, metavar="SHARE", help="Share of targets that are wrong: 0.2.")
@click.option("--need", type=CommaList(), default=(), help="probabilities, robustness, calibration, speed.")
@click.option("--costs", default="", help="What mistakes cost: over=1,under=3, or FN=10,FP=1, or a price a class.")
@click.option("--lowest", type=float, help="Smallest value the target can take: 0 for amounts.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the answer here (- prints it).")
def guide(json_file: Path | None, need: tuple[str, ...], **said: Any) -> None:
    """Say which loss to train with before there are data; asks where nothing is said."""
    from lossmith.advisor.guide.asking import ask
    from lossmith.advisor.guide.guide import guide as answer

    to_stdout = str(json_file) == "-"
    if json_file and not to_stdout:
        _check_json(json_file)
    given = {**said, "needs": need}
    if not any(given.values()) and sys.stdin.isatty():
        given = ask(lambda question, choices: _asked(question, choices))
    found = answer(**given)
    if json_file and not to_stdout:
        json_file.write_text(json.dumps(found.to_json(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if to_stdout:
        click.echo(json.dumps(found.to_json(), indent=1, allow_nan=False))
        return
    from rich.console import Console

    from lossmith.report.guidance import print_guide

    print_guide(found, Console())


def _asked(question: str, choices: tuple[str, ...]) -> str:
    """Ask one question on the terminal; no answer takes the first choice, if any."""
    if not choices:
        return str(click.prompt(question, default="", show_default=False))
    return str(click.prompt(question, type=click.Choice(choices), default=choices[0]))


@cli.command()
@click.argument("loss")
@click.option(
    "--kind",
    type=click.Choice(["loss", "step"]),
    default="loss",
    show_default=True,
    help="What LOSS is: a loss, or a training step, a function of (model, batch, optimizer).",
)
@click.option("--task", default="", help="regression, binary, multiclass ...: helps to tell what it takes.")
@click.option("--input", "input_holds", default="", metavar="WORD", help="What the prediction holds: logits, real ...")
@click.option("--target", "target_holds", default="", metavar="WORD", help="What the target holds: class_index ...")
@click.option("--shape", default="", metavar="LETTERS", help="Shape of the prediction: 'n c'.")
@click.option("--claims", type=click.Path(path_type=Path), help="TOML file of what the author promises.")
@click.option("--with", "settings", type=Settings(), default="", metavar="A=1,B=2", help="Hyperparameters to set.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the inputs that are tried.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the report here (- prints it).")
@click.option(
    "--html", type=click.Path(path_type=Path), help="Write the report as a page, with pictures, to this file."
)
@click.option("--portrait/--no-portrait", default=True, help="Draw the loss and look for it in the catalogue.")
def check(
    loss: str, kind: str, task: str, input_holds: str, target_holds: str, shape: str, claims: Path | None,
    settings: dict[str, Any], seed: int, json_file: Path | None, html: Path | None, portrait: bool,
) -> int:  # fmt: skip
    """Look for faults in LOSS: file.py:Name, package.module:name or lossmith:name.

    Exit code 1: there is an error; 0: none; 2: bad usage.
    """
    to_stdout = str(json_file) == "-"
    if json_file and not to_stdout:
        _check_json(json_file)
    from rich.console import Console

    from lossmith.checker import promises
    from lossmith.checker.check import check as look
    from lossmith.checker.examine import known
    from lossmith.files import write_atomically
    from lossmith.progress import Late
    from lossmith.report.check import print_check
    from lossmith.report.check_page import write_check

    said = promises.read(claims) if claims else {}
    with Late(len(known()) + MORE_STEPS) as progress:
        found = look(
            loss, None, said, task=task, input=input_holds, target=target_holds, shape=shape, settings=settings,
            seed=seed, portrait=portrait, watcher=progress.begun,
            kind=kind,
        )  # fmt: skip
    text = json.dumps(found.to_json(), indent=1) + "\n"
    if json_file and not to_stdout:
        write_atomically(json_file, text)
    print_check(found, Console(stderr=to_stdout, highlight=False))
    if html:
        click.echo(f"\nWritten: {write_check(found, html)}", err=to_stdout)
    if to_stdout:
        click.echo(text, nl=False)
    return 1 if found.errors else 0


@cli.command()
@click.argument("run")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also write the diagnosis here (- prints it)."
)
def diagnose(run: str, json_file: Path | None) -> int:
    """Say why RUN, a folder or a log, does not learn; or that nothing is wrong.

    RUN: CSV, JSONL, Lightning's metrics.csv, Keras history, trainer_state.json, TensorBoard events, plain text.
    Exit code 1: a fault is named; 0: none; 2: bad usage.
    """
    to_stdout = str(json_file) == "-"
    if json_file and not to_stdout:
        _check_json(json_file)
    from rich.console import Console

    from lossmith.doctor.diagnosis import diagnose as look
    from lossmith.files import write_atomically
    from lossmith.report.diagnosis import print_diagnosis

    found = look(run)
    text = json.dumps(found.to_json(), indent=1) + "\n"
    if json_file and not to_stdout:
        write_atomically(json_file, text)
    print_diagnosis(found, Console(stderr=to_stdout, highlight=False))
    if to_stdout:
        click.echo(text, nl=False)
    return 1 if found.found else 0


@cli.command("list")
@click.option("--family", help="Only this family: regression, classification, segmentation ...")
@click.option("--json", "as_json", is_flag=True, help="Everything the cards say, as JSON.")
def list_losses(family: str | None, as_json: bool) -> None:
    """List the losses."""
    from lossmith import registry
    from lossmith.listing import table

    entries = list(registry.index()["losses"].values())
    families = sorted({entry["family"] for entry in entries})
    if family is not None and family not in families:
        raise click.UsageError(f"`--family` should be one of {', '.join(families)}. Found {family!r}.")
    chosen = [entry for entry in entries if family in (None, entry["family"])]
    click.echo(json.dumps(chosen, indent=1) if as_json else table(chosen))


@cli.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Everything the card says, as JSON.")
@click.option("--plot", is_flag=True, help="Draw value and gradient, and who gets the gradient.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the loss's page to this file.")
def show(name: str, as_json: bool, plot: bool, html: Path | None) -> None:
    """Show one loss: when to take it, formula, traits, elsewhere, mistakes."""
    from lossmith import registry
    from lossmith.listing import page

    entry = registry.find(name)
    if html:
        import torch

        from lossmith.report.loss import write_page
        from lossmith.study.study import study

        torch.set_num_threads(1)  # many small tensors: threads would only wait for one another
        click.echo(write_page(entry, study(entry["name"], counterexamples=True), html), err=as_json)
    if as_json:
        click.echo(json.dumps(entry, indent=1))
    elif plot:
        from lossmith.report.plot import drawn
        from lossmith.study.study import study

        click.echo(drawn(study(entry["name"]), plain=not _writes("\u28ff\u2588\u2212")))
    elif not html:
        click.echo(page(entry))


@cli.command()
@click.argument("first")
@click.argument("second")
@click.option("--html", type=click.Path(path_type=Path), help="Write it as a page, with both drawn over one axis.")
def compare(first: str, second: str, html: Path | None) -> None:
    """Set two losses side by side: traits, gradients, which to choose."""
    from lossmith import registry

    entries = registry.find(first), registry.find(second)
    if entries[0]["name"] == entries[1]["name"]:
        raise ValueError(
            f"`compare` should be given two losses. Found {entries[0]['name']} twice. Try another of `lossmith list`."
        )
    from lossmith.report import comparison
    from lossmith.study.study import study

    found = comparison.compare(entries, (study(entries[0]["name"]), study(entries[1]["name"])))
    if html:
        from lossmith.report.loss import write_comparison

        click.echo(write_comparison(found, html))
    else:
        click.echo(comparison.text(found))


@cli.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Also draw them in this file: .svg or .html.")
def plot(runs: tuple[Path, ...], out: Path | None) -> None:
    """Draw the loss curves of one or several runs of a `lossmith.Recorder`."""
    from lossmith.report import curves

    if out and out.suffix.lower() not in (".svg", ".html", ".htm"):
        raise click.UsageError(f"`--out` should end in .svg or .html. Found {str(out)!r}.")
    found = [curves.read(run) for run in runs]
    click.echo(curves.text(found, plain=not _writes("\u28ff\u2588\u2212")))
    if out:
        click.echo(curves.write(found, out))


@cli.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def cite(names: tuple[str, ...]) -> None:
    """Print the papers behind losses and metrics, as BibTeX."""
    from lossmith.citation import cite as references

    click.echo(references(*names))


def main() -> None:
    """Run the command line; where it cannot go on, print one line and exit.

    The exit code is then 2, or 130 after Ctrl-C.
    """
    if hasattr(sys.stdout, "reconfigure"):  # a terminal without Greek letters is no reason to fail
        sys.stdout.reconfigure(errors="replace")
    sys.exit(_guarded(lambda: cli.main(prog_name="lossmith", standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    """Run a command and return its exit code."""
    try:
        result = command()
        if sys.stdout:
            sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return BAD_USE
    except (click.Abort, KeyboardInterrupt):
        _say("stopped.")
        return INTERRUPTED
    except click.ClickException as error:
        return _fail(_with_help(error))
    except (BrokenPipeError, SystemExit):  # `lossmith list | head`: the reader has had enough, as click also sees it
        _drop_output()
        return 0
    except OSError as error:
        return _fail(_blame(error))
    except (ValueError, TypeError, MemoryError) as error:
        return _fail(str(error) or type(error).__name__)


def _fail(message: str) -> int:
    _say(message)
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        _drop_output()
    return BAD_USE


def _say(message: str) -> None:
    click.echo(f"lossmith: {' '.join(message.split())}", err=True)


def _drop_output() -> None:
    """Let what is left in the buffer go nowhere.

    Else Python would complain of it at its end.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _with_help(error: click.ClickException) -> str:
    """Return click's message, with where to read on."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return error.format_message() + (f" Try `{context.command_path} --help`." if context else "")


def _blame(error: OSError) -> str:
    """Return an OSError as what should hold, what was found, and what to try."""
    if error.errno is None:
        return str(error)
    place, found = error.filename or "the output", error.strerror
    if error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", None)):
        return f"There should be room to write {place}. Found: {found}. Try another `--out`, or make room."
    return f"It should be possible to read or write {place}. Found: {found}. Try another path, or other permissions."


def _writes(letters: str) -> bool:
    """Whether the terminal has these letters."""
    try:
        letters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _check_json(file: Path) -> None:
    """Refuse before the training what could not be written after it."""
    folder = file.absolute().parent
    if file.is_dir() or not folder.is_dir():
        raise ValueError(f"`--json` should name a file in a folder that exists. Found {file}. Try a file name alone.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise ValueError(f"`--json` should name a file that may be written. Found {file}. Try another folder.")


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
        _say(f"stopped. {hint if kept else 'Nothing was trained yet.'}")
        raise click.exceptions.Exit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
