"""The interpretation of a page: which line is the headline and which part is the text. Immutable.

A page is read through its portal's template where that holds, else as a whole; the later questions (dates, people,
links ...) are asked of a :class:`Reading` and do not know the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.document import Page
from crawler.extraction.page.lines import Line
from crawler.extraction.text.body import Body, find_body
from crawler.extraction.text.headline import headline_index
from crawler.extraction.text.template import Part, place
from crawler.values.text import cjk_length
from crawler.values.zones import zone_of

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reading:
    """*page*, read through *part*, what its template selects; as a whole where that is None."""

    page: Page
    part: Part | None

    def once(self, question: Callable[[Reading], _T]) -> _T:
        """The answer to *question*, asked once. It must not refer to the reading or the page."""
        return self.page.once((question, self.part is None), lambda: question(self))

    @property
    def blocks(self) -> Blocks:
        return self.page.blocks if self.part is None else self.part.blocks

    @property
    def lines(self) -> list[Line]:
        """The lines of text, in order."""
        return self.blocks.lines

    @property
    def linked_text(self) -> str:
        """The texts of all lines that links are part of: what no link says is not looked for in each of them."""
        return self.once(_linked_text)

    @property
    def title_at(self) -> int | None:
        """The index of the line that is the headline, as far as the <title> tells; None where no line is."""
        return self.once(_title_at)

    @property
    def body(self) -> Body:
        """The article's container and its lines, before they are trimmed."""
        return self.once(_body)

    @property
    def chinese(self) -> bool:
        """Whether the page's text is mostly Chinese."""
        return self.once(_chinese)

    @property
    def zone(self) -> tzinfo:
        """The page's own time zone: the stated one, else a guess from its language."""
        return self.page.stated_zone or zone_of("Asia/Shanghai" if self.chinese else "UTC")

    @property
    def now(self) -> datetime:
        """The time of capture on the page's own clock."""
        return self.once(_now)

    @property
    def places(self) -> list[Any]:
        """The elements that are read: the root, or the places of the template."""
        return [self.page.root] if self.part is None else self.part.places

    def elements(self, tag: str) -> list[Any]:
        """The elements *tag* (a, time) that are read, in order."""
        return self.blocks.noted[tag]


def whole(page: Page) -> Reading:
    """*page* read as a whole."""
    return Reading(page, None)


def reading_of(page: Page) -> Reading:
    """*page* read through the template of its portal; as a whole where there is none, or the page has no such places.

    Whether the template gave all that it promises is known once the fields are read (:func:`template.holds`).
    """
    return Reading(page, page.once("part", lambda: _part(page)))


def _part(page: Page) -> Part | None:
    rules, portal = page.rules, page.portal
    template = portal.template_at(page.fetched_at) if portal else None
    return None if template is None or (rules and rules.body) else place(page.root, template)


def _title_at(reading: Reading) -> int | None:
    if reading.part is not None:
        return reading.part.title_at
    page = reading.page
    return headline_index(reading.blocks, page.title, page.said, page.meta)


def _linked_text(reading: Reading) -> str:
    return "\n".join([line.text for line in reading.lines if line.linked])


def _body(reading: Reading) -> Body:
    return find_body(reading.blocks, reading.title_at) if reading.part is None else reading.part.body


def _now(reading: Reading) -> datetime:
    return reading.page.fetched_at.astimezone(reading.zone)


def _chinese(reading: Reading) -> bool:
    texts = [line.text for line in reading.lines[:400]]
    sample = "".join(texts)
    if "://" in sample:
        sample = "".join([text for text in texts if "://" not in text])
    sample = sample[:8000]
    return cjk_length(sample) * 3 > len(sample) * 0.5
