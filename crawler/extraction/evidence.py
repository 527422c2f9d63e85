"""What speaks for a page being an article, and what against it, counted once the page has been read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extraction.fields.header_lines import HeaderLines
from crawler.extraction.page.blocks import Line
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.text.headline import without_site
from crawler.extraction.text.reading import Reading
from crawler.values.text import squash

_HOME = re.compile(r"/?(?:(?:index|default|home|main)(?:\.\w{2,5})?)?/?", re.IGNORECASE)
_FOLDER = re.compile(
    r"(?:/|/(?:index|default|list|node_\d+|col\d*)(?:_\d+)?\.\w{2,5}|/list\d*(?:_\d+)?)$", re.IGNORECASE
)
_NUMBERED = re.compile(r"\d{4}[-/_]?\d{2}|\d{5,}|/(?:content|article|detail|info|news)[-_/]\w*\d")
_CUT = re.compile(r"(?:…|\.{2,}|。{2,}|\[?(?:详细|更多|全文|查看)\S{0,3}\]?|read more)\W{0,3}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Numbers and signs; units are bytes of UTF-8."""

    home: bool  #: the address is that of a site
    numbered: bool  #: the address has a day or a number, as those of articles have
    headline: bool  #: a line is what the page calls itself
    heading: bool  #: ... and is a heading
    own_title: bool  #: the headline says more than the name of a site or a column
    dated: bool  #: a day stands beside the headline
    clocked: bool  #: ... with a time, or a label
    stated: bool  #: a source, an author or a count stands there
    described: bool  #: JSON-LD describes an article
    published: bool  #: the metadata name the moment of publication
    typed: bool  #: og:type is article
    units: float  #: units of the text, prose or not, links apart
    text: float  #: units of prose of the text
    longest: float  #: units of prose in the element that holds most of it directly
    other: float  #: units of prose of the page that is not of the text
    links: float  #: units of links outside the text
    teasers: int  #: lines of streams
    cut: float  #: share of the paragraphs that are cut off in the middle
    columns: int  #: elements that hold paragraphs directly
    near: bool  #: the text begins near below the headline


def collect(reading: Reading, body: Sequence[Line], stated: HeaderLines) -> Evidence:
    """The evidence on a page that would give the lines *body* below the header lines *stated*."""
    page, header, lines = reading.page, stated.header, reading.lines
    parts = urlsplit(page.url)
    at = reading.title_at
    inside = {line.index for line in body}
    prose = [line for line in body if line.prose and line.linked < 0.3 and not line.kind & Kind.OTHERS]
    columns = Counter[int]()
    for line in prose:
        columns[id(line.node.parent)] += int(line.prose)
    title = lines[at].text if at is not None else ""
    rest = [line for line in lines if line.index not in inside and not line.node.hidden]
    name = squash(without_site(page.title))
    return Evidence(
        home=bool(parts.netloc) and not parts.query and bool(_HOME.fullmatch(parts.path)),
        numbered=bool(_NUMBERED.search(f"{parts.path}?{parts.query}")),
        headline=at is not None
        and bool(squash(title))
        and (squash(title) in squash(page.title) or bool(page.said.title)),
        heading=at is not None and lines[at].node.tag in ("h1", "h2", "h3"),
        own_title=len(squash(title)) >= max(6, 0.8 * len(name)),
        dated=header.published is not None,
        clocked=header.published is not None and (header.labelled or header.published.hour is not None),
        stated=bool(header.source_labelled or header.author or header.editor or header.views is not None),
        described=bool(page.said.title and page.said.published),
        published=bool(page.meta.dates),
        typed=(page.meta.first("og:type") or "").lower() in ("article", "news"),
        units=sum(line.units * (1 - line.linked) for line in body),
        text=sum(line.prose for line in prose),
        longest=float(max(columns.values(), default=0)),
        other=sum({line.text: line.prose for line in rest}.values()),  # what is repeated counts once
        links=sum(line.units * line.linked for line in rest if not line.node.hint & (Hint.CHROME | Hint.CRUMB)),
        teasers=sum(bool(line.kind & Kind.STREAM) for line in lines),
        cut=sum(bool(_CUT.search(line.text)) for line in prose) / len(prose) if prose else 0.0,
        columns=len(columns),
        near=at is not None and bool(body) and 0 < body[0].index - at < 15,
    )
