"""`lossmith cite`: the papers behind losses and metrics."""

import click


@click.command("cite")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def command(names: tuple[str, ...]) -> None:
    """Print the papers behind losses and metrics, as BibTeX."""
    from lossmith.citation import cite as references

    click.echo(references(*names))
