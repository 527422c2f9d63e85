"""WARC files of other tools, written by those tools, become records as if the pages had been crawled."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler import archive
from crawler.archive.warc import third_party
from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story
from harness.waiting import until

# warcio leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <function SpooledTemporaryFile")
BASE = "http://news.example.org"
HTML = ("Content-Type", "text/html; charset=utf-8")


class Tool:
    """A WARC file written by warcio."""

    def __init__(self, out: BinaryIO) -> None:
        self.writer = WARCWriter(out, gzip=True)

    def answer(
        self,
        path: str,
        body: bytes,
        *headers: tuple[str, str],
        status: str = "200 OK",
        at: str = "2024-05-11T08:00:00Z",
    ) -> None:
        head = StatusAndHeaders(status, [*headers], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            BASE + path, "response", BytesIO(body), http_headers=head, warc_headers_dict={"WARC-Date": at}
        )
        self.writer.write_record(record)

    def revisit(self, path: str, of: str, *, at: str, of_date: str = "2024-05-11T08:00:00Z") -> None:
        head = StatusAndHeaders("200 OK", [HTML], protocol="HTTP/1.1")
        record = self.writer.create_revisit_record(
            BASE + path, "sha1:UNKNOWN", BASE + of, of_date, http_headers=head, warc_headers_dict={"WARC-Date": at}
        )
        self.writer.write_record(record)


@contextmanager
def warc(path: Path) -> Iterator[Tool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        tool = Tool(out)
        tool.writer.write_record(tool.writer.create_warcinfo_record(path.name, {"software": "warcio"}))
        yield tool


def article(name: str, more: str = "") -> bytes:
    return page(f"The story of {name}", story(name)).replace(b"</body>", more.encode() + b"</body>")


def replayed(source: Path, output: Path, *more: object, code: int = 0) -> Done:
    """Replayed with one process and with two: the same bytes; whole by verify, which follows the named sources."""
    done = citynews("replay", source, "--output", output, "--json", *more, code=code)
    citynews("replay", source, "--output", output.with_name("two"), "--jobs", 2, *more, code=code)
    assert disk.all_lines(output) == disk.all_lines(output.with_name("two"))
    citynews("verify", "--output", output)
    (run,) = disk.runs(output)
    assert run["sources"] == [str(source)]
    return done


def by_url(root: Path) -> dict[str, disk.Json]:
    return {record["url"].removeprefix(BASE): record for record in disk.records(root, "articles")}


def definition(folder: Path, base: str = BASE) -> Path:
    host = base.removeprefix("http://").partition(":")[0]
    path = folder / "other.toml"
    path.write_text(
        f'name = "other"\ntitle = "Other"\nhome = "{base}/"\ndomains = ["{host}"]\nlanguage = "en"\ntimezone = "UTC"\n'
        f'[discover]\npages = ["{base}/"]\narticle_urls = ["/a/"]\n',
        "utf-8",
    )
    return path


def test_warcio_codings_redirects_pages_and_revisits(tmp_path: Path) -> None:
    """Bodies with their coding and without, redirects to pages and to further pages, revisits, what is missing."""
    file = tmp_path / "crawls" / "other.warc.gz"
    packed = ("Content-Encoding", "gzip")
    following = '<div class="pages"><a href="{}">Next page</a></div>'
    with warc(file) as tool:
        tool.answer("/", b"<html>a list</html>", HTML)
        tool.answer("/a/packed", gzip.compress(article("packed")), HTML, packed)
        tool.answer("/a/plain-all-the-same", article("plain"), HTML, packed)
        tool.answer("/a/brotli-all-the-same", article("brotli"), HTML, ("Content-Encoding", "br"))
        body = article("chunked")
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        tool.answer("/a/chunked", chunks, HTML, ("Transfer-Encoding", "chunked"))
        tool.answer("/a/no-chunks-all-the-same", article("whole"), HTML, ("Transfer-Encoding", "chunked"))
        tool.answer("/a/moved", b"", ("Location", "/b/here"), status="301 Moved")
        tool.answer("/b/here", article("moved"), HTML)
        tool.answer("/a/long", article("long", following.format("/a/long_2")), HTML)
        tool.answer("/a/long_2", b"", ("Location", "/b/long-2"), status="302 Found")
        tool.answer("/b/long-2", article("the second page"), HTML)
        tool.answer("/a/short", article("short", following.format("/a/short_2")), HTML)
        tool.revisit("/a/packed", "/a/packed", at="2024-05-12T08:00:00Z")
        tool.revisit("/a/elsewhere", "/a/plain-all-the-same", at="2024-05-12T08:00:00Z")
        tool.revisit("/a/lost", "/a/nowhere", at="2024-05-12T08:00:00Z")
        tool.answer("/a/gone", b"<html>no</html>", HTML, status="404 Not Found")
    done = replayed(file, tmp_path / "again", "--portals", definition(tmp_path))
    found = by_url(tmp_path / "again")
    assert set(found) >= {
        "/a/packed", "/a/plain-all-the-same", "/a/brotli-all-the-same", "/a/chunked", "/a/no-chunks-all-the-same",
        "/b/here", "/a/long", "/a/short",
    }  # fmt: skip
    for url, name in (("/a/packed", "packed"), ("/a/brotli-all-the-same", "brotli"), ("/a/chunked", "chunked")):
        assert found[url]["title"] == f"The story of {name}"
    assert found["/a/long"]["page_urls"] == [f"{BASE}/a/long", f"{BASE}/b/long-2"]
    assert found["/a/long"]["incomplete"] == []
    assert found["/a/short"]["incomplete"] == ["pages"]
    assert done.summary["not_archived"] == 1
    assert found["/a/packed"]["warc"]["file"] == "crawls/other.warc.gz"
    visits = [(r["url"].removeprefix(BASE), r["outcome"]) for r in disk.records(tmp_path / "again", "observations")]
    assert ("/a/packed", "unchanged") in visits
    assert ("/a/elsewhere", "duplicate") in visits
    assert done.summary["unresolved"] == 1
    assert disk.doubled(tmp_path / "again") == []


@pytest.mark.ci
def test_browsertrix_packages_of_many_files_with_revisits(tmp_path: Path) -> None:
    """Names of unpacked files do not depend on where they are unpacked; the original lies in another member."""
    files = [tmp_path / f"rec-{number}.warc.gz" for number in (1, 2)]
    with warc(files[0]) as tool:
        tool.answer("/a/one", article("one"), HTML, ("x-orig-content-encoding", "br"))
        info = tool.writer.create_warc_record(
            f"urn:pageinfo:{BASE}", "resource", BytesIO(b"{}"), warc_content_type="application/json"
        )
        tool.writer.write_record(info)
    with warc(files[1]) as tool:
        tool.revisit("/a/one", "/a/one", at="2024-05-12T08:00:00Z")
        tool.answer("/a/two", article("two"), HTML)
    package = tmp_path / "site.wacz"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as wacz:
        for file in files:
            wacz.write(file, f"archive/{file.name}")
        wacz.writestr("datapackage.json", "{}")
    replayed(package, tmp_path / "again", "--as", "site")
    assert {r["warc"]["file"] for r in disk.records(tmp_path / "again", "articles")} == {
        "site.wacz/rec-1.warc.gz", "site.wacz/rec-2.warc.gz",
    }  # fmt: skip
    reader = archive.open(tmp_path / "again")
    assert all(b"The story of" in next(reader.captures(record)).body for record in reader.articles())
    outcomes = [(r["url"][-4:], r["outcome"]) for r in disk.records(tmp_path / "again", "observations")]
    assert sorted(outcomes) == [("/one", "new"), ("/one", "unchanged"), ("/two", "new")]


def test_common_crawl_news_and_a_torn_file(tmp_path: Path) -> None:
    """Responses only, bodies without chunks under their old head; a file that ends within a record is said."""
    file = tmp_path / "CC-NEWS-20240511080000-00001.warc.gz"
    with warc(file) as tool:
        for number in range(40):
            body = article(f"news {number}")
            size = ("Content-Length", str(len(body)))
            tool.answer(f"/n/{number}", body, HTML, ("X-Crawl-Transfer-Encoding", "chunked"), size)
    replayed(file, tmp_path / "again", "--as", "ccnews")
    assert len(by_url(tmp_path / "again")) == 40
    torn = tmp_path / "torn" / file.name
    torn.parent.mkdir()
    torn.write_bytes(file.read_bytes()[:-200])
    done = citynews("replay", torn, "--output", tmp_path / "half", "--as", "ccnews", "--json", code=4)
    assert len(by_url(tmp_path / "half")) == 39
    assert file.name in done.err


@pytest.mark.parametrize("packed", [True, False])
def test_what_lies_behind_a_damage_is_kept(tmp_path: Path, packed: bool) -> None:
    """A bit in the middle of one record, a hole over two others: the rest is there, and what is lost is named."""
    file = tmp_path / "data" / "site.warc.gz"
    with warc(file) as tool:
        for number in range(8):
            tool.answer(f"/n/{number}", article(f"news {number}", f"<!--{os.urandom(600).hex()}-->"), HTML)
    begins = [head.offset for head in third_party.heads(file, print).heads]
    data = bytearray(file.read_bytes())
    if packed:
        data[(begins[2] + begins[3]) // 2] ^= 4
        del data[begins[5] + 200 : begins[6] + 300]
    else:
        file = file.with_suffix("")
        data = bytearray(gzip.decompress(data))
        del data[data.index(b"news 5") : data.index(b"news 6") + 100]
    file.write_bytes(data)
    done = citynews("replay", file, "--output", tmp_path / "again", "--as", "site", "--json", code=4)
    lost = {2, 5, 6} if packed else {5, 6}
    assert set(by_url(tmp_path / "again")) == {f"/n/{number}" for number in set(range(8)) - lost}
    assert f"{BASE}/n/5" in done.err
    assert not packed or f"{BASE}/n/2" in done.err


def test_one_gzip_member_for_all_and_one_name_for_two(tmp_path: Path) -> None:
    file = tmp_path / "a" / "data" / "all.warc.gz"
    with warc(file) as tool:
        for number in range(3):
            tool.answer(f"/n/{number}", article(f"n {number}"), HTML)
    other = tmp_path / "b" / "data" / file.name
    other.parent.mkdir(parents=True)
    shutil.copy(file, other)
    done = citynews("replay", file, other, "--output", tmp_path / "again", "--as", "all", code=2)
    assert "data/all.warc.gz" in done.err
    other.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())))
    done = replayed(other, tmp_path / "again", "--as", "all")
    assert done.summary["balance"]["read"] == {"response": 3, "warcinfo": 1}
    assert citynews("verify", "--output", tmp_path / "again", "--json").summary["checked"]["records"] == 3
    for number in range(3):
        record = by_url(tmp_path / "again")[f"/n/{number}"]
        (capture,) = archive.open(tmp_path / "again").captures(record)
        assert f"n {number}".encode() in capture.body


@pytest.mark.ci
@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed: its WARC files are not tried")
def test_wget_with_redirects_and_its_own_revisits(server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/one", "/a/moved")
    server.article("/a/one")
    server.pages["/a/moved"] = Answer(status=302, headers={"Location": "/b/here"})
    server.article("/b/here")
    for number, more in enumerate(([], ["--warc-dedup=first.cdx"])):
        name = ("first", "second")[number]
        subprocess.run(
            ["wget", "-q", "-r", "-l", "2", f"--warc-file={name}", "--warc-cdx", *more, f"{server.base}/"],
            cwd=tmp_path, check=False, timeout=30,
        )  # fmt: skip
        shutil.rmtree(tmp_path / server.host, ignore_errors=True)
        second = int(time.time())  # dates of wget have whole seconds, and two visits at one moment are one
        until(lambda second=second: int(time.time()) > second)  # type: ignore[misc]
    crawls = tmp_path / "crawls"
    crawls.mkdir()
    for file in tmp_path.glob("*.warc.gz"):
        file.rename(crawls / file.name)
    assert len(list(crawls.iterdir())) == 2
    portal = definition(tmp_path, server.base)
    done = replayed(crawls, tmp_path / "again", "--portals", portal)
    assert {r["url"].removeprefix(server.base) for r in disk.records(tmp_path / "again", "articles")} == {
        "/a/one", "/b/here",
    }  # fmt: skip
    outcomes = [json.loads(line)["outcome"] for line in disk.lines(tmp_path / "again", "observations")]
    assert sorted(outcomes)[:2] == ["new", "new"]
    assert set(outcomes) == {"new", "unchanged"}, "the second crawl's pages are revisits of wget"
    assert done.summary["not_archived"] == 0
