"""A fetched page: its bytes, their decoding, the tree, the lines of text, its metadata. Immutable.

Everything is made at the first question and kept: a page is decoded, parsed and walked at most once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any, TypeVar, cast

from crawler.extraction.page import tree
from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.metadata import Described, MetaTags, described
from crawler.extraction.page.repetitions import mark_repetitions
from crawler.extraction.page.shown import shown
from crawler.extraction.page.trust import judge_hints
from crawler.portals import Extract, Portal
from crawler.values import urls
from crawler.values.encoding import decode
from crawler.values.text import line
from crawler.values.zones import zone_of

_T = TypeVar("_T")
_LARGEST = 12_000_000  #: bytes; what is longer is cut


class Page:
    """One fetched page. *body* is content-decoded; *charset* is that of the Content-Type header, if any.

    *timezone* is an IANA name: else the portal's, else Asia/Shanghai for Chinese pages and UTC for others.
    Raises KeyError for a *timezone* that does not exist.
    """

    def __init__(
        self,
        body: bytes,
        *,
        url: str,
        fetched_at: datetime,
        charset: str | None = None,
        portal: Portal | None = None,
        timezone: str | None = None,
    ) -> None:
        self.url = url
        self.fetched_at = fetched_at
        self.portal = portal
        self.raw = body[:_LARGEST]  #: the bytes of the page
        self.charset = charset  #: what the Content-Type header said
        #: The zone that the caller or the portal names.
        self.stated_zone: tzinfo | None = zone_of(timezone) if timezone else portal.zone if portal else None
        self._answers: dict[Hashable, Any] = {}

    def once(self, key: Hashable, answer: Callable[[], _T]) -> _T:
        """What *answer* gives, asked for once a *key*: whoever reads the page keeps here what the page was read as.

        An answer must not refer to the page: it would leave it to the cyclic garbage collector.
        """
        if key not in self._answers:
            self._answers[key] = answer()
        return cast(_T, self._answers[key])

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        trusted = self.portal.encoding if self.portal else None
        return decode(self.raw, self.charset, trusted)

    @property
    def text(self) -> str:
        """The decoded source of the page."""
        return self._decoded[0]

    @property
    def encoding(self) -> str:
        """The encoding that the page was decoded from."""
        return self._decoded[1]

    @cached_property
    def source(self) -> bytes:
        """The source in an encoding that includes ASCII, to look for markers at a third of what it costs in text."""
        return self.raw if "?".encode(self.encoding) == b"?" else self.text.encode("utf-8", "replace")

    @cached_property
    def is_html(self) -> bool:
        """Whether the bytes are HTML at all."""
        return tree.is_html(self.raw, self.text, self.encoding)

    @cached_property
    def root(self) -> Any:
        """The root element of the parsed page; of an empty one where there is nothing to parse."""
        text, encoding = self._decoded
        decoded = encoding == "utf-8" and "\ufffd" not in text
        return tree.parse(self.raw if decoded else text.encode("utf-8", "replace"))

    @cached_property
    def blocks(self) -> Blocks:
        """The lines of text and the elements that hold them."""
        blocks = shown(self.root)
        judge_hints(blocks)
        mark_repetitions(blocks)
        return blocks

    @property
    def telling(self) -> dict[str, list[Any]]:
        """The elements that tell of the page rather than show it, and the links, by tag, in order."""
        return self.blocks.noted

    @cached_property
    def title(self) -> str:
        """The text of the first <title> that has any; "" where there is none."""
        texts = (line("".join(element.itertext())) for element in self.telling["title"])
        return next(filter(None, texts), "")

    @cached_property
    def said(self) -> Described:
        """What the page's JSON-LD says of the article."""
        return described(self.telling["script"])

    @cached_property
    def meta(self) -> MetaTags:
        return MetaTags(self.telling["meta"])

    @cached_property
    def base_url(self) -> str:
        """The address that relative ones are resolved against: <base href> where there is one."""
        for base in self.telling["base"]:
            if href := base.get("href"):
                return urls.clean(href, self.url) or self.url
        return self.url

    @cached_property
    def address(self) -> str | None:
        """The page's own address, cleaned."""
        return self.resolve(self.url)

    @cached_property
    def rules(self) -> Extract | None:
        """The portal's rules for the day the page was fetched."""
        return self.portal.rules_at(self.fetched_at) if self.portal else None

    def resolve(self, href: str | None) -> str | None:
        """*href* as a cleaned absolute http(s) address; None for anything else."""
        return urls.clean(href, self.base_url, self.encoding) if href else None

    def under(self, portal: Portal | None) -> Page:
        """The same bytes as a page of *portal*."""
        return Page(self.raw, url=self.url, fetched_at=self.fetched_at, charset=self.charset, portal=portal)
