"""A page that another version of citynews has read is visited again: a change of the reader is none of the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from crawler import portals
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import Refusal
from crawler.assembly import Visit
from crawler.cli import run
from crawler.extraction import Fields, Page, extract
from crawler.pipelines.chain import chain
from harness import disk

URL = "https://www.here.example/a/1"
PORTAL = portals.parse(
    'name = "here"\ntitle = "智慧城市网"\nhome = "https://www.here.example/"\ndomains = ["here.example"]\n'
    'language = "zh"\ntimezone = "UTC"\n[discover]\npages = ["https://www.here.example/"]\narticle_urls = [\'/a/\']\n',
    "here",
)
P = [
    "北岸水厂的两条输水管昨夜十一点接入城区管网，东门外一带的水压在今晨六点前恢复到平时的水平。",
    "施工队在江堤下挖了九天，每天只能在退潮后的四个小时里干活，挖出来的泥要用小船运到对岸。",
    "水厂表示，第三条管线的图纸已经画好，等枯水期一到就动工，费用由市里和水厂各出一半。",
]


def page(texts: Sequence[str], banner: str = "") -> bytes:
    inside = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f"<html lang=zh><head><meta charset=utf-8><title>北岸水厂完成并网</title></head><body>{banner}"
        f"<h1>北岸水厂完成并网</h1><div>2026-11-20 08:42</div><div>{inside}</div></body></html>"
    ).encode()


def of_another_version(pages: Sequence[Page], counter: bytes | None = None) -> Fields | Refusal:
    """What a version reads that takes the last paragraph for none of the text."""
    found = extract(pages, counter)
    assert isinstance(found, Fields)
    return dataclasses.replace(found, body=(found.body or "").rpartition("\n\n")[0])


def visit(root: Path, day: int, body: bytes) -> str:
    """The outcome of a visit on *day*, which is answered with *body*."""
    at = datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(days=day)
    with time_machine.travel(at, tick=False):
        archive = ArchiveWriter(root)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        capture = archive.capture(Exchange(URL, at, b"GET /a/1 HTTP/1.1\r\n\r\n", head, body, 200, headers))
        chain(archive)(Visit(portal=PORTAL, asked=URL, captures=[capture]))
        archive.close({"exit_code": 0})
    return str(disk.records(root, "observations")[-1]["outcome"])


def test_an_upgrade_writes_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "archive"
    with monkeypatch.context() as before:
        before.setattr("crawler.assembly.extraction.extract", of_another_version)
        assert visit(root, 0, page(P)) == "new"
    assert len(disk.records(root, "articles")[0]["body"].split("\n\n")) == 2
    assert visit(root, 1, page(P)) == "unchanged"
    assert visit(root, 2, page(P, "<div>今日天气</div>")) == "unchanged"  # other bytes, the same text
    assert disk.records(root, "revisions") == []
    assert visit(root, 3, page([*P[:2], "第三条管线昨天已经动工。"])) == "changed"
    assert visit(root, 4, page(P)) == "changed"  # back to what it was is a change
    assert [line["revision"] for line in disk.records(root, "revisions")] == [2, 3]
    assert run(["verify", "--output", str(root), "--quiet"]) == 0
    again = tmp_path / "again"
    assert run(["replay", str(root / "warc"), "--output", str(again), "--quiet"]) == 0
    assert len(disk.records(again, "articles")[0]["body"].split("\n\n")) == 3
    assert len(disk.records(again, "revisions")) == 2


def test_without_the_archived_capture_the_text_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "archive"
    with monkeypatch.context() as before:
        before.setattr("crawler.assembly.extraction.extract", of_another_version)
        visit(root, 0, page(P))
    for path in (root / "warc").rglob("*.warc.gz"):
        path.unlink()
    assert visit(root, 1, page(P)) == "changed"
