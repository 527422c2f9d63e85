"""`citynews changes`."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli.app import app
from crawler.cli.filters import OfPortal, note_unknown_portals
from crawler.cli.inputs import existing_archive, portal_name
from crawler.cli.options import ConfigFile, Output, Portals
from crawler.cli.output import emit
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.exit_codes import UsageError


@app.command()
@with_options(PortalFilters)
def changes(
    since: Annotated[
        str, typer.Option("--since", metavar="RUN", help="Changes by later runs. `start`: by all runs.")
    ] = "start",
    names: OfPortal = None,
    visits: Annotated[bool, typer.Option("--visits", help="Also every visit, with its view count.")] = False,
    filters: PortalFilters = ALL_PORTALS,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
) -> None:
    """Articles added, revised, gone or removed since a run, as NDJSON.

    One line per change, in an order in which they can be applied. The last line is the cursor: pass its `run` to
    --since the next time. If that line is missing, the output was cut short.
    """
    from crawler import config
    from crawler.analysis import changes_since
    from crawler.analysis.names import PortalScope
    from crawler.cli.search import defined

    chosen = config.resolve(config_file, output, portal_files or [])
    root = chosen.output
    named = tuple(filter(None, (portal_name(name, "--portal") for name in names or ())))
    note_unknown_portals(existing_archive(root), named)
    try:
        scope = PortalScope(named, filters.description(), defined(chosen.portals))
        for change in changes_since.changes(root, since, visits=visits, scope=scope):
            emit(change)
    except changes_since.NoSuchRun as error:
        raise UsageError(f"--since {error}") from error
