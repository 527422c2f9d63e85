"""A portal of many articles that are archived already, and an archive that holds them, made without crawling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import EXTRACTED, Article
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from crawler.portals import parse
from crawler.values.urls import article_id
from harness.scripted import Answer, Scripted, page

PER_LIST = 100  #: articles a list page
PER_MAP = 2000  #: addresses a sitemap
_NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def serve(server: Scripted, count: int, folder: Path) -> Path:
    """*count* articles, with list pages, a feed of the latest, and sitemaps; returns the definition in *folder*."""
    paths = [f"/a/{number}" for number in range(count)]
    for path in paths:
        server.pages[path] = Answer(page(f"Story {path}", _text(path)))
    lists = range(0, count, PER_LIST)
    for begin in lists:
        following = [f"/list/index_{begin // PER_LIST + 1}.html"] if begin + PER_LIST < count else []
        where = f"/list/index_{begin // PER_LIST}.html" if begin else "/list/"
        server.listing(*paths[begin : begin + PER_LIST], *following, path=where)
    xml = {"Content-Type": "application/xml"}
    maps = {f"/map-{begin}.xml": paths[begin : begin + PER_MAP] for begin in range(0, count, PER_MAP)}
    for name, part in maps.items():
        locs = "".join(f"<url><loc>{server.base}{path}</loc></url>" for path in part)
        server.pages[name] = Answer(f"<urlset {_NS}>{locs}</urlset>".encode(), headers=xml)
    index = "".join(f"<sitemap><loc>{server.base}{name}</loc></sitemap>" for name in maps)
    server.pages["/map.xml"] = Answer(f"<sitemapindex {_NS}>{index}</sitemapindex>".encode(), headers=xml)
    items = "".join(f"<item><link>{server.base}{path}</link></item>" for path in paths[:50])
    server.pages["/feed.xml"] = Answer(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), headers=xml)
    discover = (
        f'pages = ["{server.base}/list/"]\nfeeds = ["{server.base}/feed.xml"]\nsitemaps = ["{server.base}/map.xml"]\n'
        f"max_list_pages = {len(lists)}"
    )
    return server.definition(folder, discover=discover, more=f"[expect]\narticles_min = {count}\n")


def fill(root: Path, server: Scripted, definition: Path, ages: Mapping[str, timedelta] = MappingProxyType({})) -> int:
    """An archive in *root* in which every article that *server* has is archived; returns how many are.

    *ages*: path -> how long ago, where that is not just now.
    """
    portal = parse(definition.read_text("utf-8"), str(definition))
    archive = ArchiveWriter(root)
    process = chain(archive)
    for path, answer in server.pages.items():
        if path.startswith("/a/") and isinstance(answer.body, bytes):
            url = server.base + path
            exchange = Exchange.rebuilt(
                url=url,
                started_at=datetime.now(UTC) - ages.get(path, timedelta()),
                request=request_of(url, "GET", (("Host", server.host),), b""),
                status=200,
                headers=(("Content-Type", "text/html; charset=utf-8"),),
                payload=answer.body,
            )
            article = Article(article_id(url), portal.name, url, url, title=f"Story {path}", body=_text(path))
            article.page_urls = [url]
            article.extracted_by = dict.fromkeys(EXTRACTED, "generic")
            process(Visit(portal, url, [archive.capture(exchange)], result=article))
    count = archive.stats[portal.name].outcomes["new"]
    archive.close({"exit_code": 0, "signal": None, "problems": {}})
    return count


def _text(path: str) -> str:
    """Words that no other article has in this order: numbers written out by their digits."""
    seed = int(path.rpartition("/")[2])
    digits = [f"{(seed * 2654435761 + n * 40503 * (seed + 7)) % 1000003:06d}" for n in range(40)]
    return "\n\n".join(" ".join(f"street {digit} has lamps" for digit in digits[n : n + 10]) for n in range(0, 40, 10))
