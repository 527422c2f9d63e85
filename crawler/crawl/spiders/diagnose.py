"""Says what a discovery page without articles was instead, in a message for the operator. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scrapy.http import Response, TextResponse

from crawler.article import Refusal
from crawler.assembly import Visit, assemble
from crawler.crawl.request import Discovery, capture_of
from crawler.portals import Portal
from crawler.values.listing import Found

#: Reasons of refusals by which a page that was asked for as a list says that it is none.
INSTEAD = frozenset({"bot-wall", "login", "error-page", "off-site"})
SHOWN = 100  #: characters of an address in a sentence
_XML_ROOT = re.compile(rb"<(?:[\w-]+:)?(rss|feed|RDF|urlset|sitemapindex|html)\b", re.IGNORECASE)
_FRAME = re.compile(r"<i?frame\b[^<>]*\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_REFRESH = re.compile(r"<meta\b[^<>]*http-equiv\s*=\s*[\"']?refresh|\blocation(?:\.href)?\s*=\s*[\"']", re.IGNORECASE)
_DATA = "JSON, not a {kind}: a list that is served as data belongs under [[discover.api]]"
_FEEDS, _SITEMAPS = {b"rss", b"feed", b"rdf"}, {b"urlset", b"sitemapindex"}


def why_nothing(response: Response, kind: Discovery, found: Sequence[Found], portal: Portal) -> str:
    """What *response*, a discovery page of *kind* that names *found* addresses and no article of *portal*, was."""
    if found:
        return _not_ours(found, portal)
    if not response.body.strip():
        return "an empty answer"
    return without_links(response) if kind == "list" else _of_xml(response.body, kind)


def shown_instead(page: Response, portal: Portal) -> str:
    """What a list page that names no article is: a wall, a page that says there is none, a redirect, or just empty."""
    result = assemble(Visit(portal, asked=page.url, captures=[capture_of(page)]))
    if isinstance(result, Refusal) and result.reason in INSTEAD:
        return result.reason
    return "redirect" if page.request is not None and page.request.meta.get("redirect_times") else "empty"


def _not_ours(found: Sequence[Found], portal: Portal) -> str:
    owned = [link.url for link in found if portal.owns(link.url)]
    if not owned:
        return f"a list of {len(found)} addresses, none of them in domains (such as {found[0].url[:SHOWN]})"
    further = [url for url in owned if not portal.is_list(url)] or owned
    return f"a list of {len(found)} addresses, none of them matched by article_urls (such as {further[-1][:SHOWN]})"


def _of_xml(body: bytes, kind: Discovery) -> str:
    """What *body*, which has no entry that a feed or a sitemap has, is."""
    wanted = _FEEDS if kind == "feed" else _SITEMAPS
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    root = match[1].lower() if (match := _XML_ROOT.search(head)) else b""
    if head.startswith((b"{", b"[")):
        return _DATA.format(kind=kind)
    if root in wanted:
        before = head.partition(b"<?xml")[0] if b"<?xml" in head else b""
        return f"a {kind} with text before its XML" if before.strip() else f"a {kind} without entries"
    if root in _FEEDS:
        return "an RSS or Atom feed, not a sitemap: it belongs under feeds"
    if root in _SITEMAPS:
        return "a sitemap, not a feed: it belongs under sitemaps"
    return f"an HTML page, not a {kind}" if root == b"html" else f"no {kind}"


def without_links(response: Response) -> str:
    """What a list page without any link is."""
    if response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _DATA.format(kind="list page")
    if not isinstance(response, TextResponse):
        kind = response.headers.get("Content-Type") or b"of no type"
        return f"no HTML page ({kind.decode('latin-1')[:SHOWN]})"
    if frame := _FRAME.search(response.text):
        return f"a page without links whose content is in a frame: name {response.urljoin(frame[1])[:SHOWN]} instead"
    if _REFRESH.search(response.text):
        return "a page without links that sends its readers on"
    if "<script" in response.text or re.search(r"<div[^<>]*\bid\s*=", response.text):
        return "a page without links, which a script fills: render = true, or the data under [[discover.api]]"
    return "a page without links"
