"""`citynews seal`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.article import as_record
from crawler.commands.maintain import exists
from crawler.commands.report import emit
from crawler.maintenance import seal as sealing


def seal(output: Path, *, wait: float, quiet: bool, as_json: bool) -> None:
    """Seals the months of the archive *output* that are past, and says which."""
    exists(output)
    paths = Paths(output)
    lock = Lock(paths.lock, wait)
    try:
        done = sealing.seal(paths, datetime.now(UTC))
    finally:
        lock.release()
    if not quiet:
        if done.run is None:
            typer.echo(f"{output}: no month to seal; a month is sealed from two days after its end on")
        else:
            sizes = f"{done.files} files, {done.before} bytes are {done.after} now"
            typer.echo(f"{output}: sealed {', '.join(done.months)}: {sizes}")
    if as_json:
        emit({"exit_code": 0} | as_record(done))
