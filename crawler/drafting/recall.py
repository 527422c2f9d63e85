"""What of a site's own sitemaps and feeds is archived: those that discovery does not use judge what it finds."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawler.archive.read.reader import Reader
from crawler.archive.storage.sqlite import open_reading
from crawler.article import Answers, parse_moment
from crawler.drafting.document import Document
from crawler.drafting.feeds import dated_entries
from crawler.drafting.unanswered import in_words
from crawler.portals import Portal
from crawler.values import urls
from crawler.values.coding import CodingError, decode
from crawler.values.urls import article_id

MOST_SITEMAPS = 60  #: read of a site, the newest first
MOST_FEEDS = 10
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
#: How the visit of an address ended whose page is archived.
_ARCHIVED = frozenset({"new", "changed", "unchanged", "not-modified", "back", "duplicate"})
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """An address that a sitemap or feed names, and the day or moment it states."""

    url: str
    dated: str | None = None  #: ISO 8601, as far as it is stated

    @property
    def moment(self) -> datetime | None:
        try:
            return parse_moment(self.dated) if self.dated else None
        except ValueError:
            return None


@dataclass(slots=True)
class SiteLists:
    """The site's own lists that discovery does not use: address -> what they name."""

    read: dict[str, list[ListedAddress]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)  #: sitemaps that were not read, since there are too many


@dataclass(slots=True)
class Recall:
    """How much of what the site lists is archived."""

    archived: int = 0
    listed: int = 0  #: that the portal's patterns take for articles, and that a crawl could have seen
    newer: int = 0  #: dated after the last crawl
    outside: Counter[str] = field(default_factory=Counter)  #: why others are no articles of the portal -> how many
    examples: dict[str, str] = field(default_factory=dict)  #: the same -> one of them
    misses: list[dict[str, str | None]] = field(default_factory=list)  #: url, reason, dated
    lags: list[float] = field(default_factory=list)  #: hours from publication to archive

    @property
    def share(self) -> float | None:
        return round(self.archived / self.listed, 4) if self.listed else None

    @property
    def lag(self) -> dict[str, float] | None:
        """Median and 95th percentile, hours; None where nothing was published since the first crawl."""
        if not self.lags:
            return None
        p95 = quantiles(self.lags, n=20, method="inclusive")[-1] if len(self.lags) > 1 else self.lags[0]
        return {"median": round(median(self.lags), 2), "p95": round(p95, 2), "articles": len(self.lags)}


def steps(portal: Portal) -> Generator[Sequence[str], Answers, SiteLists]:
    """A look at the site's sitemaps and feeds; yields addresses, is sent their answers."""
    found, used = SiteLists(), {*map(_plain, (*portal.discover.feeds, *portal.discover.sitemaps))}
    origins = dict.fromkeys(_origin(url) for url in (portal.home, *portal.discover.pages, *portal.discover.sitemaps))
    pages = list(dict.fromkeys([portal.home, *portal.discover.pages[:3]]))
    answers = yield [*pages, *(f"{origin}/robots.txt" for origin in origins)]
    documents = [Document(url, capture) for url, capture in answers.items() if capture is not None]
    shown = [document for document in documents if document.usable and document.asked in pages]
    if not shown:  # nobody knows what lists there are
        found.failed |= {url: _why(url, answers) for url in pages}
    feeds = [url for document in shown for url in document.feeds()]
    named = [
        url
        for document in documents if document.usable and document.asked.endswith("/robots.txt")
        for url in _SITEMAP.findall(document.body.decode("utf-8", "replace"))
    ]  # fmt: skip
    guessed = {f"{origin}/sitemap.xml" for origin in origins} - set(named)
    wanted = [*named, *sorted(guessed), *feeds[:MOST_FEEDS]]
    batch = [url for address in wanted if (url := urls.clean(address)) and portal.owns(url) and _plain(url) not in used]
    asked: set[str] = set()
    while batch := [url for url in dict.fromkeys(batch) if url not in asked]:
        batch, rest = batch[: MOST_SITEMAPS - len(asked)], batch[MOST_SITEMAPS - len(asked) :]
        found.left += rest
        if not batch:
            break
        asked.update(batch)
        answers = yield batch
        further: list[ListedAddress] = []
        for url in batch:
            further += _take(url, answers, found, optional=url in guessed)
        batch = [entry.url for entry in sorted(further, key=lambda entry: entry.dated or "", reverse=True)
                 if portal.owns(entry.url) and _plain(entry.url) not in used]  # fmt: skip
    return found


def _why(url: str, answers: Answers) -> str:
    """Why the answer to *url* is of no use."""
    capture = answers.get(url)
    return in_words(answers.reasons.get(url)) if capture is None else f"answers {capture.status}"


def _take(url: str, answers: Answers, found: SiteLists, *, optional: bool) -> list[ListedAddress]:
    """Notes what *url* names; returns the further sitemaps that it names. *optional*: nobody said that it is there."""
    capture = answers.get(url)
    document = Document(url, capture) if capture is not None else None
    if document is None or not document.usable:
        if not optional or (document is not None and document.capture.status not in {404, 410}):
            found.failed[url] = _why(url, answers)
        return []
    if document.is_feed:
        found.read[url] = _of_feed(document)
    elif document.is_sitemap:
        entries, is_index = _of_sitemap(document)
        if is_index:
            return entries
        found.read[url] = entries
    elif not optional:
        found.failed[url] = "neither a sitemap nor a feed"
    return []


def compare(lists: SiteLists, portal: Portal, reader: Reader, since: str | None = None) -> Recall:
    """What of *lists* the archive of *reader* has. *since*: leaves out what is dated before this day."""
    known, last = _known(reader, portal.name)
    begun = min((at for at, _ in known.values()), default=None)
    recall = Recall()
    entries: dict[str, ListedAddress] = {}
    for named in chain.from_iterable(lists.read.values()):
        entries.setdefault(portal.bare(named.url)[0], named)
    for url, entry in entries.items():
        if not portal.is_article(url):
            why = "matched by no pattern" if portal.owns(url) else "in no domain of the portal"
            recall.outside[why] += 1
            recall.examples.setdefault(why, url)
        elif since and entry.dated and entry.dated < since:
            continue
        elif found := known.get(article_id(url)) or known.get(article_id(entry.url)):
            recall.archived += 1
            recall.listed += 1
            at, published = found
            if published is not None and begun is not None and begun <= published <= at:
                recall.lags.append((at - published).total_seconds() / 3600)
        elif last is not None and (moment := entry.moment) is not None and moment > last:
            recall.newer += 1
        else:
            recall.listed += 1
            recall.misses.append({"url": url, "dated": entry.dated, "reason": ""})
    reasons = _outcomes(reader, {article_id(str(miss["url"])) for miss in recall.misses})
    for miss in recall.misses:
        miss["reason"] = reasons.get(article_id(str(miss["url"])), "never found")
    there = [miss for miss in recall.misses if miss["reason"] in _ARCHIVED]  # under the address it leads to
    recall.archived += len(there)
    recall.misses = [miss for miss in recall.misses if miss["reason"] not in _ARCHIVED]
    return recall


def _known(reader: Reader, portal: str) -> tuple[dict[str, tuple[datetime, datetime | None]], datetime | None]:
    """(id -> when a page was archived and, where known to the minute, published; the last visit of the portal)."""
    known = {}
    for page in reader.pages(portal=portal):
        exact = page["published_at"] if page["published_precision"] in {"second", "minute"} else None
        known[page["id"]] = (parse_moment(page["fetched_at"]), parse_moment(exact) if exact else None)
    last = max((visit["observed_at"] for visit in reader.observations(portal=portal)), default=None)
    return known, parse_moment(last) if last else None


def _outcomes(reader: Reader, idents: set[str]) -> dict[str, str]:
    """Id -> how its last visit ended, of those that were visited: refused pages, and visits that failed."""
    found: dict[str, str] = {}
    if idents and reader.paths.index.exists():  # only the index knows of visits that failed; it may be gone
        with closing(open_reading(reader.paths.index)) as db, suppress(sqlite3.Error):
            for ident, outcome, reason in db.execute("SELECT id, outcome, reason FROM addresses"):
                if ident in idents:
                    found[ident] = f"{outcome}: {reason}" if reason else outcome
    for visit in reader.observations():
        if visit["id"] in idents and visit["id"] not in found:
            found[visit["id"]] = f"{visit['outcome']}: {visit['reason']}" if visit["reason"] else visit["outcome"]
    return found


def _of_feed(document: Document) -> list[ListedAddress]:
    return [ListedAddress(url, moment.isoformat() if moment else None) for url, moment in dated_entries(document)]


def _of_sitemap(document: Document) -> tuple[list[ListedAddress], bool]:
    """(what the sitemap names, whether these are further sitemaps)."""
    try:
        body = decode(document.body, "gzip") if document.body[:2] == _GZIP else document.body
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except (etree.XMLSyntaxError, CodingError):
        return [], False
    if root is None:
        return [], False
    rows = (
        (_text(element, "loc"), _text(element, "publication_date") or _text(element, "lastmod"))
        for element in root.iterchildren("{*}url", "{*}sitemap")
    )
    return list(_entries(rows)), etree.QName(root).localname == "sitemapindex"


def _entries(rows: Iterable[tuple[str | None, str | None]]) -> Iterable[ListedAddress]:
    return (ListedAddress(url, dated or None) for place, dated in rows if place and (url := urls.clean(place)))


def _text(element: Any, name: str) -> str | None:
    found = next(element.iter(f"{{*}}{name}"), None)
    return (found.text or "").strip() or None if found is not None else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _plain(url: str) -> str:
    """*url* for comparing: http and https, www. and without are one."""
    return (urls.clean(url) or url).partition("://")[2].removeprefix("www.").rstrip("/")
