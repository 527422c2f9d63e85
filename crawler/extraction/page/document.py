"""One fetched page: decoded and parsed at most once, walked at most once, asked many questions."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from lxml import etree

from crawler.extraction.fields.header_lines import Found, find_header
from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.metadata import Described, MetaTags, described
from crawler.extraction.text.body import Body, find_body, judge_hints
from crawler.extraction.text.headline import headline_index, page_title
from crawler.extraction.text.template import Part, place
from crawler.portals import Extract, Portal
from crawler.values import urls
from crawler.values.encoding import decode
from crawler.values.text import cjk_length
from crawler.values.zones import zone_of

_LARGEST = 12_000_000  #: bytes; what is longer is cut
_TELLING = ("base", "title", "meta", "link", "script", "time", "a")
_EMPTY = etree.fromstring("<html><body/></html>", etree.HTMLParser())
#: libxml2 takes no NUL and no other control characters: each becomes a space.
_UNPARSABLE = bytes(b if b in (9, 10, 13) or 32 <= b != 127 else 32 for b in range(256))
_HTML = re.compile(
    r"<\s?(?:!doctype\s+html|html|head|body|div|p|title|meta|table|h1|article|span|br|a)\b", re.IGNORECASE
)


class Page:
    """One fetched page. *body* is content-decoded; *charset* is that of the Content-Type header, if any;
    *timezone* an IANA
    name: else the portal's, else Asia/Shanghai for Chinese pages and UTC for others.

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
        self._body = body[:_LARGEST]
        self._charset = charset
        self._timezone = zone_of(timezone) if timezone else None

    @cached_property
    def text(self) -> str:
        """The decoded source of the page."""
        return self._decoded[0]

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        trusted = self.portal.encoding if self.portal else None
        return decode(self._body, self._charset, trusted)

    @cached_property
    def looks_like_html(self) -> bool:
        return bool(_HTML.search(self.text, 0, 200_000))

    @cached_property
    def root(self) -> Any:
        """The root element of the parsed page; of an empty one where there is nothing to parse."""
        text, encoding = self._decoded
        source = self._body if encoding == "utf-8" and "\ufffd" not in text else text.encode("utf-8", "replace")
        source = source.removeprefix(b"\xef\xbb\xbf").translate(_UNPARSABLE)
        if not source or source.isspace():
            return _EMPTY
        parser = etree.HTMLParser(
            encoding="utf-8", huge_tree=False, remove_pis=True, remove_comments=True, collect_ids=False
        )
        try:
            root = etree.fromstring(source, parser)
        except etree.XMLSyntaxError:  # a document without a single element
            return _EMPTY
        return root if root is not None else _EMPTY

    @cached_property
    def telling(self) -> dict[str, list[Any]]:
        """The elements that tell of the page rather than show it, and the links, by tag, in order: found in one go."""
        found: dict[str, list[Any]] = {tag: [] for tag in _TELLING}
        for element in self.root.iter(*_TELLING):
            found[element.tag].append(element)
        return found

    @cached_property
    def part(self) -> Part | None:
        """What the portal's template selects; None where there is none, or the page has no such places."""
        rules, portal = self.rules, self.portal
        template = portal.template_at(self.fetched_at) if portal else None
        return None if template is None or (rules and rules.body) else place(self.root, template)

    def under(self, portal: Portal | None) -> Page:
        """The same bytes, to be read anew as a page of *portal*."""
        return Page(self._body, url=self.url, fetched_at=self.fetched_at, charset=self._charset, portal=portal)

    @property
    def raw(self) -> bytes:
        """The bytes of the page."""
        return self._body

    @property
    def charset(self) -> str | None:
        """What the Content-Type header said."""
        return self._charset

    @property
    def encoding(self) -> str:
        """The encoding that the page was decoded from."""
        return self._decoded[1]

    def read_whole(self) -> None:
        """Forgets the template, which does not hold: whatever is asked from now on is asked of the whole page."""
        for name in ("root", "blocks", "body", "title_at", "header", "title", "said", "meta", "base_url"):
            self.__dict__.pop(name, None)
        self.part = None

    @cached_property
    def blocks(self) -> Blocks:
        if self.part is not None:
            return self.part.blocks
        blocks = Blocks(self.root)
        judge_hints(blocks)
        return blocks

    @cached_property
    def body(self) -> Body:
        """The article's container and its lines, before they are trimmed."""
        if self.part is not None:
            return self.part.body
        return find_body(self.blocks, self.title_at)

    @cached_property
    def title_at(self) -> int | None:
        """The index of the line that is the headline, as far as the <title> tells; None where no line is."""
        if self.part is not None:
            return self.part.title_at
        return headline_index(self.blocks.lines, self.title, self.said, self.meta)

    @cached_property
    def header(self) -> Found:
        """What the lines around the headline state, and which lines they are."""
        return find_header(self)

    @cached_property
    def title(self) -> str:
        """The text of <title>; "" where there is none."""
        return page_title(self.telling["title"])

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
    def chinese(self) -> bool:
        """Whether the page's text is mostly Chinese."""
        sample = "".join(line.text for line in self.blocks.lines[:400])[:8000]
        return cjk_length(sample) * 3 > len(sample) * 0.5

    @cached_property
    def zone(self) -> tzinfo:
        if self._timezone is not None:
            return self._timezone
        if self.portal is not None:
            return self.portal.zone
        return zone_of("Asia/Shanghai" if self.chinese else "UTC")

    @cached_property
    def now(self) -> datetime:
        """The time of capture on the page's own clock."""
        return self.fetched_at.astimezone(self.zone)

    @cached_property
    def rules(self) -> Extract | None:
        """The portal's rules for the day the page was fetched."""
        return self.portal.rules_at(self.fetched_at) if self.portal else None

    def resolve(self, href: str | None) -> str | None:
        """*href* as a cleaned absolute http(s) address; None for anything else."""
        return urls.clean(href, self.base_url) if href else None
