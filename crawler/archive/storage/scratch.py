"""Temporary SQLite tables."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


class Scratch:
    """Tables that are thrown away: in the new file *path*, or in one of SQLite's own in the folder for temporary files.

    Nothing is synced. A file of SQLite's own is gone once it is closed, which happens with its owner at the latest.
    """

    def __init__(self, tables: str, path: Path | None = None) -> None:
        self._db = sqlite3.connect("" if path is None else path, isolation_level=None)
        self._close = weakref.finalize(self, self._db.close)
        pragmas = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;"
        self._db.executescript(f"{pragmas} {tables} BEGIN;")

    def execute(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs *query*; its rows come one by one."""
        return self._db.execute(query, values)

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Runs *query* with each of *rows*."""
        self._db.executemany(query, rows)

    def executescript(self, script: str) -> None:
        """Runs the statements of *script* inside the transaction that is open."""
        for statement in script.split(";"):
            self._db.execute(statement)

    def close(self) -> None:
        """Writes down what a file of its own holds, and closes; closing twice is allowed."""
        if self._close.alive and self._db.in_transaction:
            self._db.execute("COMMIT")
        self._close()
