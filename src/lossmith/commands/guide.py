"""`lossmith guide`: which loss, before there are data."""

import sys
from typing import Any

import click

from lossmith.options import CommaList, JsonFile, json_option


@click.command("guide")
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
@json_option("the answer")
def command(json_file: JsonFile, need: tuple[str, ...], **said: Any) -> None:
    """Say which loss to train with before there are data; asks where nothing is said."""
    from rich.console import Console

    from lossmith.advisor.guide.asking import ask
    from lossmith.advisor.guide.guide import guide
    from lossmith.report.guidance import print_guide

    given = {**said, "needs": need}
    if not any(given.values()) and sys.stdin.isatty():
        given = ask(lambda question, choices: _asked(question, choices))
    found = guide(**given)
    json_file.write(found.to_json())
    print_guide(found, Console(stderr=json_file.to_stdout))


def _asked(question: str, choices: tuple[str, ...]) -> str:
    """Ask one question on the terminal; no answer takes the first choice, if any."""
    if not choices:
        return str(click.prompt(question, default="", show_default=False))
    return str(click.prompt(question, type=click.Choice(choices), default=choices[0]))
