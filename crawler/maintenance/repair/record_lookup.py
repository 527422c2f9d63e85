"""What repair needs to know about the whole archive, in a temporary SQLite file.

The notes of verify, and besides: which record stood where, by everything that names one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from crawler.archive.records import decisions, jsonl, requisites
from crawler.archive.records.jsonl import Json
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import intact_records
from crawler.article import WarcRef
from crawler.maintenance.verify.cross_index import CrossIndex

_ANCHORS = "CREATE TABLE anchors (file TEXT, record_id TEXT, offset INTEGER, length INTEGER, url TEXT)"
_LINES = "CREATE TABLE bytes (sha256 TEXT, path TEXT, offset INTEGER, length INTEGER)"


class RecordLookup(CrossIndex):
    """Notes in the new file *path*, with anchors, places of lines and places of decisions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        for table in (_ANCHORS, _LINES):
            self.db.execute(table)

    # -- records -----------------------------------------------------------------------------------------------------

    def anchor(self, ref: WarcRef, url: str) -> None:
        """Something names a record at *ref*."""
        row = (ref.file, ref.record_id, ref.offset, ref.length, url)
        self.db.execute("INSERT INTO anchors VALUES (?,?,?,?,?)", row)

    def read_warc(self, path: Path) -> None:
        """The decisions that can be read in the WARC file *path*; the records that they name, and requisites."""
        for record in intact_records(path, lambda _: None):
            said = requisites.parse(record)
            if said is not None and said["schema"] == requisites.ASKED and said["warc"] is not None:
                self.anchor(WarcRef.of(said["warc"]), said["answered"] or said["url"])
            found = decisions.parse(record)
            if found is None:
                continue
            self.decision(found, str(path), record.offset, record.length)
            if found["schema"] == decisions.VOID:
                continue
            for place in found["captures"]:
                self.anchor(WarcRef.of(place), place["url"])
            if found["definition"]:
                self.anchor(WarcRef.of(found["definition"]), f"urn:citynews:portal:{found['portal']}")

    def read_cdxj(self, path: Path, warc: str) -> None:
        """The places that the CDXJ file *path* gives of answers in the WARC file *warc*."""
        with path.open("rb") as file:
            for line in file:
                try:
                    fields = orjson.loads(line[line.index(b"{") :])
                    ref = WarcRef(warc, int(fields["offset"]), int(fields["length"]), "", "")
                    self.anchor(ref, str(fields["url"]))
                except (ValueError, KeyError, TypeError):
                    continue  # a damaged line of an index that is rebuilt anyway

    def read_lines(self, files: Iterable[Path]) -> None:
        """The records that lines name: their decisions may be lost."""
        for path in files:
            for _, line in raw_lines(path):
                try:
                    record = jsonl.decode(line)
                    self.anchor(WarcRef.of(record["warc"]), record["url"])
                except (DamagedError, KeyError, TypeError):
                    continue

    def index_anchors(self) -> None:
        """All that names records is read."""
        self.db.execute("CREATE INDEX anchors_file ON anchors (file)")
        self.db.execute("CREATE INDEX anchors_id ON anchors (record_id)")

    def anchors(self, name: str) -> dict[str, tuple[int, int]]:
        """Record id -> offset and length, of those in the WARC file *name*."""
        query = "SELECT record_id, offset, length FROM anchors WHERE file=? AND record_id<>''"
        return {record_id: (offset, length) for record_id, offset, length in self.db.execute(query, (name,))}

    def unnamed(self, name: str) -> dict[tuple[str, int], int]:
        """(url, length) -> offset, of the answers that only the CDXJ knows, where no two are alike."""
        query = (
            "SELECT url, length, min(offset) FROM anchors WHERE file=? AND record_id=''"
            " GROUP BY url, length HAVING count(*) = 1"
        )
        return {(url, length): offset for url, length, offset in self.db.execute(query, (name,))}

    def stood(self, name: str) -> list[tuple[int, int, str]]:
        """(offset, length, url) of everything that is named in the WARC file *name*, in order."""
        query = "SELECT DISTINCT offset, length, max(url) FROM anchors WHERE file=? GROUP BY offset ORDER BY offset"
        return list(self.db.execute(query, (name,)))

    def url_of(self, record_id: str) -> str | None:
        """The address of a record."""
        row = self.db.execute("SELECT url FROM anchors WHERE record_id=? LIMIT 1", (record_id,)).fetchone()
        return row[0] if row else None

    # -- lines -------------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """All WARC files are read."""
        self.effective()
        self.db.execute("CREATE INDEX holds_file ON holds (file, sequence)")
        self.db.execute("CREATE INDEX holds_sequence ON holds (sequence)")
        self.db.execute("CREATE INDEX bytes_sha256 ON bytes (sha256)")
        self.index_anchors()

    def promised(self, sha256: str) -> tuple[str, int] | None:
        """The month file and the sequence number under which a decision says the line."""
        row = self.db.execute("SELECT file, sequence FROM holds WHERE sha256=? LIMIT 1", (sha256,)).fetchone()
        return (row[0], row[1]) if row else None

    def promises(self, path: str) -> Iterator[tuple[int, str, str]]:
        """(sequence, sha256, url) of every line that decisions say of the month file *path*, in order."""
        query = "SELECT sequence, sha256, url FROM holds WHERE file=? ORDER BY sequence"
        yield from self.db.execute(query, (path,))

    def months(self) -> set[str]:
        """Every month file that a decision names."""
        return {row[0] for row in self.db.execute("SELECT DISTINCT file FROM holds")}

    def lacking(self, known: set[str]) -> set[str]:
        """The month files of which a line is nowhere, besides those of *known*, which are lost for good."""
        query = "SELECT file, sha256 FROM holds WHERE sha256 NOT IN (SELECT sha256 FROM bytes)"
        return {file for file, sha256 in self.db.execute(query) if sha256 not in known}

    def says(self, sha256: str) -> Json:
        """Sequence number and address of the decision that says the line."""
        row = self.db.execute("SELECT sequence, url FROM holds WHERE sha256=? LIMIT 1", (sha256,)).fetchone()
        return {"sequence": row[0], "url": row[1]} if row else {"sequence": None, "url": None}

    def bytes_of(self, sha256: str, path: Path, offset: int, length: int) -> None:
        """The line lies there, whole."""
        self.db.execute("INSERT INTO bytes VALUES (?,?,?,?)", (sha256, str(path), offset, length))

    def where(self, sha256: str) -> tuple[Path, int, int] | None:
        """Where the line lies, whole."""
        query = "SELECT path, offset, length FROM bytes WHERE sha256=? LIMIT 1"
        row = self.db.execute(query, (sha256,)).fetchone()
        return (Path(row[0]), row[1], row[2]) if row else None

    def decisions(self, up_to: int) -> Iterator[tuple[Path, int, int]]:
        """(file, offset, length) of the decisions that hold, in the order of their sequence, up to number *up_to*."""
        query = "SELECT file, offset, length FROM effective WHERE sequence <= ? ORDER BY sequence"
        for path, offset, length in self.db.execute(query, (up_to,)):
            yield Path(path), offset, length


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(offset, line) of all that can be read of *path*, open or sealed; the last one may lack its line feed."""
    if not path.exists():
        return
    if not month_file.is_sealed(path):
        with path.open("rb") as file:
            offset = 0
            for line in file:
                yield offset, line
                offset += len(line)
        return
    offset, rest = 0, b""
    for begin, block in month_file.blocks(path, lambda _: None):
        if begin != offset + len(rest):  # a block between is lost, and with it what began or ended in it
            if rest:
                yield offset, rest
            offset, rest = begin, b""
        *found, rest = (rest + block).split(b"\n")
        for line in found:
            yield offset, line + b"\n"
            offset += len(line) + 1
    if rest:
        yield offset, rest
