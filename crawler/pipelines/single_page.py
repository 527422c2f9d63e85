"""One page to one record, without a visit, an archive or an engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler import extraction
from crawler.archive.records.jsonl import Json, article_record
from crawler.article import Capture, Refusal
from crawler.assembly import article_of
from crawler.extraction import Explanation, Form, Page
from crawler.pipelines.normalise import normalise
from crawler.portals import Portal
from crawler.values import clock, urls


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a bare file lacks: address, time of capture, zone, portal."""

    url: str = ""
    fetched_at: datetime | None = None
    timezone: str | None = None
    portal: Portal | None = None


def record_of(body: bytes, context: PageContext) -> Json | Refusal:
    """The record of the page *body*, or why it is no article.

    ``portal``, ``run`` and ``warc`` are null where unknown.
    """
    page = _page(body, context)
    fields = extraction.extract([page])
    if isinstance(fields, Refusal):
        return fields
    known = page.url or fields.canonical_url or ""
    article = article_of(fields, context.portal.name if context.portal else "", [known] if known else [])
    normalise(article, context.portal)
    capture = Capture("page", known, 200, (), body, page.fetched_at, record_id="")
    record = article_record(article, [capture], None)
    empty = {key: None for key in ("id", "portal", "url", "canonical_url") if not record[key]}
    return record | empty


def text_of(body: bytes, context: PageContext, form: Form) -> str | Refusal:
    """The text of the page *body* in *form*, or why it is no article."""
    if form == "text":
        record = record_of(body, context)
        return record if isinstance(record, Refusal) else record["body"] or ""
    text = extraction.structure([_page(body, context)])
    return text if isinstance(text, Refusal) else extraction.render(text, form)


def explain(body: bytes, context: PageContext) -> list[Explanation] | Refusal:
    """How each field of the page *body* was found."""
    return extraction.explain(_page(body, context))


def _page(body: bytes, context: PageContext) -> Page:
    url = context.portal.address(context.url) if context.portal else urls.clean(context.url)
    return Page(
        body,
        url=url or context.url,
        fetched_at=context.fetched_at or clock.now(),
        portal=context.portal,
        timezone=context.timezone,
    )
