"""The band keys of archived bodies, in tables that grow like the levels of a log-structured merge tree.

Keys lie anywhere in their table, 64 for each body. A small table takes them while they are young; when it is full it is
merged, in the order of the keys, into the next larger one, and that into the next. So an insertion touches pages that
are in memory, whatever the archive's size, and a look-up asks a handful of tables (O'Neil and others 1996). What is
found depends on what was inserted, not on the order, nor on which table holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.archive.storage.sqlite import Database

YOUNG = 2048 * 64  #: rows of the smallest table: bodies times keys
RATIO = 8  #: each table is so many times larger than the one below it
LEVELS = 6
PATIENCE = 4  #: within a run the smallest table may grow to so many times its size: a merge takes seconds
MOST_OF_A_KEY = 64  #: articles that are looked at for one key

_TABLE = "CREATE TABLE {} (key INTEGER NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (key, doc)) WITHOUT ROWID;\n"
TABLES = "".join(_TABLE.format(f"near_{level}") for level in range(LEVELS)) + (
    "CREATE TABLE near_rows (level INTEGER PRIMARY KEY, count INTEGER NOT NULL);\n"
)


class BandTable:
    """The tables above in *database*: which articles (doc: 64 bits) have which keys (64 bits)."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._young: int | None = None  # rows of the smallest table, once they have been counted

    def insert(self, keys: Sequence[int], doc: int) -> None:
        """Notes that *doc* has *keys*; what is known already is passed over."""
        self._db.do_many("INSERT OR IGNORE INTO near_0 VALUES (?,?)", [(key, doc) for key in keys])
        self._young = self._count_young() + len(keys)
        if self._young >= YOUNG * PATIENCE:
            self.settle()

    def holders(self, keys: Sequence[int]) -> dict[int, list[int]]:
        """Key -> the docs that have it, of each the 64 lowest: a key that more have is a phrase of their beat."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for level in (0, *self._filled()):
            for key, doc in self._rows(f"near_{level}", keys):
                found[key].add(doc)
        return {key: sorted(docs)[:MOST_OF_A_KEY] for key, docs in found.items()}

    def settle(self) -> None:
        """Merges the smallest table into the first larger one with space for it, if it is full."""
        if self._count_young() < YOUNG:
            return
        rows = dict(self._db.all("SELECT level, count FROM near_rows")) | {0: self._count_young()}
        level, total = 1, rows[0] + rows.get(1, 0)
        while level < LEVELS - 1 and total > YOUNG * RATIO**level:
            level += 1
            total += rows.get(level, 0)
        self._merge(level)
        self._young = 0

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
        return [int(level) for (level,) in self._db.all("SELECT level FROM near_rows ORDER BY level")]

    def _count_young(self) -> int:
        if self._young is None:
            self._young = int(self._db.one("SELECT count(*) FROM near_0")[0])
        return self._young
