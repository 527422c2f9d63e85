"""Payloads that are archived already and answers that say "not modified": stored as revisits, read back as pages."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.storage.layout import Paths
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import Capture, WarcRef
from crawler.maintenance import verify
from harness import disk
from harness.command import citynews
from harness.scripted import Scripted
from harness.warcs import Raw, raw_records

PAYLOAD = b"<html>" + b"What stands here once need not stand here twice. " * 40 + b"</html>"
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n'


def exchange(path: str, payload: bytes = PAYLOAD, raw: bytes | None = None) -> Exchange:
    sent = b"GET %s HTTP/1.1\r\nHost: example.org\r\n\r\n" % path.encode()
    answer = b"HTTP/1.1 200 Fine\r\nX-Path: %s\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(payload))
    return Exchange.of_wire("http://example.org" + path, datetime.now(UTC), sent, raw or answer + payload)


def run(root: Path, *exchanges: Exchange, refers: WarcRef | None = None, commit: bool = True) -> list[Capture]:
    """A run that captures *exchanges*."""
    archive = ArchiveWriter(root)
    captures = []
    for exchange in exchanges:
        captures.append(archive.capture(exchange, refers=refers))
        if commit:
            archive.commit(force=True)
    archive.close({"exit_code": 0})
    return captures


def place(capture: Capture) -> WarcRef:
    """As a line says it."""
    assert capture.warc is not None
    return capture.warc


def answers(root: Path) -> list[Raw]:
    found = [record for record in raw_records(root) if record["WARC-Type"] in {"response", "revisit"}]
    return sorted(found, key=lambda record: record["WARC-Date"])


def kinds(root: Path) -> list[str]:
    return [record["WARC-Type"] for record in answers(root)]


def test_the_same_payload_under_any_address_and_in_any_run_is_stored_once(tmp_path: Path) -> None:
    run(tmp_path, exchange("/one"), exchange("/two"))
    run(tmp_path, exchange("/one"), exchange("/three"))
    shutil.rmtree(tmp_path / "state")  # nothing lives there alone
    run(tmp_path, exchange("/four"))
    assert kinds(tmp_path) == ["response", "revisit", "revisit", "revisit", "revisit"]
    first, *others = answers(tmp_path)
    for record in others:
        assert record["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        assert record["WARC-Refers-To"] == first["WARC-Record-ID"]
        assert record["WARC-Refers-To-Target-URI"] == "http://example.org/one"
        assert record["WARC-Refers-To-Date"] == first["WARC-Date"]
        assert record["WARC-Refers-To-Filename"] == f"{first.file.parent.name}/{first.file.name}"
        assert record["WARC-Refers-To-File-Offset"] == str(first.offset)
        assert record["WARC-Payload-Digest"] == first["WARC-Payload-Digest"]
        assert record.block.startswith(b"HTTP/1.1 200 Fine\r\nX-Path: /"), "its own head"
        assert record.block.endswith(b"\r\n\r\n")
    assert verify.verify(Paths(tmp_path)).damage == []


def test_only_what_is_durable_whole_and_worth_it_is_referred_to(tmp_path: Path) -> None:
    run(tmp_path / "at-once", exchange("/one"), exchange("/two"), commit=False)
    assert kinds(tmp_path / "at-once") == ["response", "response"]
    torn = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + PAYLOAD
    run(tmp_path / "torn", exchange("/one", raw=torn), exchange("/two"), exchange("/three", raw=torn))
    assert kinds(tmp_path / "torn") == ["response", "response", "response"]
    run(tmp_path / "short", exchange("/one", b"short"), exchange("/two", b"short"))
    assert kinds(tmp_path / "short") == ["response", "response"]
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n" % len(PAYLOAD) + PAYLOAD
    run(tmp_path / "missing", exchange("/one", raw=missing), exchange("/two", raw=missing))
    assert kinds(tmp_path / "missing") == ["response", "response"]


def test_a_damaged_original_is_not_referred_to(tmp_path: Path) -> None:
    run(tmp_path, exchange("/one"))
    (original,) = answers(tmp_path)
    data = bytearray(original.file.read_bytes())
    data[original.offset + 300] ^= 1
    original.file.write_bytes(data)
    (capture,) = run(tmp_path, exchange("/two"))
    assert capture.warc is not None
    later = tmp_path / "warc" / capture.warc.file
    assert [record["WARC-Type"] for record in raw_of(later)].count("response") == 1


def raw_of(file: Path) -> list[Raw]:
    """The records of one file, by way of a folder that holds it alone."""
    alone = file.parents[2] / "alone"
    (alone / "warc" / "m").mkdir(parents=True)
    shutil.copy(file, alone / "warc" / "m")
    return list(raw_records(alone))


def test_a_304_refers_to_the_response_that_its_validators_came_from(tmp_path: Path) -> None:
    first, copied = run(tmp_path, exchange("/one"), exchange("/one"))
    (same,) = run(tmp_path, exchange("/one", raw=NOT_MODIFIED), refers=place(first))
    (again,) = run(tmp_path, exchange("/one", raw=NOT_MODIFIED), refers=place(copied))
    run(tmp_path, exchange("/one", raw=NOT_MODIFIED), refers=place(same))
    assert (again.status, again.headers, again.payload) == (304, (), b"")
    original, _, *found = answers(tmp_path)
    assert len(found) == 3
    for record in found:
        assert record["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        assert record["WARC-Refers-To"] == original["WARC-Record-ID"], "never a revisit"
        assert record["WARC-Refers-To-Target-URI"] == "http://example.org/one"
        assert record["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
        assert record.block == b""
    metadata = [record for record in raw_records(tmp_path) if b"http-head: " in record.block]
    assert {record["WARC-Concurrent-To"] for record in metadata} == {record["WARC-Record-ID"] for record in found}
    assert b"http-head: HTTP%2F1.1 304 Not Modified%0D%0AETag%3A %22e%22%0D%0ASet-Cookie" in metadata[0].block
    assert verify.verify(Paths(tmp_path)).damage == []
    index = b"".join(path.read_bytes() for path in sorted((tmp_path / "warc").glob("*/*.cdxj")))
    assert index.count(b'"mime":"warc/revisit","status":"-"') == 3
    assert index.count(b'"mime":"warc/revisit","status":"200"') == 1


@pytest.mark.parametrize("wrong", [{"offset": 5}, {"file": "2026-11/nowhere.warc.gz"}, {"record_id": "<urn:uuid:0>"}])
def test_a_304_about_a_record_that_is_not_there_is_stored_as_it_came(tmp_path: Path, wrong: dict[str, Any]) -> None:
    (first,) = run(tmp_path, exchange("/one"))
    (same,) = run(tmp_path, exchange("/one", raw=NOT_MODIFIED), refers=replace(place(first), **wrong))
    assert same.status == 304
    assert answers(tmp_path)[-1].block == NOT_MODIFIED
    assert verify.verify(Paths(tmp_path)).damage == []


def test_verify_misses_what_a_revisit_refers_to(tmp_path: Path) -> None:
    (first,) = run(tmp_path, exchange("/one"))
    run(tmp_path, exchange("/two"))
    assert first.warc is not None
    (tmp_path / "warc" / first.warc.file).unlink()
    done = citynews("verify", "--output", tmp_path, code=4)
    assert f"the record {first.record_id} with its payload is not where it says" in done.out + done.err


def test_a_crawl_with_revisits_replays_to_the_same_lines(server: Scripted, tmp_path: Path) -> None:
    """The second run's pages lie in the first run's file: replay follows them, and says so where it is not there."""
    server.listing("/a/one", "/a/two")
    server.article("/a/one", text="A text of its own. " * 80)
    server.article("/a/two", text="Another text, no shorter. " * 80)
    definition = server.definition(tmp_path, more='\n[revisit]\nafter = ["0.1s", "0.2s"]\n')
    archive = tmp_path / "archive"
    command = ("crawl", "scripted", "--portals", definition, "--output", archive, "--allow-host", server.host)
    for seconds in (0, 1):
        citynews(*command, later=timedelta(seconds=seconds))
    assert kinds(archive).count("revisit") >= 2
    used = {record["warc"]["record_id"] for record in disk.records(archive, "observations")}
    assert used & {record["WARC-Record-ID"] for record in answers(archive) if record["WARC-Type"] == "revisit"}
    citynews("verify", "--output", archive)
    citynews("replay", archive / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive)
    citynews("verify", "--output", tmp_path / "again")
    (last,) = (archive / "warc").glob(f"*/{disk.runs(archive)[-1]['run']}-*.warc.gz")
    done = citynews("replay", last, "--output", tmp_path / "half", code=4)
    assert "not among the sources" in done.out + done.err


def test_a_file_is_closed_when_it_is_old_and_when_it_is_large(tmp_path: Path) -> None:
    for limits in ({"warc_age": 0.0}, {"warc_size": 1}):
        root = tmp_path / next(iter(limits))
        archive = ArchiveWriter(root, **limits)
        for number in range(3):
            archive.capture(exchange(f"/{number}", PAYLOAD + b"%d" % number))
        archive.close({"exit_code": 0})
        assert len(list((root / "warc").glob("*/*.warc.gz"))) == 3
        assert len(list((root / "warc").glob("*/*.cdxj"))) == 3
        assert verify.verify(Paths(root)).damage == []
