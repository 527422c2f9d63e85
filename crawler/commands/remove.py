"""`citynews remove`."""

from __future__ import annotations

from pathlib import Path

import typer

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.article import as_record
from crawler.commands.maintain import exists
from crawler.commands.report import emit, printable
from crawler.exit_codes import UsageError
from crawler.maintenance.remove import remove
from crawler.values.urls import article_id


def take_down(output: Path, ident: str, reason: str, *, wait: float, quiet: bool, as_json: bool) -> None:
    """Removes one article of the archive *output*. Raises UsageError where there is none."""
    exists(output)
    if not reason.strip():
        raise UsageError("--reason: say why; the run file keeps it")
    paths = Paths(output)
    lock = Lock(paths.lock, wait)
    try:
        done = remove(paths, article_id(ident) if "://" in ident else ident.lower(), reason)
    finally:
        lock.release()
    if done.run is None:
        raise UsageError(f"{ident}: no article with this id or address in {output}, or it was removed before")
    if not quiet:
        typer.echo(f"{done.id}: {done.lines} lines and {done.records} WARC records removed (run {done.run})")
        for url in done.urls:
            typer.echo(printable(f"never asked for again: {url}"))
        if done.copies:
            typer.echo(f"copies at other addresses stay: {', '.join(sorted(set(done.copies)))}")
        for folder in done.elsewhere:
            typer.echo(f"{output / folder} may hold it too, and was not touched")
    if as_json:
        emit({"exit_code": 0} | as_record(done))
