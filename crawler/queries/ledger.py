"""What of a saved query was sent where: queries/NAME.json in the archive, outside of what runs wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from crawler.analysis.changes_since import START
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.files import write_whole
from crawler.archive.storage.layout import Paths
from crawler.exit_codes import UsageError
from crawler.queries import atom

SCHEMA = "citynews/query/1"
KEPT = 200  #: entries of a feed


@dataclass(slots=True)
class Cursor:
    """How far one way of sending has come."""

    run: str = START  #: all matches up to this run are sent
    sent: list[str] = field(default_factory=list)  #: ``id/revision`` of those after it that are sent too


@dataclass(slots=True)
class Ledger:
    """The file of the query *name*."""

    name: str
    title: str
    archive: str | None  #: id of the archive; None before its first run
    feed: str | None = None  #: where the feed lies; None for beside this file
    updated: str | None = None
    cursors: dict[str, Cursor] = field(default_factory=dict)  #: atom, webhook, command
    entries: list[Json] = field(default_factory=list)  #: of the feed, the newest first

    def save(self, paths: Paths) -> None:
        """Writes the file. Raises StorageError."""
        data = {"schema": SCHEMA} | asdict(self)
        write_whole(_file(paths, self.name), orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")

    def add(self, found: list[Json], updated: str) -> None:
        """Puts *found*, the oldest first, into the feed; a later version takes the place of an earlier one."""
        known = {entry["id"]: entry for entry in [*reversed(self.entries), *found]}
        ordered = [known[ident] for ident in dict.fromkeys(entry["id"] for entry in [*reversed(found), *self.entries])]
        self.entries, self.updated = ordered[:KEPT], updated

    def write_feed(self, paths: Paths) -> Path:
        """Writes the feed; where it lies. Raises StorageError."""
        path = self.feed_path(paths)
        write_whole(path, atom.feed(self.archive or "", self.name, self.title, self.updated, self.entries))
        return path

    def feed_path(self, paths: Paths) -> Path:
        """Where the feed lies."""
        return Path(self.feed) if self.feed else paths.queries / f"{self.name}.atom"


def load(paths: Paths, name: str) -> Ledger | None:
    """What is noted of the query *name*; None where nothing is. Raises UsageError."""
    path = _file(paths, name)
    if not path.exists():
        return None
    try:
        values = orjson.loads(path.read_bytes())
        if values.pop("schema") != SCHEMA:
            raise ValueError("not of this version")
        cursors = {way: Cursor(**cursor) for way, cursor in values.pop("cursors").items()}
        return Ledger(**values, cursors=cursors)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: not a query's state file ({error}); if you delete it, the query starts after the last run"
        ) from error


def ledgers(paths: Paths) -> Iterator[Ledger]:
    """All that are there. Raises UsageError."""
    for path in sorted(paths.queries.glob("*.json")):
        if (ledger := load(paths, path.stem)) is not None:
            yield ledger


def forget(paths: Paths, ident: str) -> list[Path]:
    """Takes the page *ident* out of all feeds; those that had it. Raises UsageError, StorageError."""
    changed = []
    for ledger in ledgers(paths):
        kept = [entry for entry in ledger.entries if entry["id"] != ident]
        if len(kept) < len(ledger.entries):
            ledger.entries = kept
            ledger.save(paths)
            changed.append(ledger.write_feed(paths))
    return changed


def _file(paths: Paths, name: str) -> Path:
    return paths.queries / f"{name}.json"
