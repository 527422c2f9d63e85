"""Normalises text for the record, whether it comes from extraction or from a rule."""

from __future__ import annotations

from collections.abc import Callable

from crawler.article import Article, Attachment, Image, Link
from crawler.assembly import Visit
from crawler.portals import Portal
from crawler.values import text
from crawler.values.urls import clean

_SHORT = ("title", "source", "author", "editor", "published_raw", "view_count_raw", "language")


class NormalisePipeline:
    """NFC, no control characters, no space at edges; empty becomes null; links absolute, each once."""

    def process_item(self, visit: Visit) -> Visit:
        if isinstance(visit.result, Article):
            normalise(visit.result, visit.portal)
        return visit


def normalise(article: Article, portal: Portal | None) -> None:
    """Brings every value of *article* into the form of the archive, in place. Doing it twice changes nothing.

    Addresses of pages are those that *portal* knows them by.
    """
    page = portal.address if portal else clean
    for name in _SHORT:
        setattr(article, name, text.optional_line(getattr(article, name)))
    if article.body is not None:
        paragraphs = (text.paragraph(paragraph) for paragraph in article.body.split("\n\n"))
        article.body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph) or None
    article.section = [section for section in map(text.line, article.section) if section]
    article.tags = list(dict.fromkeys(tag for tag in map(text.line, article.tags) if tag))
    article.source_url = clean(article.source_url) if article.source_url else None
    article.canonical_url = page(article.canonical_url) or article.url
    article.images = [
        Image(url, text.optional_line(image.caption)) for image in article.images if (url := clean(image.url))
    ]
    article.attachments = _files(article)
    article.related_links = _links(article, page)


def _files(article: Article) -> list[Attachment]:
    kept: dict[str, Attachment] = {}
    for file in article.attachments:
        if url := clean(file.url):
            kept.setdefault(url, Attachment(url, text.optional_line(file.title), file.type or None))
    return list(kept.values())


def _links(article: Article, page: Callable[[str], str | None]) -> list[Link]:
    kept: dict[tuple[str, str], Link] = {}
    for link in article.related_links:
        url = page(link.url)
        if url and url not in article.page_urls:
            kept.setdefault((url, link.kind), Link(url, text.optional_line(link.title), link.kind))
    return list(kept.values())
