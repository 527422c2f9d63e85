"""Lines that do not fit into memory, in temporary databases on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.archive.storage.scratch import Scratch


class SortedLines:
    """Lines in the order of their bytes, each once."""

    def __init__(self) -> None:
        self._db = Scratch("CREATE TABLE lines (line BLOB);")

    def extend(self, lines: Iterable[bytes]) -> None:
        self._db.executemany("INSERT INTO lines VALUES (?)", ((line,) for line in lines))

    def __iter__(self) -> Iterator[bytes]:
        for (line,) in self._db.execute("SELECT DISTINCT line FROM lines ORDER BY line"):
            yield line


class OrderedLines:
    """Lines in the order given with each, no two with the same key."""

    def __init__(self) -> None:
        self._db = Scratch(
            "CREATE TABLE lines (sequence INTEGER, kind INTEGER, number INTEGER, key TEXT UNIQUE, line BLOB);"
        )

    def add(self, order: tuple[int, int, int], key: str, line: bytes) -> bool:
        """Takes *line*; False where another one with its *key* is there already."""
        row = (*order, key, line)
        return self._db.execute("INSERT OR IGNORE INTO lines VALUES (?,?,?,?,?)", row).rowcount == 1

    def __bool__(self) -> bool:
        return self._db.execute("SELECT 1 FROM lines LIMIT 1").fetchone() is not None

    def __iter__(self) -> Iterator[bytes]:
        for (line,) in self._db.execute("SELECT line FROM lines ORDER BY sequence, kind, number"):
            yield line
