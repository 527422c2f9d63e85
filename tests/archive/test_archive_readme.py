"""README.md and the schemas that lie in every archive."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # ships no types

from crawler.archive.storage.layout import STREAMS
from crawler.archive.write.archive_readme import FOLDER, explain
from harness import disk
from harness.command import CHECKOUT, citynews


def test_every_archive_explains_itself(archive_with_history: Path) -> None:
    assert (
        (archive_with_history / "README.md").read_bytes()
        == FOLDER.read_bytes()
        == (CHECKOUT / "output" / "README.md").read_bytes()
    )
    for stream in STREAMS:
        check = jsonschema.Draft202012Validator(
            json.loads((archive_with_history / "schema" / f"{stream}.json").read_bytes())
        )
        found = disk.records(archive_with_history, stream)
        assert found
        for record in found:
            check.validate(record)


def test_what_a_person_wrote_stays_and_what_is_old_is_renewed(copy: Path) -> None:
    (copy / "README.md").write_text("our own words")
    (copy / "schema" / "articles.json").write_text("{}")
    explain(copy)
    assert (copy / "README.md").read_text() == "our own words"
    assert "properties" in json.loads((copy / "schema" / "articles.json").read_bytes())
    citynews("verify", "--output", copy)
