"""One archive whose truth is known, made once a process, and its index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.analysis.search_index import SearchIndex
from crawler.analysis.tables import TABLES
from harness import truth


@dataclass(frozen=True, slots=True)
class Known:
    """An archive, and what stands in it. To be read only."""

    root: Path
    truth: truth.Truth
    index: Path


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("known")
    invented = truth.invent(260, 30)
    for _ in truth.live(invented, folder / "archive", range(0, 60, 6)):
        pass
    SearchIndex(folder / "archive", folder / "index.sqlite3").bring_up()
    return Known(folder / "archive", invented, folder / "index.sqlite3")


@pytest.fixture
def db(known: Known) -> Iterator[sqlite3.Connection]:
    connection = SearchIndex(known.root, known.index).open()
    yield connection
    connection.close()


def tables(path: Path) -> dict[str, list[Any]]:
    """Every table but meta, and every token of the search index, sorted; without the numbers that rows have."""
    found = {}
    with closing(sqlite3.connect(path)) as db:
        for table in TABLES[:-1]:
            columns = ", ".join(f'"{name}"' for name in table.names)
            found[table.name] = sorted(db.execute(f"SELECT {columns} FROM {table.name}"), key=repr)
        db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, 'instance')")
        words = "SELECT w.term, p.id, w.col, w.offset FROM temp.words w LEFT JOIN pages p ON p.n = w.doc"
        found["search"] = sorted(db.execute(words), key=repr)
    return found
