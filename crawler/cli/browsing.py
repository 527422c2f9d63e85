"""browse: an archive in a web browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler import config
from crawler.cli.analysing import IndexFile
from crawler.cli.app import app
from crawler.cli.options import ConfigFile, Output, Portals, Quiet
from crawler.commands import search as searching
from crawler.commands.maintain import exists
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.analysis.browse.web import Ports


@app.command()
def browse(
    output: Output = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Of 127.0.0.1; 0 takes any that is free.")
    ] = 8500,
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
) -> None:
    """A local web application over the archive: search, facets, articles, versions, views, pages as archived.

    It listens on 127.0.0.1 alone, reads only, and asks nothing of the network. Ctrl-C ends it. A crawl may run
    meanwhile: what its run brought is shown when it has finished.
    """
    try:
        from crawler.analysis.browse import server  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise UsageError(f"browse needs {error.name}: pip install 'citynews[analysis]'") from error

    chosen = config.resolve(config_file, output, portal_files or [])
    exists(chosen.output)

    def ready(ports: Ports) -> None:
        if not quiet:
            typer.echo(f"http://127.0.0.1:{ports.site}/ shows {chosen.output}; Ctrl-C ends it", err=True)

    try:
        server.serve(chosen.output, port, index, searching.defined(chosen.portals), ready)
    except server.PortError as error:
        raise UsageError(str(error)) from error
