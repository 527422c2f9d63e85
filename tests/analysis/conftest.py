"""One archive whose truth is known, made once a process, and its index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.analysis.index import Index
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
    Index(folder / "archive", folder / "index.sqlite3").bring_up()
    return Known(folder / "archive", invented, folder / "index.sqlite3")


@pytest.fixture
def db(known: Known) -> Iterator[sqlite3.Connection]:
    connection = Index(known.root, known.index).open()
    yield connection
    connection.close()
