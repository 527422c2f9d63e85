"""A portal's own rules: their values take precedence over generic extraction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crawler.article import Link
from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.lines import Line
from crawler.extraction.result import Fields
from crawler.extraction.text.paragraphs import paragraphs_of
from crawler.extraction.text.reading import Reading
from crawler.extraction.text.trim import body_lines
from crawler.values.counts import parse_count
from crawler.values.header import read_header
from crawler.values.media import stated_name
from crawler.values.persons import person_name
from crawler.values.text import line
from crawler.values.times import first_moment


@dataclass(slots=True)
class Ruled:
    """Values by field, as the portal's rules found them; a field without a value is left to generic extraction."""

    values: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> str | None:
        return self.values.get("body")

    def over(self, fields: Fields) -> None:
        """Writes the values into *fields*."""
        for name, value in self.values.items():
            setattr(fields, name, value)
            fields.extracted_by[name] = "rule"


def apply_rules(reading: Reading) -> Ruled:
    """What the portal's rules of the page's day select on it."""
    ruled = Ruled()
    rules = reading.page.rules.rules() if reading.page.rules else {}
    for name, selector in rules.items():
        if name == "next_page":
            continue
        selected = selector.select(reading.page.root)
        if selected:
            _READERS[name](reading, selected, ruled.values)
    return ruled


def _text(node: Any) -> str:
    return line(node if isinstance(node, str) else "".join(node.itertext()))


def _title(_reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    if text := next((t for node in selected if (t := _text(node))), None):
        values["title"] = text


def _source(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    text = _text(selected[0])
    if name := read_header(text, reading.now).source or stated_name(text):
        values["source"] = name


def _author(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    text = _text(selected[0])
    if name := read_header(text, reading.now).author or person_name(text):
        values["author"] = name


def _editor(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    text = _text(selected[0])
    if name := read_header(text, reading.now).editor or person_name(text):
        values["editor"] = name


def _published(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    text = _text(selected[0])
    if moment := read_header(text, reading.now).published or first_moment(text, reading.now):
        values["published_at"] = moment.isoformat(reading.zone)
        values["published_date"] = moment.day.isoformat()
        values["published_raw"] = moment.raw
        values["published_precision"] = moment.precision


def _views(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    text = _text(selected[0])
    header = read_header(text, reading.now)
    count = header.views if header.views is not None else parse_count(text)
    if count:
        values["view_count"] = count
        values["view_count_raw"] = header.views_raw or text


def _body(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    strings = [t for node in selected if isinstance(node, str) and (t := line(node))]
    elements = _outermost([node for node in selected if not isinstance(node, str)])
    paragraphs = strings + [
        paragraph for element in elements for paragraph in paragraphs_of(_lines_below(reading.blocks, element))
    ]
    if paragraphs:
        values["body"] = "\n\n".join(paragraphs)


def _outermost(elements: list[Any]) -> list[Any]:
    """*elements* without those that lie inside another of them: no text is taken twice."""
    chosen = set(elements)
    return [element for element in elements if not any(above in chosen for above in element.iterancestors())]


def _lines_below(blocks: Blocks, element: Any) -> list[Line]:
    container = blocks.node(element)
    inside = set(element.iter("*"))
    below = [
        below
        for below in blocks.lines
        if below.node.within(container) or any(holder in inside for _, holder, _ in below.pieces)
    ]
    return body_lines(container, below, None, set())


def _links(reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    links: dict[str, Link] = {}
    for node in selected:
        anchors = (
            [node] if not isinstance(node, str) and node.tag == "a" else [] if isinstance(node, str) else node.iter("a")
        )
        for anchor in anchors:
            url = reading.page.resolve(anchor.get("href"))
            if url and url != reading.page.address:
                links.setdefault(url, Link(url, _text(anchor) or None, "related"))
    if links:
        values["related_links"] = list(links.values())


def _section(_reading: Reading, selected: list[Any], values: dict[str, Any]) -> None:
    if parts := [t for node in selected if (t := _text(node))]:
        values["section"] = parts


_READERS = {
    "title": _title,
    "source": _source,
    "author": _author,
    "editor": _editor,
    "published_at": _published,
    "view_count": _views,
    "body": _body,
    "related_links": _links,
    "section": _section,
}
