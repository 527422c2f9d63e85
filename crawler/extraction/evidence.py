"""Evidence for and against a page being an article, counted when it is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlsplit

from crawler.extraction.fields.header_merge import HeaderLines
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.text.reading import Reading
from crawler.extraction.text.title import without_site
from crawler.extraction.text.weight import NEAR
from crawler.values.text import squash
from crawler.values.urls import is_home

_FOLDER = re.compile(
    r"(?:/|/(?:index|default|list|node_\d+|col\d*)(?:_\d+)?\.\w{2,5}|/list\d*(?:_\d+)?)$", re.IGNORECASE
)
_NUMBERED = re.compile(r"\d{4}[-/_]?\d{2}|\d{5,}|/(?:content|article|detail|info|news)[-_/]\w*\d")
_CUT = re.compile(r"(?:…|\.{2,}|。{2,}|\[?(?:详细|更多|全文|查看)\S{0,3}\]?|read more)\W{0,3}$", re.IGNORECASE)
_LONGEST_CUT = 16  #: characters
#: How topic pages are called: the last part of a <title>, the folder that they lie in.
_TOPIC = re.compile(r"[-_|·—]\s?[^-_|·—]{0,12}(?:专题|專題|special report)(?:[-_|·—].{0,20})?$", re.IGNORECASE)
_TOPIC_PATH = re.compile(r"/(?:zt|zhuanti|ztbd|ztzl|special|topics?|subject)(?:_\w{1,8})?/[^/.]*/?$", re.IGNORECASE)
_LONGEST_LEAD = 900  #: units of prose of the introduction of a topic


class Evidence:
    """Numbers and signs on a page that would give the lines *body* below the header lines *stated*.

    Units are bytes of UTF-8. Most pages name an article in a few of these: the rest is not counted there.
    """

    def __init__(self, reading: Reading, body: Sequence[Line], stated: HeaderLines) -> None:
        self._reading, self._body, self._header = reading, body, stated.header
        self._at = reading.title_at
        self._title = squash(reading.lines[self._at].text) if self._at is not None else ""

    @cached_property
    def home(self) -> bool:
        """Whether the address is that of a site."""
        return is_home(self._reading.page.url)

    @cached_property
    def folder(self) -> bool:
        """Whether the address is that of a folder or an index page, and has no number."""
        return bool(_FOLDER.search(urlsplit(self._reading.page.url).path)) and not self.numbered

    @cached_property
    def topic(self) -> bool:
        """Whether <title> or address name a topic (a folder of articles), and neither day nor long text an article."""
        named = _TOPIC.search(self._reading.page.title) or _TOPIC_PATH.search(urlsplit(self._reading.page.url).path)
        return bool(named) and not self.dated and not self.numbered and self.text < _LONGEST_LEAD

    @cached_property
    def numbered(self) -> bool:
        """Whether the address has a day or a number, as those of articles have."""
        parts = urlsplit(self._reading.page.url)
        return bool(_NUMBERED.search(f"{parts.path}?{parts.query}"))

    @cached_property
    def headline(self) -> bool:
        """Whether a line is what the page calls itself."""
        page = self._reading.page
        return bool(self._title) and (self._title in squash(page.title) or bool(page.said.title))

    @cached_property
    def heading(self) -> bool:
        """Whether the headline is a heading."""
        return self._at is not None and self._reading.lines[self._at].node.tag in ("h1", "h2", "h3")

    @cached_property
    def own_title(self) -> bool:
        """Whether the headline says more than the name of a site or a column."""
        return len(self._title) >= max(6, 0.8 * len(squash(without_site(self._reading.page.title))))

    @property
    def titled(self) -> bool:
        """Whether the page calls itself by a headline of its own."""
        return self.headline and self.own_title

    @property
    def dated(self) -> bool:
        """Whether a day stands beside the headline."""
        return self._header.published is not None

    @property
    def clocked(self) -> bool:
        """Whether that day has a time, or a label."""
        published = self._header.published
        return published is not None and (self._header.labelled or published.hour is not None)

    @property
    def stated(self) -> bool:
        """Whether a source, an author, an editor or a count stands there."""
        header = self._header
        return bool(header.source_labelled or header.author or header.editor or header.views is not None)

    @property
    def described(self) -> bool:
        """Whether JSON-LD describes an article."""
        said = self._reading.page.said
        return bool(said.title and said.published)

    @property
    def published(self) -> bool:
        """Whether the metadata name the moment of publication."""
        return bool(self._reading.page.meta.dates)

    @property
    def typed(self) -> bool:
        """Whether og:type is article."""
        return (self._reading.page.meta.first("og:type") or "").lower() in ("article", "news")

    @cached_property
    def near(self) -> bool:
        """Whether the text begins near below the headline."""
        return self._at is not None and bool(self._body) and 0 < self._body[0].index - self._at < NEAR

    @cached_property
    def units(self) -> float:
        """Units of the text, prose or not, links apart."""
        return sum(line.units * (1 - line.linked) for line in self._body)

    @cached_property
    def own(self) -> float:
        """The same without what is repeated: entries of a list."""
        return sum(line.units * (1 - line.linked) for line in self._body if not line.kind & Kind.OTHERS)

    @cached_property
    def text(self) -> float:
        """Units of prose of the text."""
        return sum(line.prose for line in self._prose)

    @cached_property
    def longest(self) -> float:
        """Units of prose in the element that holds most of it directly."""
        columns = Counter[int]()
        for line in self._prose:
            columns[id(line.node.parent)] += int(line.prose)
        return float(max(columns.values(), default=0))

    @cached_property
    def cut(self) -> float:
        """Share of the paragraphs that are cut off in the middle."""
        prose = self._prose
        ends = (line.text[-_LONGEST_CUT:] for line in prose)
        return sum(bool(_CUT.search(end)) for end in ends) / len(prose) if prose else 0.0

    @cached_property
    def other(self) -> float:
        """Units of prose of the page that is not of the text; what is repeated counts once."""
        return sum({line.text: line.prose for line in self._rest if line.prose}.values())

    @cached_property
    def links(self) -> float:
        """Units of links outside the text, menus apart."""
        frame = Hint.CHROME | Hint.CRUMB
        return sum([line.units * line.linked for line in self._rest if line.linked and not line.node.hint & frame])

    @cached_property
    def teasers(self) -> int:
        """Lines of streams."""
        return sum([line.kind & Kind.STREAM for line in self._reading.lines])

    @cached_property
    def _prose(self) -> list[Line]:
        return [line for line in self._body if line.prose and line.linked < 0.3 and not line.kind & Kind.OTHERS]

    @cached_property
    def _rest(self) -> list[Line]:
        inside = {line.index for line in self._body}
        return [line for line in self._reading.lines if line.index not in inside and not line.node.hidden]
