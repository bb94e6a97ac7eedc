"""`lossmith list`: every loss, with family and traits."""

import json

import click

from lossmith.options import CommaList


@click.command("list")
@click.option("--family", help="Only this family: regression, classification, segmentation ...")
@click.option("--not-in", "libraries", type=CommaList(), default=(), help="Only what these lack: torch,keras.")
@click.option("--json", "as_json", is_flag=True, help="Everything the cards say, as JSON.")
def command(family: str | None, libraries: tuple[str, ...], as_json: bool) -> None:
    """List the losses: unit, traits, what each is for."""
    from lossmith import registry
    from lossmith.listing import not_in, table

    entries = list(registry.index()["losses"].values())
    families = sorted({entry["family"] for entry in entries})
    if family is not None and family not in families:
        raise click.UsageError(f"`--family` should be one of {', '.join(families)}. Found {family!r}.")
    chosen = [entry for entry in not_in(entries, libraries) if family in (None, entry["family"])]
    click.echo(json.dumps(chosen, indent=1) if as_json else table(chosen))
