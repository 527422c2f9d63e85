"""From bytes, portal and time of capture to the fields of an article. Pure: no clock, no network, no archive.

One parse and one walk a page (:class:`Page`); every field is a small question asked of them.
"""

from crawler.extraction.explain import Explanation, explain
from crawler.extraction.extract import extract, states_views, structure
from crawler.extraction.fields.counter import CounterRequest, find_counter, read_counter
from crawler.extraction.fields.pagination import count_pages
from crawler.extraction.fields.pagination import find_next_page as next_page
from crawler.extraction.formats import FORMS, Form, Structured, render
from crawler.extraction.page.document import Page
from crawler.extraction.result import Fields, Origin

__all__ = [
    "FORMS",
    "CounterRequest",
    "Explanation",
    "Fields",
    "Form",
    "Origin",
    "Page",
    "Structured",
    "count_pages",
    "counter",
    "explain",
    "extract",
    "next_page",
    "read_counter",
    "render",
    "structure",
]


def counter(page: Page) -> CounterRequest | None:
    """The view counter to ask for *page*; None where there is none, or where the page states its count already."""
    return None if states_views(page) else find_counter(page)
