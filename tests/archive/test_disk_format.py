"""The docstring of crawler.archive names every file that an archive can hold, and none that it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import archive
from crawler.archive.runs.run_file import NO_RUN
from crawler.archive.storage.files import write_whole
from crawler.archive.storage.layout import STREAMS, Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.write.transaction import FileTransaction
from crawler.archive.write.writer import ArchiveWriter
from crawler.health import recalls
from crawler.maintenance.anchor import anchor
from crawler.maintenance.seal import seal
from harness import disk
from harness.command import citynews

RUN = r"\d{8}T\d{6}Z-[0-9a-f]{6,16}"
PARTS = {
    "portal": r"[a-z0-9-]{1,64}", "month": r"\d{4}-\d\d", "run": RUN, "number": r"\d{5}", "stream": "|".join(STREAMS),
    "database": r"(?:index|payloads)\.sqlite3", "path": ".+",
}  # fmt: skip


def patterns() -> dict[str, re.Pattern[str]]:
    """Each path of the docstring, as a pattern of the paths it stands for."""
    named = re.findall(r"(?m)^    (\S+)  ", archive.__doc__ or "")
    assert len(named) > 20
    return {
        path: re.compile(
            re.sub(r"\\?<(\w+)\\?>", lambda found: f"(?:{PARTS[found[1]]})", re.escape(path).replace(r"\-", "-"))
        )
        for path in named
    }


def matched(root: Path, used: set[str]) -> None:
    """Every file of *root* is one that the docstring names; those names are added to *used*."""
    known = patterns()
    for file in root.rglob("*"):
        if file.is_file():
            path = file.relative_to(root).as_posix()
            names = [name for name, pattern in known.items() if pattern.fullmatch(path)]
            assert names, path
            used.update(names)


@pytest.mark.slow
def test_every_file_is_named_and_every_name_is_used(archive_with_history: Path, copy: Path, tmp_path: Path) -> None:
    used: set[str] = set()
    matched(archive_with_history, used)
    again = tmp_path / "again"
    citynews("replay", copy / "warc", "--output", again, "--jobs", 1)
    citynews("adopt", again, "--output", copy)
    citynews("remove", disk.records(copy, "articles")[0]["id"], "--reason", "asked to", "--output", copy)
    file = min((copy / "articles").glob("*/*.jsonl"))
    file.write_bytes(b"x" + file.read_bytes()[1:])
    citynews("repair", "--output", copy)
    with Lock(Paths(copy).lock):
        seal(Paths(copy), datetime.now(UTC) + timedelta(days=60))
    anchor(Paths(copy), ["true"])
    recalls.note(Paths(copy), {"portal": "one", "at": "2026-01-01T00:00:00Z"})
    matched(copy, used)
    unfinished(copy, used)
    store, pulled = tmp_path / "store", tmp_path / "pulled"
    citynews("push", "--output", archive_with_history, "--store", store, "--name", "one")
    citynews("pull", "one", "--store", store, "--output", pulled)
    matched(pulled, used)
    of_two_writers = {".store.lock", "diverged/<run>/<path>"}  # tests/store makes those
    assert set(patterns()) - used == of_two_writers


def unfinished(root: Path, used: set[str]) -> None:
    """What is there only while something is written."""
    paths = Paths(root)
    writer = ArchiveWriter(root)
    writer.define("portal", "name = 'portal'")
    matched(root, used)
    writer.abandon()
    with FileTransaction(paths, NO_RUN, "seal") as change:
        change.write("runs/none", b"")
        matched(root, used)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", _die())
        with pytest.raises(KeyboardInterrupt):
            write_whole(paths.run_file("20260101T000000Z-abcdef"), b"{}")
    matched(root, used)


def _die() -> Callable[..., None]:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    return die
