"""The text of an archived article in another format, extracted again from the archived pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler import extraction
from crawler.archive.read.reader import Reader
from crawler.article import Refusal, parse_moment
from crawler.assembly import charset_of
from crawler.extraction import Page, Structured
from crawler.portals import Portal


def structure(reader: Reader, record: Mapping[str, Any], portal: Portal | None) -> Structured | Refusal:
    """The structured text of *record*, as this version of citynews reads its archived pages.

    *portal* is its definition, None where there is none any more. Raises DamagedError where a page is not there.
    """
    pages = [
        Page(
            capture.body,
            url=capture.url,
            fetched_at=parse_moment(capture.fetched_at),
            charset=charset_of(
                next((value for name, value in capture.headers if name.lower() == "content-type"), None)
            ),
            portal=portal,
        )
        for capture in reader.captures(record)
        if capture.role != "counter"
    ]
    return extraction.structure(pages)
