"""What a module of the archive loads: a tool that asks where a file lies must not wait for hashes and processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"rensa", "fastwarc", "rapidfuzz", "multiprocessing", "sqlite3", "lxml", "scrapy", "twisted"}


@pytest.mark.parametrize(
    "module", ["crawler.archive", "crawler.archive.storage.layout", "crawler.archive.storage.errors"]
)
def test_the_facade_and_the_layout_load_nothing_heavy(module: str) -> None:
    script = (  # what measures coverage has loaded some of them before
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_processes_that_extract_for_a_crawl_or_a_replay_load_no_scrapy() -> None:
    """Each of them would pay for it at its start: as much as for all that it needs."""
    script = "import sys, crawler.crawl.workers, crawler.replay.restoring; print('scrapy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_name_of_the_facade_is_there() -> None:
    from crawler import archive  # noqa: PLC0415 - the test is about what this loads

    assert [name for name in archive.__all__ if getattr(archive, name, None) is None] == []
