"""What extraction reads on one page that a test writes."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.extraction import Fields, Page, extract


def paragraphs(texts: Iterable[str]) -> str:
    """The markup of *texts*, a paragraph each."""
    return "".join(f"<p>{text}</p>" for text in texts)


def fields_of(page: Page) -> Fields:
    """The fields of *page*, which must be an article."""
    found = extract([page])
    assert isinstance(found, Fields), found
    return found
