"""The band keys of archived bodies, in tables that grow like the levels of a log-structured merge tree.

Keys lie anywhere in a table that is ordered by them, 64 for each body. While a body is young its keys are one row, and
are looked up in memory; when there are many such rows they are merged, in the order of the keys, into the next larger
table, and that into the next. So an insertion changes one page of the file, whatever the archive's size, and a look-up
asks a handful of tables (O'Neil and others 1996). What is found depends on what was inserted, not on the order, nor on
which table holds it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crawler.archive.storage.sqlite import Database

YOUNG = 2048 * 64  #: keys of young bodies; in memory they take 100 bytes each
RATIO = 8  #: each table is so many times larger than the one below it
LEVELS = 6  #: the smallest, near_0, is filled in a merge only
PATIENCE = 2  #: within a run there may be so many times more: a merge takes seconds
MOST_OF_A_KEY = 64  #: articles that are looked at for one key

_TABLE = "CREATE TABLE {} (key INTEGER NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (key, doc)) WITHOUT ROWID;\n"
TABLES = "".join(_TABLE.format(f"near_{level}") for level in range(LEVELS)) + (
    "CREATE TABLE near_rows (level INTEGER PRIMARY KEY, count INTEGER NOT NULL);\n"
    "CREATE TABLE near_young (doc INTEGER NOT NULL, keys BLOB NOT NULL, PRIMARY KEY (doc, keys)) WITHOUT ROWID;\n"
)


class YoungKeys:
    """Key -> the docs that have it, of bodies that are in no larger table yet. Few keys have more than one."""

    def __init__(self) -> None:
        self._one: dict[int, int] = {}
        self._more: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, keys: Sequence[int], doc: int) -> None:
        for key in keys:
            if self._one.setdefault(key, doc) != doc:
                self._more[key].add(doc)

    def of(self, keys: Iterable[int]) -> dict[int, set[int]]:
        """Key -> the docs that have it, of those of *keys* that any has."""
        one, more = self._one, self._more
        return {key: {one[key], *more.get(key, ())} for key in keys if key in one}

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(key, doc), each pair once, in order."""
        for key, docs in self.of(sorted(self._one)).items():
            for doc in sorted(docs):
                yield key, doc


class BandTable:
    """The tables above in *database*: which articles (doc: 64 bits) have which keys (64 bits)."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._count: int | None = None  # keys of young bodies, once they have been counted
        self._read: YoungKeys | None = None  # what these are, once that was asked for
        self._levels: list[int] | None = None  # the larger tables that hold anything

    def insert(self, keys: Sequence[int], doc: int) -> None:
        """Notes that *doc* has *keys*; what is known already is passed over."""
        if not keys:
            return
        count, young = self._count_young(), self._young()
        self._db.do("INSERT OR IGNORE INTO near_young VALUES (?,?)", (doc, array("q", keys).tobytes()))
        self._count = count + len(keys)
        young.add(keys, doc)
        if self._count >= YOUNG * PATIENCE:
            self.settle()

    def holders(self, keys: Sequence[int]) -> dict[int, list[int]]:
        """Key -> the docs that have it, of each the 64 lowest: a key that more have is a phrase of their beat."""
        found = self._young().of(keys)
        for level in self._filled():
            for key, doc in self._rows(f"near_{level}", keys):
                found.setdefault(key, set()).add(doc)
        return {key: sorted(docs)[:MOST_OF_A_KEY] for key, docs in found.items()}

    def settle(self) -> None:
        """Merges the young keys into the first larger table with space for them, if they are many."""
        if self._count_young() < YOUNG:
            return
        rows = dict(self._db.all("SELECT level, count FROM near_rows")) | {0: self._count_young()}
        level, total = 1, rows[0] + rows.get(1, 0)
        while level < LEVELS - 1 and total > YOUNG * RATIO**level:
            level += 1
            total += rows.get(level, 0)
        self._db.do_many("INSERT INTO near_0 VALUES (?,?)", self._young())
        self._merge(level)
        self._db.do("DELETE FROM near_young")
        self._count, self._read, self._levels = 0, None, None

    def _merge(self, level: int) -> None:
        """All tables up to *level* become that one."""
        parts = " UNION ".join(f"SELECT key, doc FROM near_{band}" for band in range(level + 1))  # noqa: S608 - our own names
        self._db.do(_TABLE.format("near_merged"))
        self._db.do(f"INSERT INTO near_merged {parts} ORDER BY key, doc")
        (count,) = self._db.one("SELECT changes()")
        for band in range(level + 1):
            self._db.do(f"DROP TABLE near_{band}")
            if band < level:
                self._db.do(_TABLE.format(f"near_{band}"))
                self._db.do("DELETE FROM near_rows WHERE level=?", (band,))
        self._db.do(f"ALTER TABLE near_merged RENAME TO near_{level}")
        self._db.do("INSERT INTO near_rows VALUES (?,?) ON CONFLICT (level) DO UPDATE SET count=excluded.count",
                    (level, count))  # fmt: skip

    def _rows(self, table: str, keys: Sequence[int]) -> list[tuple[int, int]]:
        """(key, doc) of *keys* in *table*; of a key that very many have at least the lowest 64."""
        marks, most = ",".join("?" * len(keys)), len(keys) * MOST_OF_A_KEY
        query = f"SELECT key, doc FROM {table} WHERE key IN ({marks}) LIMIT {most}"  # noqa: S608 - our own names
        rows: list[tuple[int, int]] = self._db.all(query, tuple(keys))
        if len(rows) < most:
            return rows
        one = f"SELECT key, doc FROM {table} WHERE key=? ORDER BY doc LIMIT {MOST_OF_A_KEY}"  # noqa: S608 - our own names
        return [row for key in keys for row in self._db.all(one, (key,))]

    def _filled(self) -> list[int]:
        """The levels of the larger tables that hold anything."""
        if self._levels is None:
            self._levels = [int(level) for (level,) in self._db.all("SELECT level FROM near_rows ORDER BY level")]
        return self._levels

    def _young(self) -> YoungKeys:
        if self._read is None:
            self._read = YoungKeys()
            for doc, keys in self._db.all("SELECT doc, keys FROM near_young"):
                self._read.add(array("q", keys), doc)
        return self._read

    def _count_young(self) -> int:
        if self._count is None:
            self._count = int(self._db.one("SELECT coalesce(sum(length(keys)), 0) / 8 FROM near_young")[0])
        return self._count
