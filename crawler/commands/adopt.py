"""`citynews adopt`."""

from __future__ import annotations

from pathlib import Path

import typer

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.article import as_record
from crawler.commands.maintain import exists
from crawler.commands.report import emit
from crawler.exit_codes import UsageError
from crawler.maintenance import verify
from crawler.maintenance.adopt import NotAdoptableError, adopt


def take_over(folder: Path, output: Path, *, wait: float, quiet: bool, as_json: bool) -> None:
    """Puts the archive *folder* in the place of *output*. Raises UsageError where it cannot take it."""
    exists(output)
    exists(folder)
    if folder.resolve() == output.resolve():
        raise UsageError(f"{folder}: an archive cannot adopt itself")
    paths, other = Paths(output), Paths(folder)
    lock = Lock(paths.lock, wait)
    try:
        second = Lock(other.lock, wait)
        try:
            if verify.verify(other, [paths.warc]).damage:
                raise UsageError(f"{folder}: is not whole; `citynews verify --output {folder}` says more")
            done = adopt(paths, other)
        except NotAdoptableError as error:
            raise UsageError(str(error)) from error
        finally:
            second.release()
    finally:
        lock.release()
    if not quiet:
        typer.echo(f"{output}: {done.visits} visits, {done.changed} decided again; the old lines lie in {done.aside}")
    if as_json:
        emit({"exit_code": 0} | as_record(done))
