"""`citynews pack`: what WACZ 1.1.1 says that a package MUST be, read with nothing but a ZIP reader and warcio."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO


@pytest.fixture(scope="module")
def package(archive_with_history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "lived.wacz"
    citynews("pack", "-o", path, "--output", archive_with_history)
    return path


def pages(path: Path) -> list[Any]:
    with zipfile.ZipFile(path) as file:
        return [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()]


def test_everything_is_there_with_its_size_and_digest(package: Path, archive_with_history: Path) -> None:
    with zipfile.ZipFile(package) as file:
        names = set(file.namelist())
        described = json.loads(file.read("datapackage.json"))
        assert (described["profile"], described["wacz_version"]) == ("data-package", "1.1.1")
        digest = json.loads(file.read("datapackage-digest.json"))
        assert digest == {"path": "datapackage.json", "hash": sha256(file.read("datapackage.json"))}
        listed = {resource["path"]: resource for resource in described["resources"]}
        assert listed.keys() == names - {"datapackage.json", "datapackage-digest.json"}
        assert len({resource["name"] for resource in listed.values()}) == len(listed)
        for path, resource in listed.items():
            data = file.read(path)
            assert (resource["bytes"], resource["hash"]) == (len(data), sha256(data))
        assert {"pages/pages.jsonl", "indexes/index.cdx.gz", "indexes/index.idx"} < names
        archived = {path.name: path.read_bytes() for path in (archive_with_history / "warc").glob("*/*.warc.gz")}
        assert {name[8:]: file.read(name) for name in names if name.startswith("archive/")} == archived


def test_entries_are_stored_in_the_form_that_players_read(package: Path) -> None:
    """Without compression; and no extra field, which wabac.js takes for the content."""
    data = package.read_bytes()
    with zipfile.ZipFile(package) as file:
        for member in file.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            assert struct.unpack_from("<H", data, member.header_offset + 28) == (0,)


def test_pages_are_the_articles(package: Path, archive_with_history: Path) -> None:
    head, *found = pages(package)
    assert head["format"] == "json-pages-1.0"
    latest = {record["id"]: record for record in disk.records(archive_with_history, "articles")}
    latest |= {
        record["id"]: record
        for record in sorted(disk.records(archive_with_history, "revisions"), key=lambda r: r["revision"])
    }
    assert {page["id"]: (page["url"], page["title"], page["ts"]) for page in found} == {
        ident: (record["url"], record["title"], record["fetched_at"][:19] + "Z") for ident, record in latest.items()
    }
    assert len(found) == len(latest)


def test_the_index_is_sorted_and_leads_to_every_page(package: Path) -> None:
    with zipfile.ZipFile(package) as file:
        blocks = file.read("indexes/index.cdx.gz")
        head, *places = file.read("indexes/index.idx").splitlines()
        assert json.loads(head.split(b" ", 2)[2]) == {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
        lines: list[bytes] = []
        for index_line in places:
            place = json.loads(index_line.split(b" ", 2)[2])
            block = blocks[place["offset"] :][: place["length"]]
            assert place["digest"] == sha256(block)
            part = gzip.decompress(block).splitlines()
            assert part[0].split(b" ")[:2] == index_line.split(b" ")[:2]
            lines += part
        assert b"".join(line + b"\n" for line in lines) == gzip.decompress(blocks)
        assert lines == sorted(set(lines))
        entries = [(line.split(b" ")[1].decode(), json.loads(line.split(b" ", 2)[2])) for line in lines]
        named = {(entry["url"], stamp) for stamp, entry in entries}
        for page in pages(package)[1:]:
            assert (page["url"], "".join(filter(str.isdigit, page["ts"]))) in named
        for _, entry in entries[::10]:
            member = file.read(f"archive/{entry['filename']}")[int(entry["offset"]) :][: int(entry["length"])]
            (record,) = ArchiveIterator(BytesIO(member))
            assert record.rec_headers.get_header("WARC-Target-URI") == entry["url"]


def test_the_same_archive_gives_the_same_bytes(package: Path, archive_with_history: Path, tmp_path: Path) -> None:
    citynews("pack", "-o", tmp_path / "again.wacz", "--output", archive_with_history, "--quiet")
    assert (tmp_path / "again.wacz").read_bytes() == package.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / "again.wacz"]


def test_a_part_of_it(archive_with_history: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.wacz"
    days = sorted({record["fetched_at"][:10] for record in disk.records(archive_with_history, "articles")})
    days_of = ("--since", days[0], "--until", days[-1])
    done = citynews(
        "pack", "-o", some, "--output", archive_with_history, "--portal", METRO, *days_of, "--text", "--json"
    )
    wanted = {record["id"] for record in disk.records(archive_with_history, "articles") if record["portal"] == METRO}
    found = {page["id"]: page for page in pages(some)[1:]}
    assert found.keys() == wanted
    assert done.summary["articles"] == len(wanted)
    assert all(page["text"] for page in found.values())
    assert done.summary["searchable"] == len(wanted)
    for more in (["--since", "2999-01-01"], ["--until", "2001-01-01"], ["--portal", "nobody"]):
        said = citynews("pack", "-o", tmp_path / "none.wacz", "--output", archive_with_history, *more, code=2).err
        assert "no archived article" in said
    assert list(tmp_path.iterdir()) == [some]


def test_a_package_replays_into_the_same_lines(package: Path, archive_with_history: Path, tmp_path: Path) -> None:
    citynews("replay", package, "--output", tmp_path / "again", "--jobs", 1)
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive_with_history)


@pytest.mark.parametrize(("name", "said"), [("x.zip", ".wacz"), ("nowhere/x.wacz", "no folder")])
def test_what_cannot_be_written_is_said(archive_with_history: Path, tmp_path: Path, name: str, said: str) -> None:
    assert said in citynews("pack", "-o", tmp_path / name, "--output", archive_with_history, code=2).err


def test_nothing_is_put_into_the_archive_and_nothing_left_behind(copy: Path, tmp_path: Path) -> None:
    assert "inside" in citynews("pack", "-o", copy / "x.wacz", "--output", copy, code=2).err
    min(copy.glob("warc/*/*.cdxj")).unlink()
    assert ".cdxj" in citynews("pack", "-o", tmp_path / "x.wacz", "--output", copy, code=None).err
    assert not list(tmp_path.glob("x.wacz*"))


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
