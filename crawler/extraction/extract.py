"""Extracts the fields of an article from its pages, in order of trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from crawler.article import Refusal
from crawler.extraction.fields.attachments import find_attachments
from crawler.extraction.fields.context import find_canonical, find_language, find_section, find_tags, own_addresses
from crawler.extraction.fields.counter import counter_writes_over, read_counter
from crawler.extraction.fields.dates import find_modified, find_published
from crawler.extraction.fields.header_lines import header_of
from crawler.extraction.fields.images import find_images
from crawler.extraction.fields.links import find_links
from crawler.extraction.fields.named import names_in
from crawler.extraction.fields.page_state import views_in_script
from crawler.extraction.fields.people import find_author, find_source
from crawler.extraction.formats import Block, Span, Structured, structured
from crawler.extraction.page.document import Page
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.refusal import refuse
from crawler.extraction.result import Fields
from crawler.extraction.rules import apply_rules
from crawler.extraction.text.cuts import without_profile
from crawler.extraction.text.paragraphs import fresh, joined, paragraphs_of
from crawler.extraction.text.reading import Reading, reading_of, whole
from crawler.extraction.text.template import holds, sign
from crawler.extraction.text.title import find_title
from crawler.extraction.text.trim import body_lines, standfirst
from crawler.values.counts import parse_count
from crawler.values.header_fields import Header
from crawler.values.moments import Moment
from crawler.values.surnames import like_person
from crawler.values.text import squash

_HARDLY = 0.2  #: share of a stated text; a teaser of it has less
#: Origins of a text that no lines of the page are.
_NO_LINES = frozenset({"rule", "json-ld"})


@dataclass(frozen=True, slots=True)
class Text:
    """The article on one page, before it becomes fields."""

    lines: list[Line]  #: its text
    title: tuple[str | None, str]  #: the headline, and how it was found
    header: Header


def extract(pages: Sequence[Page], counter: bytes | None = None) -> Fields | Refusal:
    """The fields of the article on *pages* (the first one first), or a Refusal; *counter*: its view counter's response.

    Pure: the same bytes give the same fields. Raises ValueError for no pages.
    """
    outcome, _ = read(pages, counter)
    return outcome


def structure(pages: Sequence[Page]) -> Structured | Refusal:
    """The text of the article on *pages* with its structure, or a Refusal.

    Its plain form is the ``body`` that :func:`extract` gives. Raises ValueError for no pages.
    """
    outcome, reading = read(pages)
    if isinstance(outcome, Refusal):
        return outcome
    body = outcome.body or ""
    if outcome.extracted_by.get("body") in _NO_LINES:
        return Structured(outcome.title, tuple(Block("paragraph", (Span(p),)) for p in body.split("\n\n") if p), body)
    readings = [reading, *map(reading_of, pages[1:])]
    return structured(
        outcome.title, fresh([(page_reading, article_of(page_reading).lines) for page_reading in readings]), body
    )


def read(pages: Sequence[Page], counter: bytes | None = None) -> tuple[Fields | Refusal, Reading]:
    """The result of :func:`extract`, and the reading of the first page."""
    if not pages:
        raise ValueError("an article has at least one page")
    reading = reading_of(pages[0])
    outcome = _extract(reading, pages[1:], counter)
    if reading.part is not None:
        if isinstance(outcome, Fields) and holds(reading.part, outcome):
            sign(reading.part, outcome)
        else:
            reading = whole(pages[0])
            outcome = _extract(reading, pages[1:], counter)
    return outcome, reading


def _extract(reading: Reading, further: Sequence[Page], counter: bytes | None) -> Fields | Refusal:
    article = article_of(reading)
    ruled = apply_rules(reading)
    stated = _stated_text(reading, article)
    refusal = refuse(reading, article.lines, header_of(reading)) if reading.part is None and not ruled.body else None
    if refusal and not (stated and refusal.reason == "text-missing"):
        return refusal
    fields = Fields()
    _take_text(fields, [article, *(article_of(reading_of(page)) for page in further)])
    if stated:
        fields.body = "\n\n".join(stated)
        _note(fields, body="json-ld")
    _take_header(fields, reading)
    _take_views(fields, reading, counter)
    _take_context(fields, reading)
    ruled.over(fields)
    return fields


def _stated_text(reading: Reading, article: Text) -> list[str]:
    """The text that the page's JSON-LD has, where the page itself shows none, or hardly any of it: a script does."""
    text = reading.page.said.text
    shown = sum(line.units for line in article.lines)
    return text if shown < _HARDLY * len("".join(text).encode("utf-8", "replace")) else []


def states_views(page: Page) -> bool:
    """Whether the page itself states its view count, and no script of it replaces that."""
    return _states_views(reading_of(page))


def _states_views(reading: Reading) -> bool:
    return bool(header_of(reading).header.views) and not counter_writes_over(reading.page)


def article_of(reading: Reading) -> Text:
    """Title and text of *reading*."""
    page, body, lines = reading.page, reading.body, reading.lines
    first = next((line.index for line in body.lines if line.prose), body.lines[0].index if body.lines else len(lines))
    title = find_title(lines, reading.title_at, first, page.title, page.said, page.meta)
    stated = header_of(reading)
    title_at, node = reading.title_at, body.node
    kept = body_lines(node, body.lines, title[0], stated.used, title_at, page.url) if node else []
    if kept and (author := stated.header.author) and author[:1].isascii():
        kept = without_profile(kept, [name for name in names_in(author) if like_person(name)])
    if node and kept and title_at is not None:
        kept = [*_above(reading, node, kept, stated.used), *kept]
    return Text(kept, title, stated.header)


def _above(reading: Reading, container: Node, kept: list[Line], header: set[int]) -> list[Line]:
    """The summary between headline and text."""
    assert reading.title_at is not None
    between = reading.lines[reading.title_at + 1 : kept[0].index]
    if not any(line.prose for line in between):
        return []
    known = squash("".join(line.text for line in (reading.lines[reading.title_at], *kept)))
    return standfirst(between, container, header, known)


def _take_text(fields: Fields, articles: Sequence[Text]) -> None:
    fields.title, origin = articles[0].title
    fields.body = "\n\n".join(joined([paragraphs_of(article.lines) for article in articles])) or None
    _note(fields, title=origin, body="generic")


def _take_header(fields: Fields, reading: Reading) -> None:
    lines = header_of(reading)
    header = lines.header
    published, origin = find_published(reading, lines)
    if published is not None:
        fields.published_at = published.isoformat(reading.zone)
        fields.published_date = published.day.isoformat()
        fields.published_raw = published.raw
        fields.published_precision = published.precision
        _note(fields, published_at=origin, published_date=origin, published_raw=origin, published_precision=origin)
    modified, origin = find_modified(reading, header)
    if modified is not None and not _same(modified, published, reading.zone):
        fields.modified_at = modified.isoformat(reading.zone)
        _note(fields, modified_at=origin)
    fields.source, fields.source_url, origin = find_source(reading, header)
    _note(fields, source=origin, source_url=origin)
    fields.author, origin = find_author(reading, header)
    fields.editor = header.editor
    _note(fields, author=origin, editor="label")


def _same(one: Moment, other: Moment | None, zone: tzinfo) -> bool:
    """Whether both are one day, or one instant on whatever clocks."""
    if other is None or (one.hour is None) != (other.hour is None):
        return False
    return one.day == other.day if one.hour is None else one.at(zone) == other.at(zone)


def _take_views(fields: Fields, reading: Reading, counter: bytes | None) -> None:
    header = header_of(reading).header
    asked = read_counter(counter) if counter is not None and not _states_views(reading) else None
    if asked and (count := parse_count(asked)) is not None:
        fields.view_count, fields.view_count_raw = count, asked
        _note(fields, view_count="counter", view_count_raw="counter")
    elif header.views:  # a count of 0 is a placeholder
        fields.view_count, fields.view_count_raw = header.views, header.views_raw
        _note(fields, view_count="label", view_count_raw="label")
    elif not header.views_stated and (held := views_in_script(reading.page, fields.title)):
        fields.view_count, fields.view_count_raw = held, str(held)
        _note(fields, view_count="template", view_count_raw="template")


def _take_context(fields: Fields, reading: Reading) -> None:
    page = reading.page
    fields.canonical_url, origin = find_canonical(page)
    _note(fields, canonical_url=origin)
    fields.section, origin = find_section(reading, page.said, fields.title)
    _note(fields, section=origin)
    fields.tags, origin = find_tags(page.said, page.meta, fields.title)
    _note(fields, tags=origin)
    fields.language = find_language(page, f"{fields.title or ''}\n{fields.body or ''}", page.meta)
    fields.images = find_images(reading, reading.body.node)
    fields.attachments = find_attachments(reading, reading.body.node)
    fields.related_links = find_links(reading, own_addresses(page, fields.canonical_url))
    _note(fields, language="generic", images="generic", attachments="generic", related_links="generic")


def _note(fields: Fields, **origins: str) -> None:
    for name, origin in origins.items():
        if getattr(fields, name) not in (None, []):
            fields.extracted_by[name] = origin
