"""crawler.archive.open: what programs read, over open and sealed months, with the WARC records behind it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from crawler import archive
from crawler.archive.records import jsonl, types
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import STREAMS
from crawler.archive.warc.record import digest as record_digest
from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO


def seal(root: Path) -> None:
    """Every month compressed, as sealing leaves it."""
    for stream in STREAMS:
        for file in (root / stream).glob("*/*.jsonl"):
            month_file.seal(file, file.with_name(file.name + ".gz"))
            file.unlink()


@pytest.mark.parametrize("stream", STREAMS)
def test_every_record_of_every_stream_comes_once(archive_with_history: Path, stream: str) -> None:
    key = "observed_at" if stream == "observations" else "fetched_at"
    found: list[Any] = list(getattr(archive.open(archive_with_history), stream)())
    wanted = disk.records(archive_with_history, stream)
    assert sorted(found, key=lambda r: (r["id"], r[key])) == sorted(wanted, key=lambda r: (r["id"], r[key]))
    days = sorted({record[key][:10] for record in wanted})
    assert list(getattr(archive.open(archive_with_history), stream)(since=days[0], until=days[-1])) == found
    assert list(getattr(archive.open(archive_with_history), stream)(until="2001-01-01")) == []
    assert list(getattr(archive.open(archive_with_history), stream)(since="2999-01-01")) == []
    assert list(getattr(archive.open(archive_with_history), stream)(portal=METRO)) == [
        r for r in found if r["portal"] == METRO
    ]


def test_sealed_months_and_lines_under_way(copy: Path) -> None:
    before = {stream: list(archive.open(copy).records(stream)) for stream in STREAMS}
    some = before["revisions"][0]
    seal(copy)
    assert {stream: list(archive.open(copy).records(stream)) for stream in STREAMS} == before
    assert archive.open(copy).life(some["id"]).revisions == [some]
    under_way = copy / "articles" / METRO / "2099-01.jsonl"
    under_way.write_bytes(jsonl.encode(before["articles"][0]) + b'{"schema":"citynews/art')
    assert len(list(archive.open(copy).articles())) == len(before["articles"]) + 1


def test_latest_is_the_last_text_and_the_last_count(archive_with_history: Path) -> None:
    first = {record["id"]: record for record in archive.open(archive_with_history).articles()}
    latest = {record["id"]: record for record in archive.open(archive_with_history).articles(latest=True)}
    assert first.keys() == latest.keys()
    revised = {
        record["id"]: record
        for record in sorted(disk.records(archive_with_history, "revisions"), key=lambda r: r["revision"])
    }
    counts: dict[str, int] = {}
    for seen in sorted(disk.records(archive_with_history, "observations"), key=lambda r: r["observed_at"]):
        if seen["view_count"] is not None:
            counts[seen["id"]] = seen["view_count"]
    assert {ident for ident, record in latest.items() if record["revision"] > 1} == revised.keys()
    for ident, record in latest.items():
        assert record["body"] == revised.get(ident, first[ident])["body"]
        assert record["view_count"] == counts.get(ident)
    assert any(latest[ident]["view_count"] != first[ident]["view_count"] for ident in first)


def test_captures_are_the_bytes_that_the_record_was_made_from(archive_with_history: Path) -> None:
    reader = archive.open(archive_with_history)
    several = 0
    for record in reader.articles():
        captures = list(reader.captures(record))
        assert [capture.record_id for capture in captures] == [note["record_id"] for note in record["captures"]]
        assert captures[0].status == 200
        assert (captures[0].file, captures[0].offset) == (record["warc"]["file"], record["warc"]["offset"])
        assert record_digest(captures[0].payload) == record["warc"]["payload_digest"]
        assert captures[0].request is not None
        assert captures[0].request.startswith(b"GET /")
        assert b"<html" in captures[0].body.lower()
        several += len(captures) > 1
    assert several, "no article of several pages"


def test_a_capture_that_is_not_in_its_file_is_named(archive_with_history: Path) -> None:
    reader = archive.open(archive_with_history)
    record = next(reader.articles())
    wrong = [note | {"record_id": "<urn:uuid:00000000-0000-0000-0000-000000000000>"} for note in record["captures"]]
    with pytest.raises(DamagedError, match=f"{record['warc']['file']}: no record <urn:uuid:0+-.*{record['url']}"):
        list(reader.captures(record | {"captures": wrong}))


def test_captures_of_a_replayed_archive_come_from_its_sources(archive_with_history: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(archive_with_history / "warc", tmp_path / "source"))
    citynews("replay", source, "--output", tmp_path / "again", "--limit", 1)
    record = next(archive.open(tmp_path / "again").articles())
    (one,) = list(archive.open(tmp_path / "again").captures(record))[:1]
    moved = source.rename(tmp_path / "moved")
    (other,) = list(archive.open(tmp_path / "again", sources=[moved]).captures(record))[:1]
    assert one == other
    with pytest.raises(DamagedError, match="not among the WARC files"):
        list(archive.open(tmp_path / "again", sources=[tmp_path / "nowhere"]).captures(record))


def test_what_is_no_record_is_named(copy: Path) -> None:
    file = min((copy / "articles").glob("*/*.jsonl"))
    with file.open("ab") as end:
        end.write(b"not json\n")
    with pytest.raises(DamagedError, match=f"{file}: offset"):
        list(archive.open(copy).articles())
    with pytest.raises(NotADirectoryError):
        archive.open(copy / "nowhere")


def test_types_have_the_keys_of_the_lines() -> None:
    kinds = {
        "articles": types.ArticleRecord, "revisions": types.RevisionRecord,
        "observations": types.ObservationRecord, "duplicates": types.DuplicateRecord,
    }  # fmt: skip
    assert {stream: list(get_type_hints(kind)) for stream, kind in kinds.items()} == {
        stream: list(keys) for stream, keys in jsonl.KEYS.items()
    }
    assert list(get_type_hints(types.PageRecord)) == list(jsonl.PAGE_KEYS)
