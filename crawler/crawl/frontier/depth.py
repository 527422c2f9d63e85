"""How far paging goes: if a portal was read to the end before, it stops at the first page with nothing new.

A page that names only what was visited before has nothing new, and so have the pages of its list that come after it.
That holds only if an earlier run saw them all, by the same definition and the same version: after one that was cut
short, or in which a page failed, every page is read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from scrapy import Request

from crawler.archive.index.portal_state import PortalState
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.crawl.request import Discovery, dated_of, kind_of, list_page_of
from crawler.values import clock
from crawler.values.urls import article_id

#: A sitemap's own date may lack its hour and its zone.
MARGIN = timedelta(days=1)
#: How long a sitemap is left alone because of the date that its index states; some never change theirs.
TRUSTED = timedelta(days=7)


@dataclass(slots=True)
class PageReading:
    """A discovery page while its links are looked at, articles first."""

    depth: DiscoveryDepth
    has_articles: bool = False
    has_fresh: bool = False  #: an article that has never been visited
    followed: bool = False

    def wants(self, request: Request) -> bool:
        """Whether *request*, found on this page, may bring something new."""
        kind = kind_of(request)
        if kind == "article":
            self.has_articles = True
            self.has_fresh = self.has_fresh or self.depth.is_fresh(request)
        if not self.depth.whole:
            return True
        if kind == "sitemap":
            return not self.depth.is_old(request)
        if not list_page_of(request).further:
            return True
        if self.followed or (self.has_articles and not self.has_fresh):
            return False
        self.followed = True  # the page after this one; whether more is wanted is seen there
        return True


class DiscoveryDepth:
    """What is known of the depth of *portal* when a run begins."""

    def __init__(
        self, archive: ArchiveWriter, state: PortalState, definition: str, ident: Callable[[str], str], *,
        deep: bool = False,
    ) -> None:  # fmt: skip
        self._archive, self._ident, self._now = archive, ident, clock.now()
        self._state = state
        self.whole = state.whole and state.definition == definition and not deep

    def left(self) -> list[tuple[str, Discovery]]:
        """Discovery pages that the run before left: (address, kind), what was seen longest ago first."""

        def seen(url: str) -> str:
            last = self._archive.index.captures.last(article_id(url), "page")
            return last.at if last else ""

        left = cast(dict[str, Discovery], self._state.left)
        return sorted(left.items(), key=lambda pair: seen(pair[0]))

    def page(self) -> PageReading:
        """A page that has just been fetched."""
        return PageReading(self)

    def is_fresh(self, request: Request) -> bool:
        """Whether the article has never been visited."""
        return self._archive.index.address(self._ident(request.url)) is None

    def is_old(self, request: Request) -> bool:
        """Whether the sitemap has not changed since its last capture, as the index that names it says."""
        dated = dated_of(request)
        last = self._archive.index.captures.last(article_id(request.url), "page")
        if last is None or dated is None:
            return False
        asked = parse_moment(last.at)
        return dated + MARGIN < asked and self._now - asked < TRUSTED
