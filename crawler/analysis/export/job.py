"""What an export is asked for, and how it lands: whole under a temporary name, then renamed."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crawler.analysis.names import Known, unknown
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import OnProgress, Snapshot
from crawler.analysis.tables import SCHEMA
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.files import storage_error
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock

Body = Literal["text", "markdown", "html", "none"]
_EXCHANGE = 2  #: RENAME_EXCHANGE of renameat2(2)


#: Rows of a table that belong to chosen pages; the other tables are of the archive as a whole.
OF_CHOSEN = {
    "pages": "id IN (SELECT id FROM temp.chosen)",
    "texts": "id IN (SELECT id FROM temp.chosen)",
    "versions": "id IN (SELECT id FROM temp.chosen)",
    "visits": "id IN (SELECT id FROM temp.chosen)",
    "copies": "copy_id IN (SELECT id FROM temp.chosen) OR origin_id IN (SELECT id FROM temp.chosen)",
    "links": "from_id IN (SELECT id FROM temp.chosen)",
}


class ForeignTargetError(Exception):
    """The target is there, and `citynews export` did not make it."""


@dataclass(frozen=True, slots=True)
class ExportJob:
    """An export of the archive *root* into *target*."""

    root: Path
    target: Path
    choice: Selection = field(default_factory=Selection)
    ids: frozenset[str] | None = None  #: what the query of the choice found; None without one
    until: int | None = None  #: number of the run whose state that was; None: the last finished one
    index: Path | None = None  #: a search index to take the tables from where it is of that run
    body: Body = "text"
    known: Known = unknown
    on_progress: OnProgress = lambda done, total: None
    say: Callable[[str], None] = field(default=lambda text: None)
    rendered: Callable[[], Iterator[tuple[str, str | None]]] | None = (
        None  #: for other bodies: (id, latest text) of all
    )

    @property
    def texts(self) -> Iterator[tuple[str, str | None]]:
        """(id, latest text) of every page in the form that is wanted; of a body that is not the archived text."""
        assert self.rendered is not None
        return self.rendered()

    @property
    def is_plain(self) -> bool:
        """Whether bodies are those of the records, or left out."""
        return self.body in {"text", "none"}

    @property
    def is_whole(self) -> bool:
        """Whether everything is exported: only that can be carried on later."""
        return self.choice.is_everything and self.body == "text"

    def snapshot(self, since: int = 0) -> Snapshot:
        return Snapshot.of(Paths(self.root), until=self.until, since=since)

    def start_afresh(self, meta: Json | None, snapshot: Snapshot) -> str | None:
        """Why the target with the row *meta* cannot be carried on; None where it can. Raises ForeignTargetError."""
        if meta is None:
            raise ForeignTargetError(f"{self.target} exists and was not made by `citynews export`; choose another name")
        if not self.is_whole:
            return "a choice is rebuilt each time"
        if meta["schema"] != SCHEMA:
            return f"its tables are {meta['schema']}, those of this version {SCHEMA}"
        if meta["archive"] != snapshot.archive:
            return "it was made from another archive"
        if (meta["filters"], meta["body"]) != ("{}", "text"):
            return "it holds a choice"
        return snapshot.follows(meta["run_number"], meta["run_sha256"])

    def note(self, meta: Json) -> Json:
        """The row *meta* with the choice in it."""
        return meta | {"filters": self.choice.as_json(), "body": self.body}


@contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """An empty folder next to *target*, for one export at a time. Raises BusyError, StorageError.

    What SQLite and the disk say of writing within is a StorageError too.
    """
    folder = target.with_name(f".{target.name}.partial")
    lock = Lock(target.with_name(f".{target.name}.lock"))
    try:
        shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
        folder.mkdir()
        yield folder
    except OSError as error:
        raise storage_error(target, error) from error
    except sqlite3.OperationalError as error:
        raise StorageError(f"{target}: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        target.with_name(f".{target.name}.lock").unlink(missing_ok=True)
        lock.release()


def put(made: Path, target: Path) -> None:
    """Puts the file or folder *made* in the place of *target*, at once."""
    if target.is_dir():
        _exchange(made, target)
        return
    if made.is_file():
        with made.open("rb") as file:
            os.fsync(file.fileno())
    made.replace(target)


def _exchange(made: Path, target: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    here = -100  # AT_FDCWD
    if libc.renameat2(here, os.fsencode(made), here, os.fsencode(target), _EXCHANGE) == 0:
        return  # the old folder has the name of the new one now, and goes with the scratch folder
    if ctypes.get_errno() not in {errno.ENOSYS, errno.EINVAL}:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(target))
    replaced = made.with_name("old")
    target.rename(replaced)
    made.rename(target)
