"""What sample-metro says about itself to machines: RSS, Atom, a sitemap index, a gzip sitemap, a news sitemap."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from email.utils import format_datetime
from html import escape

from crawler.samples.site import SampleResponse, Site
from crawler.samples.story import Story

_IN_FEED = 20
_IN_NEWS = 10
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def answer(site: Site, path: str) -> SampleResponse | None:
    """The feed or sitemap at *path*."""
    maker = _MAKERS.get(path)
    if maker is None:
        return None
    content_type, make = maker
    stories = site.online()[::-1]
    body = (_XML + make(site, stories)).encode()
    if path.endswith(".gz"):
        body = gzip.compress(body, mtime=0)
    return SampleResponse(body, content_type, modified=site.age(*stories), etag=True)


def _rss(site: Site, stories: list[Story]) -> str:
    items = "".join(
        f"<item><title>{escape(s.title)}</title>"
        f"<link>{site.base}{site.href(s)}?utm_source=rss&amp;utm_medium=feed</link>"
        f'<guid isPermaLink="false">{s.key}</guid><pubDate>{format_datetime(s.at)}</pubDate>'
        f"<description>{escape(s.body.partition(chr(10))[0])}</description></item>\n"
        for s in stories[:_IN_FEED]
    )
    return (
        f'<rss version="2.0"><channel><title>{site.data["title"]}</title><link>{site.base}/</link>'
        f"<description>The city desk of Calder Bay</description><language>en-us</language>\n{items}</channel></rss>\n"
    )


def _atom(site: Site, stories: list[Story]) -> str:
    entries = "".join(
        f"<entry><id>tag:metro.example,{s.at.year}:{s.key}</id><title>{escape(s.title)}</title>"
        f'<link href="{site.base}{s.path}"/>'
        f"<published>{s.at.isoformat()}</published><updated>{site.age(s).isoformat()}</updated></entry>\n"
        for s in stories[:_IN_FEED]
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US"><id>{site.base}/</id>'
        f"<title>{site.data['title']}</title>"
        f"<updated>{site.age(*stories).isoformat()}</updated>"
        f'<link rel="self" href="{site.base}/atom.xml"/>\n{entries}</feed>\n'
    )


def _index(site: Site, _stories: list[Story]) -> str:
    parts = (
        f"<sitemap><loc>{site.base}{path}</loc></sitemap>" for path in ("/sitemap-articles.xml.gz", "/sitemap-news.xml")
    )
    return f'<sitemapindex xmlns="{_SITEMAP}">{"".join(parts)}</sitemapindex>\n'


def _articles(site: Site, stories: list[Story]) -> str:
    urls = (f"<url><loc>{site.base}{s.path}</loc><lastmod>{site.age(s).isoformat()}</lastmod></url>\n" for s in stories)
    return f'<urlset xmlns="{_SITEMAP}">\n{"".join(urls)}</urlset>\n'


def _news(site: Site, stories: list[Story]) -> str:
    urls = (
        f"<url><loc>{site.base}{s.path}</loc><news:news><news:publication><news:name>{site.data['title']}</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{s.at.isoformat()}"
        f"</news:publication_date><news:title>{escape(s.title)}</news:title></news:news></url>\n"
        for s in stories[:_IN_NEWS]
    )
    space = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<urlset xmlns="{_SITEMAP}" {space}>\n{"".join(urls)}</urlset>\n'


_MAKERS: dict[str, tuple[str, Callable[[Site, list[Story]], str]]] = {
    "/feed.xml": ("application/rss+xml; charset=utf-8", _rss),
    "/atom.xml": ("application/atom+xml; charset=utf-8", _atom),
    "/sitemap.xml": ("application/xml", _index),
    "/sitemap-articles.xml.gz": ("application/gzip", _articles),
    "/sitemap-news.xml": ("application/xml", _news),
}
