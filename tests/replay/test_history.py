"""docs/history.md: files as Common Crawl writes them, through replay and verify, alone and with one's own."""

from __future__ import annotations

import gzip
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler import portals
from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from harness import disk
from harness.command import citynews
from harness.scripted import page, story

SITE = "https://www.afzhan.com"


def record(kind: str, block: bytes, content_type: str, *fields: tuple[str, str]) -> bytes:
    """A record as Common Crawl's fetcher writes it: WARC/1.0, one gzip member, no block digest in sha256."""
    head = [("WARC-Type", kind), ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"), ("Content-Length", str(len(block))),
            ("Content-Type", content_type), *fields]  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    return gzip.compress(f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n")


def answer(path: str, at: datetime, status: str = "200 OK", title: str = "") -> bytes:
    """A page whose coding is undone already: the headers that spoke of it are renamed."""
    body = page(title or f"城市大脑{path}", story(path)) if status.startswith("200") else b"<html>nothing</html>"
    head = (f"HTTP/1.1 {status}\r\nX-Crawler-Content-Encoding: gzip\r\nX-Crawler-Content-Length: 917\r\n"
            f"Content-Length: {len(body)}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n")  # fmt: skip
    return record(
        "response", head.encode() + body, "application/http; msgtype=response",
        ("WARC-Date", f"{at:%Y-%m-%dT%H:%M:%SZ}"), ("WARC-Target-URI", SITE + path), ("WARC-IP-Address", "203.0.113.9"),
        ("WARC-Payload-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"), ("WARC-Identified-Payload-Type", "text/html"),
    )  # fmt: skip


def test_from_files_to_a_merged_archive(tmp_path: Path) -> None:
    (folder := tmp_path / "history").mkdir()
    info = b"isPartOf: CC-MAIN-2024-51\r\nsoftware: Apache Nutch 1.20 (modified)\r\nformat: WARC File Format 1.0\r\n"
    first, later = datetime(2023, 3, 1, tzinfo=UTC), datetime(2024, 12, 5, tzinfo=UTC)
    about = record("warcinfo", info, "application/warc-fields", ("WARC-Date", "2023-03-01T00:00:00Z"))
    (folder / "cc-2023.warc.gz").write_bytes(about + b"".join([
        answer("/news/detail/1.html", first), answer("/news/detail/2.html", first), answer("/news/", first),
        answer("/news/detail/9.html", first, "404 Not Found"), answer("/news/detail/3.html", first, "301 Moved"),
    ]))  # fmt: skip
    (folder / "cc-2024.warc.gz").write_bytes(
        about + answer("/news/detail/1.html", later, title="城市大脑改了标题") + answer("/news/detail/4.html", later)
    )
    done = citynews("replay", folder, "--output", tmp_path / "from-history", "--json")
    articles = {Path(r["url"]).stem: r for r in disk.records(tmp_path / "from-history", "articles")}
    assert set(articles) == {"1", "2", "4"}
    assert all(r["portal"] == "afzhan" and r["body"] and r["title"] for r in articles.values())
    assert articles["1"]["fetched_at"] == "2023-03-01T00:00:00.000000Z"
    (revised,) = disk.records(tmp_path / "from-history", "revisions")
    assert revised["title"] == "城市大脑改了标题"
    balance = done.summary["balance"]
    assert sum(balance["read"].values()) == balance["used"] + sum(balance["left_out"].values())
    assert balance["left_out"]["not-an-article"] == 1
    citynews("verify", "--output", tmp_path / "from-history")
    again = citynews("replay", folder, "--output", tmp_path / "again", "--json")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "from-history")
    assert again.code == 0

    crawled(tmp_path / "output", ["/news/detail/2.html", "/news/detail/5.html"], datetime(2026, 11, 1, tzinfo=UTC))
    refused = citynews("merge", tmp_path / "output", tmp_path / "from-history", "--output", tmp_path / "no", code=2)
    assert "was made by replay" in refused.err
    citynews("replay", tmp_path / "output" / "warc", folder, "--output", tmp_path / "joined")
    joined = {Path(r["url"]).stem: r for r in disk.records(tmp_path / "joined", "articles")}
    assert set(joined) == {"1", "2", "4", "5"}
    seen = [v for v in disk.records(tmp_path / "joined", "observations") if v["url"].endswith("/2.html")]
    assert sorted(v["observed_at"][:4] for v in seen) == ["2023", "2026"]
    assert sorted(v["outcome"] for v in seen) == ["new", "unchanged"]
    citynews("verify", "--output", tmp_path / "joined")


def crawled(root: Path, paths: list[str], at: datetime) -> None:
    """An archive of one's own, written by the writer of a crawl."""
    archive, portal = ArchiveWriter(root), portals.load()["afzhan"]
    process = chain(archive)
    for number, path in enumerate(paths):
        body = page(f"城市大脑{path}", story(path))
        asked = request_of(SITE + path, "GET", (("Host", "www.afzhan.com"),))
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        exchange = Exchange.rebuilt(SITE + path, at + timedelta(seconds=number), asked, 200, headers, body)
        visit = Visit(portal, asked=SITE + path)
        visit.captures.append(replace(archive.capture(exchange), role="page", asked=SITE + path))
        process(visit)
    archive.close({"exit_code": 0})
