"""`citynews schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli.app import app
from crawler.cli.output import emit
from crawler.exit_codes import UsageError


@app.command()
def schema(
    target: Annotated[
        str | None, typer.Option("--for", help="Column types for duckdb, polars or pandas instead.")
    ] = None,
) -> None:
    """JSON Schema of every stream, or the column types for a tool.

    With the column types a column keeps its type even if all its values are null.
    """
    from crawler.archive.records import schema as schemas
    from crawler.archive.storage.layout import STREAMS

    if target is None:
        emit(schemas.json_schemas())
    elif target in schemas.TARGETS:
        emit({stream: schemas.columns(stream, target) for stream in STREAMS})
    else:
        raise UsageError(f"--for {target}: one of {', '.join(schemas.TARGETS)}")
