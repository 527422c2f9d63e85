"""Stores of two kinds: a folder, and a bucket on an S3 server of this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from crawler.archive.storage.objects import Objects
from harness.stores import KEYS, s3_server

_numbers = count()
MakeStore = Callable[[], Objects]


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server with the bucket ``news``."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty store: a folder, then a bucket."""
    if request.param == "folder":
        return Objects(str(tmp_path / "store"), make=True)
    return Objects(f"s3://news/test-{os.getpid()}-{next(_numbers)}", endpoint=request.getfixturevalue("s3"))


@pytest.fixture
def folder(tmp_path: Path) -> Objects:
    """An empty store in a folder."""
    return Objects(str(tmp_path / "store"), make=True)


@pytest.fixture
def bucket(s3: str) -> Objects:
    """An empty store in a bucket."""
    return Objects(f"s3://news/test-{os.getpid()}-{next(_numbers)}", endpoint=s3)
