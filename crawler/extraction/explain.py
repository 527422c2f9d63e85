"""Explains for each field how it was found: the value, the rule, the place, and the other candidates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from crawler.article import Refusal
from crawler.extraction.extract import read
from crawler.extraction.fields.counter import find_counter
from crawler.extraction.page.document import Page
from crawler.extraction.page.lines import Line
from crawler.extraction.result import Fields
from crawler.extraction.text.reading import Reading
from crawler.values.header import read_header
from crawler.values.text import squash

_SHOWN = 5  #: runners-up of a field
#: Shown with the field they belong to.
_PARTS = frozenset({"published_date", "published_precision", "view_count_raw", "extracted_by"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """One field: its value (None where it has none), the rule, the place in the page, other candidates by origin."""

    field: str
    value: Any
    rule: str | None
    place: str | None
    others: list[str]


def explain(page: Page) -> list[Explanation] | Refusal:
    """Every field of the article on *page*, or why it is none."""
    outcome, reading = read([page])
    if isinstance(outcome, Refusal):
        return outcome
    offered = _offered(reading)
    return [
        _field(reading, outcome, attribute.name, offered)
        for attribute in fields(outcome)
        if attribute.name not in _PARTS
    ]


def _field(reading: Reading, fields_read: Fields, name: str, offered: dict[str, list[tuple[str, str]]]) -> Explanation:
    value = getattr(fields_read, name)
    shown = None if value in (None, []) else value
    taken = {squash(str(text)) for text in (value, fields_read.published_raw, fields_read.view_count_raw) if text}
    others = [f"{origin}: {text}" for origin, text in dict.fromkeys(offered.get(name, [])) if squash(text) not in taken]
    rule = fields_read.extracted_by.get(name)
    return Explanation(name, shown, rule, _place(reading, fields_read, name, rule), others[:_SHOWN])


def _place(reading: Reading, fields_read: Fields, name: str, rule: str | None) -> str | None:
    """Where in the page the value stands: a rule's selector, a path of elements, or the kind of metadata."""
    if rule is None:
        return None
    if rule == "rule" and reading.page.rules is not None and (selector := reading.page.rules.rules().get(name)):
        return selector.source
    if rule == "counter":
        request = find_counter(reading.page)
        return request.url if request else None
    if rule in {"json-ld", "meta"}:
        return "<script type=application/ld+json>" if rule == "json-ld" else "<meta> or <link>"
    if name == "body":
        return _path(reading, reading.body.node.element) if reading.body.node else None
    raw = {"published_at": fields_read.published_raw, "view_count": fields_read.view_count_raw}.get(
        name, getattr(fields_read, name)
    )
    line = _line_with(reading, str(raw)) if isinstance(raw, str | int) else None
    return f"{_path(reading, line.node.element)}: {line.text[:80]}" if line else None


def _line_with(reading: Reading, text: str) -> Line | None:
    """The shortest line that holds *text*, white space and punctuation apart; the first of these."""
    wanted = squash(text)
    holding = (line for line in reading.lines if wanted and wanted in squash(line.text))
    return min(holding, key=lambda line: len(line.text), default=None)


def _path(reading: Reading, element: Any) -> str:
    return str(reading.page.root.getroottree().getpath(element))


def _offered(reading: Reading) -> dict[str, list[tuple[str, str]]]:
    """Field -> (origin, text) of everything that could have been its value."""
    said, meta = reading.page.said, reading.page.meta
    offered: dict[str, list[tuple[str, str]]] = {
        "title": [("json-ld", said.title or ""), ("<title>", reading.page.title)]
        + [("meta", meta.first(name) or "") for name in ("og:title", "twitter:title", "title")]
        + [(line.node.tag, line.text) for line in reading.lines if line.node.tag in {"h1", "h2"}],
        "published_at": [("json-ld", said.published or "")]
        + [("meta", value) for _, value in meta.dates]
        + [("<time>", element.get("datetime") or "") for element in reading.page.root.iter("time")],
        "modified_at": [("json-ld", said.modified or "")],
        "source": [("json-ld", said.publisher or ""), ("meta", meta.first("og:site_name") or "")],
        "author": [("json-ld", name) for name in said.authors] + [("meta", meta.first("author") or "")],
        "canonical_url": [("page", reading.page.url)],
    }
    for name, text in _in_lines(reading):
        offered.setdefault(name, []).append(("line", text))
    return {name: [(origin, text[:100]) for origin, text in offers if text] for name, offers in offered.items()}


def _in_lines(reading: Reading) -> Iterator[tuple[str, str]]:
    """(field, text) of what any line of the page states, wherever it stands."""
    for line in reading.lines:
        if line.units > 400 or not re.search(r"\d|[:：]", line.text):
            continue
        header = read_header(line.text, reading.now)
        if header.published:
            yield "published_at", header.published.raw
        for name, value in (("source", header.source), ("author", header.author), ("editor", header.editor)):
            if value:
                yield name, value
        if header.views_raw:
            yield "view_count", header.views_raw
