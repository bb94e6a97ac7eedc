"""`lossmith compare`: two losses side by side."""

from pathlib import Path

import click


@click.command("compare")
@click.argument("first")
@click.argument("second")
@click.option("--html", type=click.Path(path_type=Path), help="Write it as a page, with both drawn over one axis.")
def command(first: str, second: str, html: Path | None) -> None:
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
