"""Where a text comes from and who wrote it."""

from __future__ import annotations

import re

from crawler.extraction.page.metadata import Described, MetaTags
from crawler.extraction.text.reading import Reading
from crawler.values.header import Header
from crawler.values.persons import person_name

_NO_PERSON = re.compile(
    r"^(?:admin|administrator|editor|webmaster|root|staff|unknown|anonymous|https?:.*|@.*)$|^\W*$", re.IGNORECASE
)


def find_source(reading: Reading, said: Described, header: Header) -> tuple[str | None, str | None, str]:
    """(source, its address, how it was found): as stated; the article's publisher where none is stated."""
    if header.source:
        return header.source, _address(reading, header.source), "label" if header.source_labelled else "generic"
    if header.source_stated or not said.publisher:
        return None, None, "label"
    return said.publisher, None, "json-ld"


def _address(reading: Reading, source: str) -> str | None:
    for each in reading.lines:
        if source in each.text and len(each.text) < 200:
            for piece, _, link in each.pieces:
                if link is not None and source in piece:
                    return reading.page.resolve(link.get("href"))
    return None


def _plain(name: str) -> str:
    """A name as JSON-LD has it, without what some publishers put around it: By, quotes, the medium behind a bar."""
    return re.sub(r"^by\s+", "", name.split(" | ", maxsplit=1)[0], flags=re.IGNORECASE).strip('"“” ')


def find_author(reading: Reading, said: Described, meta: MetaTags, header: Header) -> tuple[str | None, str]:
    """(author, how it was found)."""
    if said.authors and not reading.chinese:
        names = [name for name in map(_plain, said.authors) if not _NO_PERSON.match(name) and len(name) <= 80]
        if names:
            return ", ".join(names), "json-ld"
    if header.author:
        return header.author, "label"
    stated = meta.first("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
    if stated and not reading.chinese and not _NO_PERSON.match(stated):
        name = person_name(re.sub(r"^by\s+", "", stated, flags=re.IGNORECASE))
        if name:
            return name, "meta"
    return None, "label"
