"""The examples of docs/analysis.md where the first 200 lines have null in every field that may be null."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from crawler.archive.records.jsonl import encode
from crawler.archive.records.schema import TYPES
from harness import disk
from tests.docs.conftest import run
from tests.docs.pages import ROOT, blocks_of


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_columns_keep_their_types(library: str, archive_with_history: Path, tmp_path: Path) -> None:
    (block,) = [
        b for b in blocks_of(ROOT / "docs" / "analysis.md") if b.language == "python" and f"import {library}" in b.text
    ]
    record = next(
        r for r in disk.records(archive_with_history, "articles") if r["view_count"] is not None and r["published_at"]
    )
    empty: dict[str, object] = {
        key: [] if isinstance(value, list) else None if str(TYPES[key]).endswith("?") else value
        for key, value in record.items()
    }
    file = tmp_path / "output" / "articles" / "some" / "2026-11.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(encode(empty) * 200 + encode(record) * 3)
    done = run([sys.executable, "-W", "error", "-c", block.text], tmp_path, {})
    assert done.returncode == 0, done.stderr
    assert str(json.loads(encode(record))["view_count"]) in done.stdout
