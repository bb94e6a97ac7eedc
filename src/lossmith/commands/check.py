"""`lossmith check`: is this loss, or this training step, right?"""

from pathlib import Path
from typing import Any

import click

from lossmith.options import JsonFile, Settings, json_option

MORE_STEPS = 4
"""What `check` does beside its rules: it loads, reads arguments, shortens witnesses, draws."""


@click.command("check")
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
@json_option("the report")
@click.option(
    "--html", type=click.Path(path_type=Path), help="Write the report as a page, with pictures, to this file."
)
@click.option("--portrait/--no-portrait", default=True, help="Draw the loss and look for it in the catalogue.")
def command(
    loss: str, kind: str, task: str, input_holds: str, target_holds: str, shape: str, claims: Path | None,
    settings: dict[str, Any], seed: int, json_file: JsonFile, html: Path | None, portrait: bool,
) -> int:  # fmt: skip
    """Look for faults in LOSS: file.py:Name, package.module:name or lossmith:name.

    Exit code 1: there is an error; 0: none; 2: bad usage.
    """
    from rich.console import Console

    from lossmith.checker import promises, rules
    from lossmith.checker.check import check as look
    from lossmith.progress import Late
    from lossmith.report.check import print_check

    said = promises.read(claims) if claims else {}
    with Late(len(rules.files()) + MORE_STEPS) as progress:
        found = look(
            loss, None, said, task=task, input=input_holds, target=target_holds, shape=shape, settings=settings,
            seed=seed, portrait=portrait, watcher=progress.begun,
            kind=kind,
        )  # fmt: skip
    json_file.write(found.to_json())
    if html:  # before anything is printed: a reader may have had enough
        from lossmith.report.check_page import write_check

        write_check(found, html)
    print_check(found, Console(stderr=json_file.to_stdout, highlight=False))
    if html:
        click.echo(f"\nWritten: {html}", err=json_file.to_stdout)
    return 1 if found.errors else 0
