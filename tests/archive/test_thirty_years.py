"""An archive explains itself: formats.md lies in it, and the program printed there reads every record and its page."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from harness import disk
from harness.command import CHECKOUT


def reader(root: Path) -> str:
    """The program in the formats.md of the archive *root*."""
    text = (root / "formats.md").read_text("utf-8").partition("## Reading without the program")[2]
    return text.partition("```python\n")[2].partition("```")[0]


def printed(root: Path, program: Path) -> list[Any]:
    """What the program in the formats.md of *root* prints of it."""
    program.write_text(reader(root), "utf-8")
    command = [sys.executable, "-I", "-S", str(program), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_page_of_python_reads_every_record_with_its_page(archive_with_history: Path, tmp_path: Path) -> None:
    assert sum(1 for line in reader(archive_with_history).splitlines() if line.strip()) <= 60
    read = printed(archive_with_history, tmp_path / "reader.py")
    records = [
        record
        for stream in ("articles", "revisions", "duplicates")
        for record in disk.records(archive_with_history, stream)
    ]
    assert sorted(record["id"] for record in read) == sorted(record["id"] for record in records)
    for record in read:
        assert record["page"] is not None
        assert squashed(record["title"])[:8] in squashed(html.unescape(record["page"])), record["id"]


def test_it_reads_sealed_months_and_passes_over_what_was_removed(copy: Path, tmp_path: Path) -> None:
    before = printed(copy, tmp_path / "reader.py")
    gone = disk.records(copy, "articles")[0]["id"]
    with Lock(Paths(copy).lock):
        assert remove(Paths(copy), gone, "asked to").run
        assert seal(Paths(copy), datetime.now(UTC) + timedelta(days=60)).run
    assert printed(copy, tmp_path / "reader.py") == [record for record in before if record["id"] != gone]


def squashed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_formats_is_that_of_the_version_that_writes(copy: Path) -> None:
    from crawler.archive.write.archive_readme import explain  # noqa: PLC0415

    written = (CHECKOUT / "docs" / "formats.md").read_bytes()
    assert (copy / "formats.md").read_bytes() == written
    (copy / "formats.md").write_text("of an older version")
    explain(copy)
    assert (copy / "formats.md").read_bytes() == written
