"""The application that the commands hang themselves on."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler import __version__

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Crawl smart-city news portals into an archive of JSON lines and WARC that proves itself and replays exactly.",
)


def version(value: bool) -> None:
    if value:
        typer.echo(f"citynews {__version__}")
        raise typer.Exit


@app.callback()
def options(
    show: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Crawl smart-city news portals into an archive of JSON lines and WARC that proves itself and replays exactly."""
