"""`citynews browse`: an archive in a web browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.filters import IndexFile
from crawler.cli.inputs import existing_archive
from crawler.cli.options import ConfigFile, Output, Portals, Quiet
from crawler.cli.search import defined
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.analysis.browse.web import Ports
    from crawler.archive.storage.layout import Paths


@app.command("browse")
def browse(
    output: Output = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0: any free one.")] = 8500,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="RUN", help="The archive as it was after this run [default: now].")
    ] = None,
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
) -> None:
    """Browse the archive in your web browser.

    A local web application: full-text search with exact facets, articles with versions and views, pages as archived. It
    listens on 127.0.0.1 only, never writes to the archive, and makes no network requests. Ctrl-C ends it. A crawl may
    run at the same time: its pages are shown when the run has finished.
    """
    from crawler import config
    from crawler.queries import choices, saved

    try:
        from crawler.analysis.browse import server
    except ModuleNotFoundError as error:
        raise UsageError(f"browse needs {error.name}: pip install 'citynews[analysis]'") from error
    chosen = config.resolve(config_file, output, portal_files or [])
    paths = existing_archive(chosen.output)
    until = None if as_of is None else _number(paths, as_of)

    def ready(ports: Ports) -> None:
        if not quiet:
            typer.echo(f"http://127.0.0.1:{ports.site}/ shows {chosen.output}; Ctrl-C ends it", err=True)

    try:
        code = server.serve(chosen.output, port, index, defined(chosen.portals), ready, until, choices(saved(chosen)))
    except server.PortError as error:
        raise UsageError(str(error)) from error
    raise typer.Exit(code)


def _number(paths: Paths, run: str) -> int:
    from crawler.analysis.snapshot import number_of

    try:
        return number_of(paths, run)
    except LookupError as error:
        raise UsageError(f"--as-of {run}: {error.args[0]}") from error
