"""When the article was published and changed: the most exact of what the page, its metadata and its address say."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.extraction.page import Page
from crawler.extraction.structured import Described, MetaTags
from crawler.values.header import Header
from crawler.values.moments import Moment
from crawler.values.stamps import date_in_path, read_stamp

_EXACTNESS = {"day": 0, "minute": 1, "second": 2}


def find_published(page: Page, said: Described, meta: MetaTags, header: Header) -> tuple[Moment | None, str]:
    """The moment of publication and how it was found."""
    stated = [(moment, "json-ld") for moment in _stamps(page, [said.published])]
    stated += [(moment, "meta") for moment in _stamps(page, [value for _, value in meta.dates])]
    shown = header.published
    if shown is not None and shown is not header.modified:
        agreeing = [each for each in stated if _close(each[0], shown, page)]
        exact = max(agreeing, key=lambda each: _EXACTNESS[each[0].precision], default=None)
        if exact and _EXACTNESS[exact[0].precision] > _EXACTNESS[shown.precision]:
            return exact
        if not stated or agreeing or header.labelled:
            return shown, "label" if header.labelled else "generic"
    if stated:
        return stated[0]
    for element in page.root.iter("time"):
        value = element.get("datetime") or ""
        if value and (moment := read_stamp(value, page.now)):
            return moment, "generic"
    if header.modified:
        return header.modified, "label"
    if moment := date_in_path(urlsplit(page.url).path):
        return moment, "generic"
    return None, "generic"


def find_modified(page: Page, said: Described, meta: MetaTags, header: Header) -> tuple[Moment | None, str]:
    """The moment of the last change and how it was found."""
    for value, origin in ((said.modified, "json-ld"), (meta.first("article:modified_time", "og:updated_time", "datemodified"), "meta")):
        if value and (moment := read_stamp(value, page.now)):
            return moment, origin
    return header.modified, "label"


def _stamps(page: Page, values: list[str | None]) -> list[Moment]:
    moments = (read_stamp(value, page.now) for value in values if value)
    return [moment for moment in moments if moment and moment.at(page.zone).date() <= page.now.date().replace(year=page.now.year + 1)]


def _close(one: Moment, other: Moment, page: Page) -> bool:
    return abs((one.at(page.zone) - other.at(page.zone)).total_seconds()) <= 36 * 3600
