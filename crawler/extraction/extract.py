"""The fields of one article out of its pages: every question is asked once, in the order of trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.article import Refusal
from crawler.extraction.fields.context import find_canonical, find_language, find_section, find_tags, own_addresses
from crawler.extraction.fields.counter import counter_writes_over, read_counter
from crawler.extraction.fields.dates import find_modified, find_published
from crawler.extraction.fields.images import find_images
from crawler.extraction.fields.links import find_links
from crawler.extraction.fields.people import find_author, find_source
from crawler.extraction.page.blocks import Line, Node
from crawler.extraction.page.document import Page
from crawler.extraction.refusal import refuse
from crawler.extraction.result import Fields
from crawler.extraction.rules import apply_rules
from crawler.extraction.text.body import Body
from crawler.extraction.text.headline import find_title
from crawler.extraction.text.paragraphs import joined, paragraphs_of
from crawler.extraction.text.template import holds, sign
from crawler.extraction.text.trim import body_lines, standfirst
from crawler.values.counts import parse_count
from crawler.values.header import Header
from crawler.values.moments import Moment
from crawler.values.text import squash


@dataclass(slots=True)
class Reading:
    """What one page was read as, before it is written into fields."""

    body: Body
    lines: list[Line]
    title: tuple[str | None, str]
    header: Header


def extract(pages: Sequence[Page], counter: bytes | None = None) -> Fields | Refusal:
    """The article on *pages* (the first one first) or why there is none; *counter* is the answer of its view counter.

    Pure: the same bytes give the same fields. Raises ValueError for no pages.
    """
    if not pages:
        raise ValueError("an article has at least one page")
    page = pages[0]
    if page.part is not None:
        page.part.prune()
    found = _extract(pages, counter)
    if page.part is not None:
        if isinstance(found, Fields) and holds(page.part, found):
            sign(page.part, found)
        else:
            page.read_whole()
            found = _extract(pages, counter)
    return found


def _extract(pages: Sequence[Page], counter: bytes | None) -> Fields | Refusal:
    page = pages[0]
    reading = _read(page)
    ruled = apply_rules(page)
    if page.part is None and (refusal := refuse(page, reading.lines, reading.header)) and not ruled.body:
        return refusal
    fields = Fields()
    _take_text(fields, pages, reading)
    _take_header(fields, page, reading)
    _take_views(fields, page, counter)
    _take_context(fields, page, reading)
    ruled.over(fields)
    return fields


def states_views(page: Page) -> bool:
    """Whether the page itself states its view count, and no script of its own writes a newer one over it."""
    return bool(page.header.header.views) and not counter_writes_over(page)


def _read(page: Page) -> Reading:
    body = page.body
    lines = page.blocks.lines
    first = body.lines[0].index if body.lines else len(lines)
    title = find_title(lines, page.title_at, first, page.title, page.said, page.meta)
    found = page.header
    kept = body_lines(body.node, body.lines, title[0], found.used) if body.node else []
    if body.node and kept and page.title_at is not None:
        kept = [*_above(page, body.node, kept), *kept]
    return Reading(body, kept, title, found.header)


def _above(page: Page, container: Node, kept: list[Line]) -> list[Line]:
    """The summary between headline and text."""
    assert page.title_at is not None
    between = page.blocks.lines[page.title_at + 1 : kept[0].index]
    if not any(line.prose for line in between):
        return []
    known = squash("".join(line.text for line in (page.blocks.lines[page.title_at], *kept)))
    return standfirst(between, container, page.header.used, known)


def _take_text(fields: Fields, pages: Sequence[Page], reading: Reading) -> None:
    texts = [paragraphs_of(lines) for lines in (reading.lines, *(_read(further).lines for further in pages[1:]))]
    fields.title, origin = reading.title
    fields.body = "\n\n".join(joined(texts)) or None
    _note(fields, title=origin, body="generic")


def _take_header(fields: Fields, page: Page, reading: Reading) -> None:
    said, meta, header = page.said, page.meta, reading.header
    published, origin = find_published(page, said, meta, header)
    if published is not None:
        fields.published_at = published.isoformat(page.zone)
        fields.published_date = published.day.isoformat()
        fields.published_raw = published.raw
        fields.published_precision = published.precision
        _note(fields, published_at=origin, published_date=origin, published_raw=origin, published_precision=origin)
    modified, origin = find_modified(page, said, meta, header)
    if modified is not None and not _same(modified, published):
        fields.modified_at = modified.isoformat(page.zone)
        _note(fields, modified_at=origin)
    fields.source, fields.source_url, origin = find_source(page, said, header)
    _note(fields, source=origin, source_url=origin)
    fields.author, origin = find_author(page, said, meta, header)
    fields.editor = header.editor
    _note(fields, author=origin, editor="label")


def _same(one: Moment, other: Moment | None) -> bool:
    return other is not None and (one.day, one.hour, one.minute, one.second) == (
        other.day,
        other.hour,
        other.minute,
        other.second,
    )


def _take_views(fields: Fields, page: Page, counter: bytes | None) -> None:
    header = page.header.header
    asked = read_counter(counter) if counter is not None and not states_views(page) else None
    if asked and (count := parse_count(asked)) is not None:
        fields.view_count, fields.view_count_raw = count, asked
        _note(fields, view_count="counter", view_count_raw="counter")
    elif header.views:  # a count of 0 is a placeholder
        fields.view_count, fields.view_count_raw = header.views, header.views_raw
        _note(fields, view_count="label", view_count_raw="label")


def _take_context(fields: Fields, page: Page, reading: Reading) -> None:
    said, meta = page.said, page.meta
    fields.canonical_url, origin = find_canonical(page)
    _note(fields, canonical_url=origin)
    fields.section, origin = find_section(page, said, fields.title)
    _note(fields, section=origin)
    fields.tags, origin = find_tags(said, meta)
    _note(fields, tags=origin)
    fields.language = find_language(page, f"{fields.title or ''}\n{fields.body or ''}", meta)
    fields.images = find_images(page, reading.body.node)
    fields.related_links = find_links(page, own_addresses(page, fields.canonical_url))
    _note(fields, language="generic", images="generic", related_links="generic")


def _note(fields: Fields, **origins: str) -> None:
    for name, origin in origins.items():
        if getattr(fields, name) not in (None, []):
            fields.extracted_by[name] = origin
