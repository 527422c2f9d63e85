"""`citynews changes`."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive
from crawler.cli.options import ConfigFile, Output
from crawler.cli.output import emit
from crawler.exit_codes import UsageError


@app.command()
def changes(
    since: Annotated[
        str, typer.Option("--since", metavar="RUN", help="Changes by later runs. `start`: by all runs.")
    ] = "start",
    visits: Annotated[bool, typer.Option("--visits", help="Also every visit, with its view count.")] = False,
    output: Output = None,
    config_file: ConfigFile = None,
) -> None:
    """Articles added, revised, gone or removed since a run, as NDJSON.

    One line per change, in an order in which they can be applied. The last line is the cursor: pass its `run` to
    --since the next time. If that line is missing, the output was cut short.
    """
    from crawler import config
    from crawler.analysis import changes_since

    root = config.resolve(config_file, output, []).output
    existing_archive(root)
    try:
        for change in changes_since.changes(root, since, visits=visits):
            emit(change)
    except changes_since.NoSuchRun as error:
        raise UsageError(f"--since {error}") from error
