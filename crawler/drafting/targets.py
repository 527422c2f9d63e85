"""Where the fields of one page stand: the elements that generic extraction read them from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crawler.article import Link
from crawler.drafting.selectors import by_heading, by_text, selectors
from crawler.extraction import Fields, Page
from crawler.extraction.fields.header_lines import header_of
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line
from crawler.extraction.text.reading import Reading, reading_of
from crawler.values.text import line

_HEADER = {
    "published_at": "published_raw", "source": "source", "author": "author", "editor": "editor",
    "view_count": "view_count_raw",
}  # fmt: skip
_SHOWN = frozenset({"generic", "label"})
_LONGEST = 400  #: characters of an element that states time and source
_LABEL = re.compile(r"[^\W\d]{2,8}[:：]")
_NEIGHBOUR = ("上一篇", "上一条", "上一则", "Previous", "下一篇", "Next")
_LEVELS = 3  #: elements around a block of links that may hold its heading as well

#: Selector -> (what it costs, the elements on this page that it may find).
Offers = dict[str, tuple[float, list[Any]]]


@dataclass
class ReadPage:
    """A page, and what generic extraction read on it."""

    page: Page
    fields: Fields

    @property
    def reading(self) -> Reading:
        return reading_of(self.page)

    @cached_property
    def root(self) -> Any:
        return self.page.root

    @cached_property
    def _body(self) -> Any:
        node = self.reading.body.node
        assert node is not None
        return node.element

    @cached_property
    def _title(self) -> Line | None:
        at = self.reading.title_at
        return None if at is None else self.reading.lines[at]

    def value(self, name: str) -> Any:
        """The value of the field *name*, where the page's text shows it; None where it does not."""
        links = self._links(name)
        if links is not None:
            return links or None
        if name in {"title", "body"}:
            return getattr(self.fields, name)
        return getattr(self.fields, name) or None if self.fields.extracted_by.get(name) in _SHOWN else None

    def _links(self, name: str) -> list[Link] | None:
        if name not in {"neighbours", "related"}:
            return None
        return [
            related_link
            for related_link in self.fields.related_links
            if (related_link.kind == "related") == (name == "related")
        ]

    def offers(self, name: str) -> Offers:
        """Selectors for the place of the field *name* on this page; {} where it has no place of its own."""
        if name in {"neighbours", "related"}:
            return dict(self._of_links(self._links(name) or []))
        found: Offers = {}
        alternatives = list(self._alternatives(name))
        for rank, element in enumerate(alternatives):
            for source, cost in selectors(element).items():
                found.setdefault(source, (cost + rank, alternatives))
        if (
            name not in {"title", "body"}
            and alternatives
            and (label := _LABEL.match(line("".join(alternatives[0].itertext()))))
        ):
            found[by_text(alternatives[0], label[0])] = (8.0, alternatives)
        return found

    def _alternatives(self, name: str) -> Iterator[Any]:
        """Elements that are read alike for *name*, the best first."""
        if name == "body":
            yield self._body
            return
        where = self._title if name == "title" else self._line(name)
        if where is None or (name != "title" and self._inside_text(where)):
            return
        inner = where.pieces[0][1]
        block = where.node.element
        yield from dict.fromkeys([block, inner] if self._tight(block) else [inner])
        above = block.getparent()
        if name != "title" and above is not None and self._tight(above):
            yield above

    def _line(self, name: str) -> Line | None:
        """The line of the page that states *name*."""
        if name == "section":
            lines = [x for x in self.reading.lines[:80] if len(x.text) < 200 and _has(x.text, self.fields.section)]
            return next((x for x in lines if x.node.hint & Hint.CRUMB or "位置" in x.text), None)
        raw = getattr(self.fields, _HEADER[name])
        lines = self.reading.lines
        stated = [x for x in lines if _LABEL.match(x.text) and len(x.text) <= _LONGEST]
        header = [lines[number] for number in sorted(header_of(self.reading).used)]
        return next((x for x in (*header, *stated) if raw and str(raw) in x.text), None)

    def _inside_text(self, where: Line) -> bool:
        body = self.reading.body.node
        return body is not None and where.node.within(body)

    def _tight(self, element: Any) -> bool:
        """Whether *element* holds little more than a line, and neither text nor headline."""
        return len(line("".join(element.itertext()))) <= _LONGEST and not self._holds_text(element)

    def _holds_text(self, element: Any) -> bool:
        return element is self._body or any(above is element for above in self._body.iterancestors())

    def _of_links(self, links: Collection[Link]) -> Iterator[tuple[str, tuple[float, list[Any]]]]:
        """Selectors for the smallest element around all *links*, for those around it, and by the words before it."""
        region = self._region({link.url for link in links}) if links else None
        if region is None:
            return
        level, element = 0, region
        while level < _LEVELS and element is not None and not self._holds_text(element):
            for source, cost in selectors(element).items():
                yield source, (cost + level, [element])
            element, level = element.getparent(), level + 1
        text = line("".join(region.itertext()))
        label = next((pattern for pattern in _NEIGHBOUR if text.startswith(pattern)), None)
        if label:
            yield by_text(region, label), (8.0, [region])
        heading = self.heading(region)
        if heading is not None and (written := by_heading(heading, region)):
            yield written, (9.0, [region])

    def heading(self, region: Any) -> Any:
        """The element whose text stands directly before *region*."""
        lines = self.reading.lines
        first = next((n for n, x in enumerate(lines) if x.node.element is region or _below(x.node.element, region)), 0)
        return lines[first - 1].pieces[0][1] if first else None

    def _region(self, addresses: set[str]) -> Any:
        """The smallest element outside the text that links to all *addresses*."""
        best, size = None, 1 << 30
        wanted = set(addresses)
        for anchor in self.root.iter("a"):
            if self.page.resolve(anchor.get("href")) not in wanted or _below(anchor, self._body):
                continue
            element = anchor
            while element is not None and not self._holds_text(element):
                inside = [self.page.resolve(anchor.get("href")) for anchor in element.iter("a")]
                if wanted <= set(inside):
                    if len(inside) < size:
                        best, size = element, len(inside)
                    break
                element = element.getparent()
        if best is not None and best.tag == "a":
            best = best.getparent()
        return best


def _has(text: str, parts: Collection[str]) -> bool:
    return bool(parts) and all(part in text for part in parts)


def _below(element: Any, other: Any) -> bool:
    return any(above is other for above in element.iterancestors())
