"""`lossmith show`: all there is to say of one loss."""

import json
from pathlib import Path

import click

from lossmith.options import writes


@click.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Everything the card says, as JSON.")
@click.option("--plot", is_flag=True, help="Draw value and gradient, and who gets the gradient.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the loss's page to this file.")
def command(name: str, as_json: bool, plot: bool, html: Path | None) -> None:
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

        click.echo(drawn(study(entry["name"]), plain=not writes("\u28ff\u2588\u2212")))
    elif not html:
        click.echo(page(entry))
