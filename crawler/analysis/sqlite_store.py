"""The tables, and the search index over them, in one SQLite file that every SQLite opens.

The first filling goes in steps, each a transaction that says how far it came, so that a kill costs one step. Carrying
on is one transaction: lines that runs wrote since are read, what they touch is derived again (``derive``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self

import orjson

from crawler.analysis import changes, derive, full_text, rows
from crawler.analysis.meta import COUNTED, check, describe, read_meta
from crawler.analysis.names import STATED, PortalFacts, SourceNames
from crawler.analysis.row_batches import RowBatch, row_batches
from crawler.analysis.snapshot import ByteRange, OnProgress, Snapshot
from crawler.analysis.sqlite_schema import CREATE, INDEXES, READING, VISITS_IN_ORDER
from crawler.analysis.tables import FIELDS, META, PAGES, RUNS, SCHEMA, VERSIONS, VISITS
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.sqlite import closed_on_error

STEP = 20_000  #: lines that are written at a time; a first filling is saved after as many
#: Later versions that are not compared yet, with the ones before. CROSS JOIN: else SQLite reads all versions for a few.
UNCOMPARED = (
    "SELECT new.rowid, old.title, old.body, new.title, new.body FROM heads h CROSS JOIN versions new ON new.id = h.id"
    " CROSS JOIN versions old ON old.id = new.id AND old.revision = new.revision - 1"
    " WHERE h.revision > 1 AND new.chars_added IS NULL"
)
_KEYS = (("versions", "revision"), ("visits", "at"))


class SqliteStore:
    """The file *path*. ``fill`` brings it up to a snapshot; *search*: with the search index.

    *journal*: WAL for a file that others read meanwhile, OFF for one that is of no use if it is cut short.
    """

    def __init__(self, path: Path, *, search: bool = True, journal: Literal["DELETE", "WAL", "OFF"] = "DELETE") -> None:
        self.path, self._search = path, search
        self.db = sqlite3.connect(path, isolation_level=None)
        with closed_on_error(self.db):
            self.db.executescript(
                f"PRAGMA journal_mode={journal}; PRAGMA synchronous={'OFF' if journal == 'OFF' else 'NORMAL'};"
                # after `citynews remove` everything is made afresh: pages that are freed hold nothing that is removed
                "PRAGMA secure_delete=OFF;"
                "PRAGMA cache_size=-65536; PRAGMA temp.cache_size=-32768; PRAGMA temp_store=FILE;"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def meta(self) -> Json | None:
        """The row of meta; None in a file that is not whole, or that is none of ours."""
        return read_meta(self.db)

    def reason_to_start_afresh(self, snapshot: Snapshot) -> str | None:
        """Why what is there cannot be carried on to *snapshot*; None where it can."""
        meta = self.meta()
        if meta is None:
            return "it is not whole"
        if meta["schema"] != SCHEMA:
            return f"its tables are {meta['schema']}, those of this version {SCHEMA}"
        if meta["archive"] != snapshot.archive:
            return "it was made from another archive"
        if meta["filters"] != "{}" or meta["body"] != "text":
            return "it was made with a choice"
        if (not self._search and self._has("search")) or (self._search and not self._has("search")):
            return "it was made with another choice of search"
        return snapshot.follows(meta["run_number"], meta["run_sha256"])

    def can_go_on(self, snapshot: Snapshot) -> bool:
        """Whether a filling of this file was cut short that *snapshot* may finish."""
        try:
            row = self.db.execute("SELECT * FROM begun").fetchone()
        except sqlite3.DatabaseError:
            return False
        return row is not None and row[:2] == (SCHEMA, snapshot.archive) and snapshot.follows(*row[2:]) is None

    # -- the first filling -------------------------------------------------------------------------------------------

    def fill(
        self, snapshot: Snapshot, facts: Mapping[str, PortalFacts], on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Fills an empty file, or goes on with one whose filling was cut short. Raises DamagedError."""
        if not self._has("progress"):
            index = f"{full_text.CREATE_SEARCH};" if self._search else ""
            self.db.executescript(f"BEGIN; {CREATE} {READING} {index} COMMIT;")
            self.db.execute(
                "INSERT INTO begun VALUES (?,?,?,?)", (SCHEMA, snapshot.archive, snapshot.number, snapshot.sha256)
            )
        if not self._has("pages"):
            self._read_all(snapshot, on_progress)
            self.db.execute("BEGIN")
            self._index_keys()
            self._derive(snapshot, facts, fresh=True)
            self.script(INDEXES["after"])
            self.db.execute("UPDATE begun SET run_number = ?, run_sha256 = ?", (snapshot.number, snapshot.sha256))
            self.db.execute("COMMIT")
        else:
            (number,) = self.db.execute("SELECT run_number FROM begun").fetchone()
            snapshot = Snapshot.of(snapshot.paths, until=number)
        if self._search:
            full_text.index_all(self.db, on_progress, resumable=True)
        self.db.execute("BEGIN")
        self._describe(snapshot)
        self.script("DROP TABLE progress; DROP TABLE begun;")
        self.db.execute("COMMIT")
        self.db.execute("ANALYZE")

    def _read_all(self, snapshot: Snapshot, on_progress: OnProgress) -> None:
        ranges = snapshot.ranges()
        total = sum(byte_range.end for byte_range in ranges)
        reached = dict(self.db.execute("SELECT path, reached FROM progress"))
        read, unsaved = sum(reached.values()), 0
        self.db.execute("BEGIN")
        for span in ranges:
            begin = reached.get(span.path, 0)
            for done, batch in row_batches(snapshot, ByteRange(span.path, begin, span.end), STEP):
                self._write(batch, span.path, done)
                read, begin, unsaved = read + done - begin, done, unsaved + len(batch)
                if unsaved >= STEP:
                    self.db.execute("COMMIT")
                    on_progress(read, total)
                    self.db.execute("BEGIN")
                    unsaved = 0
        self.db.execute("COMMIT")

    def _index_keys(self) -> None:
        """The keys of what was read, once it is all there. Raises DamagedError."""
        try:
            self.script(INDEXES["before"])
        except sqlite3.IntegrityError as error:
            twice = "SELECT id FROM {} GROUP BY id, {} HAVING count(*) > 1 LIMIT 1"
            found = next(filter(None, (self.db.execute(twice.format(*key)).fetchone() for key in _KEYS)))
            raise DamagedError(f"{found[0]} is archived twice; run `citynews verify`") from error

    # -- carrying on -------------------------------------------------------------------------------------------------

    def carry_on(
        self, snapshot: Snapshot, facts: Mapping[str, PortalFacts], on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Adds what runs wrote since, in one transaction. Raises DamagedError."""
        meta = self.meta()
        assert meta is not None
        if meta["run"] == snapshot.run:
            return
        ranges = snapshot.ranges(since=meta["run_number"])
        total, read = sum(byte_range.end - byte_range.start for byte_range in ranges), 0
        self.db.execute("BEGIN")
        try:
            self.script(READING.replace("CREATE TABLE", "CREATE TEMP TABLE"))
            for span in ranges:
                begin = span.start
                for done, batch in row_batches(snapshot, span, STEP):
                    self._write(batch, span.path, done)
                    self._touch(batch)
                    read, begin = read + done - begin, done
                    on_progress(read, total)
            self._derive(snapshot, facts, fresh=False)
            self._describe(snapshot)
            self.script("DROP TABLE temp.progress; DROP TABLE temp.begun;")
            self.db.execute("COMMIT")
        except BaseException:  # an interruption too: the tables stay as they were
            self.db.execute("ROLLBACK")
            raise

    # -- both --------------------------------------------------------------------------------------------------------

    def _write(self, batch: RowBatch, path: str, reached: int) -> None:
        many = self.db.executemany
        try:
            many(f"INSERT INTO new_heads VALUES ({_marks(rows.HEAD)})", batch.heads)
            many(f"INSERT INTO new_pairs VALUES ({_marks(rows.PAIR)})", batch.pairs)
            many("INSERT INTO new_links VALUES (?,?,?,?,?,?,?)", batch.links)
            many(f"INSERT INTO versions VALUES ({_marks(VERSIONS.names)})", batch.versions)
            many(f"INSERT INTO visits VALUES ({_marks(VISITS.names)})", batch.visits)
        except sqlite3.IntegrityError as error:
            raise DamagedError(
                f"{path}: before byte {reached}: occurs twice: {error}; run `citynews verify`"
            ) from error
        many(
            "INSERT INTO field_counts VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET pages = pages + excluded.pages",
            ((*key, count) for key, count in batch.counts.items()),
        )
        many(
            "INSERT INTO line_counts VALUES (?,?,?) ON CONFLICT DO UPDATE"
            " SET lines = lines + excluded.lines, removed = removed + excluded.removed",
            ((stream, count, batch.buried[stream]) for stream, count in batch.lines.items()),
        )
        self.db.execute("INSERT OR REPLACE INTO progress VALUES (?,?)", (path, reached))

    def _touch(self, batch: RowBatch) -> None:
        for rows_read in (batch.heads, batch.visits):
            self.db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((row[0],) for row in rows_read))

    def _derive(self, snapshot: Snapshot, facts: Mapping[str, PortalFacts], *, fresh: bool) -> None:
        if fresh:
            self.script(INDEXES["pages"])
        self._name(facts)
        self.script(f"{derive.WIDEN} {derive.LATEST} CREATE TEMP TABLE heads AS {derive.HEADS};")
        if fresh:
            self.script(VISITS_IN_ORDER)
        self.script(derive.SEEN + derive.PAIRS)
        if fresh:
            self.script("DROP TABLE temp.visits")
        self.script(
            "CREATE UNIQUE INDEX temp.heads_id ON heads (id); CREATE INDEX temp.pairs_id ON pairs (duplicate_id);"
        )
        self._compare_versions()
        old = full_text.outdated_texts(self.db) if self._search and not fresh else {}
        self.script(derive.CLEAR_COPIES + derive.CLEAR_LINKS)
        names = ", ".join(PAGES.names)
        kept = ", ".join(f"{name} = excluded.{name}" for name in PAGES.names[1:])
        self.db.execute(
            f"INSERT INTO pages ({names}) {derive.page_rows()} WHERE true ORDER BY h.first_fetched_at, h.id"
            f" ON CONFLICT (id) DO UPDATE SET {kept}"
        )
        self.script(derive.ARRIVED + derive.ADD_LINKS + derive.ADD_COPIES)
        if self._search and not fresh:
            full_text.index_new(self.db, old)
        self.script(f"DROP TABLE temp.heads; {derive.FORGET}")
        for name in ("new_heads", "new_pairs", "new_links", "touched", "sources"):
            self.db.execute(f"DROP TABLE {name}")
        self._count_up(snapshot)

    def _name(self, facts: Mapping[str, PortalFacts]) -> None:
        """Portals and sources as they are called now; pages whose portal or source is called otherwise are touched."""
        before = self.db.execute("SELECT portal, title, home, domains FROM portals").fetchall()
        self.db.execute("DELETE FROM portals")
        self.db.executemany(
            f"INSERT INTO portals ({', '.join(STATED)}) VALUES ({_marks(STATED)})",
            ([rows.as_json(v) if isinstance(v, tuple) else v for v in f.row] for f in facts.values()),
        )
        names = SourceNames(facts)
        known = self.db.execute(
            "SELECT portal, source FROM new_heads WHERE source IS NOT NULL"
            " UNION SELECT portal, source FROM pages WHERE source IS NOT NULL"
        )
        self.db.executemany("INSERT INTO sources VALUES (?,?,?,?)", [(p, s, *names.read(p, s)) for p, s in known])
        if before != self.db.execute("SELECT portal, title, home, domains FROM portals").fetchall():
            self.db.execute(
                "INSERT OR IGNORE INTO touched SELECT p.id FROM pages p LEFT JOIN sources s ON s.portal = p.portal"
                " AND s.source = p.source JOIN portals t ON t.portal = p.portal WHERE p.portal_title <> t.title"
                " OR p.source_norm IS NOT s.source_norm OR p.source_portal IS NOT s.source_portal"
            )

    def _compare_versions(self) -> None:
        """Counts what later versions added and took away."""
        counted = [(*changes.count(*texts), rowid) for rowid, *texts in self.db.execute(UNCOMPARED)]
        self.db.executemany("UPDATE versions SET chars_added = ?, chars_removed = ? WHERE rowid = ?", counted)

    def _count_up(self, snapshot: Snapshot) -> None:
        """The small tables, whole."""
        self.script(
            "UPDATE portals SET articles = 0, copies = 0, visits = 0;"
            " UPDATE portals SET articles = c.articles, copies = c.copies, first_fetched_at = c.first FROM ("
            "  SELECT portal, sum(kind = 'article') AS articles, sum(kind = 'copy') AS copies,"
            "   min(first_fetched_at) AS first FROM pages GROUP BY portal) AS c WHERE c.portal = portals.portal;"
            " UPDATE portals SET visits = c.visits, last_visit_at = c.last FROM (SELECT portal, count(*) AS visits,"
            "  max(at) AS last FROM visits GROUP BY portal) AS c WHERE c.portal = portals.portal;"
            " DELETE FROM fields; DELETE FROM runs;"
        )
        counted: dict[tuple[str, str, str], dict[str, int]] = {}
        for portal, month, name, how, count in self.db.execute("SELECT * FROM field_counts ORDER BY 1, 2, 3, 4"):
            counted.setdefault((portal, month, name), {})[how] = count
        self.db.executemany(f"INSERT INTO fields VALUES ({_marks(FIELDS.names)})", map(_field, counted.items()))
        self.db.executemany(
            f"INSERT INTO runs VALUES ({_marks(RUNS.names)})",
            ([rows.as_json(v) if isinstance(v, list) else v for v in run.values()] for run in snapshot.runs),
        )

    def _describe(self, snapshot: Snapshot) -> None:
        """Writes meta. Raises DamagedError where the tables do not add up to the lines that were read."""
        lines = {stream: (count, removed) for stream, count, removed in self.db.execute("SELECT * FROM line_counts")}
        values = describe(snapshot, lines)
        values["pages"] = self.db.execute("SELECT count(*) FROM pages").fetchone()[0]
        self.db.execute("DELETE FROM meta")
        self.db.execute(f"INSERT INTO meta VALUES ({_marks(META.names)})", [values[name] for name in META.names])
        check(dict(self.db.execute(COUNTED)), values)

    def script(self, script: str) -> None:
        """Runs the statements of *script* in the transaction under way (executescript would end it)."""
        for statement in script.split(";"):
            if statement.strip():
                self.db.execute(statement)

    def _has(self, name: str) -> bool:
        return self.db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _field(counted: tuple[tuple[str, str, str], dict[str, int]]) -> tuple[object, ...]:
    (portal, month, name), hows = counted
    found = {how: count for how, count in hows.items() if how}
    return portal, month, name, sum(found.values()), sum(hows.values()), orjson.dumps(found).decode()


def _marks(names: Iterable[str]) -> str:
    return ",".join("?" for _ in names)
