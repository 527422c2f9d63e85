"""The source, the author and the editor of an article."""

from __future__ import annotations

import re

from crawler.extraction.fields.named import names_in
from crawler.extraction.text.reading import Reading
from crawler.values.header_fields import Header
from crawler.values.persons import person_name
from crawler.values.surnames import like_person
from crawler.values.text import squash
from crawler.values.urls import host_of

_NO_PERSON = re.compile(
    r"^(?:\w*admin\w*|editor(?:ial)?s?|webmaster|root|staff|unknown|anonymous|guest|https?\b.*|@.*|\w*\d\w*)$|^\W*$",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:[a-z]+\s)?by\s+", re.IGNORECASE)
_OFFICE = re.compile(r",|\b(?:editor|reporter|correspondent|writer|columnist)\b", re.IGNORECASE)
#: Content systems label the lines of a preview in the language of the site.
_WRITTEN_BY = re.compile(
    r"(?:written by|author|by|escrito por|écrit par|verfasst von|geschrieben von|scritto da|geschreven door)$",
    re.IGNORECASE,
)
#: The <meta> tags that name an author, best first.
_NAMING = (
    "author", "article:author", "article.author", "og:article:author", "parsely-author", "sailthru.author",
    "cxenseparse:author", "dc.creator", "dcterms.creator", "byl", "citation_author",
)  # fmt: skip
_CONJUNCTION = re.compile(r"\s(?:og|und|et|och|y)\s|;\s")


def find_source(reading: Reading, header: Header) -> tuple[str | None, str | None, str]:
    """(source, its address, how it was found): as stated; the article's publisher where none is stated."""
    if header.source:
        return header.source, _address(reading, header.source), "label" if header.source_labelled else "generic"
    publisher = reading.page.said.publisher
    if header.source_stated or not publisher:
        return None, None, "label"
    return publisher, None, "json-ld"


def _address(reading: Reading, source: str) -> str | None:
    for line in reading.lines:
        if source in line.text and len(line.text) < 200:
            for piece, _, link in line.pieces:
                if link is not None and source in piece:
                    return reading.page.resolve(link.get("href"))
    return None


def find_author(reading: Reading, header: Header) -> tuple[str | None, str]:
    """(author, how it was found), agreed upon by all who name one.

    Readers' line wins, what the metadata say of the same people completes it; publisher, site and account are no
    author.
    """
    shown = header.author
    if shown and _is_site(shown, reading) and not re.search("[\u3400-\u9fff]", shown):
        shown = None
    described = _described(reading)
    more = len(names_in(shown)) > len(described) if shown else False
    if shown and described and ((_agree(shown, described) and not more) or not _certain(shown, header)):
        return ", ".join(described), "json-ld"
    if shown:
        return shown, "label"
    if described:
        return ", ".join(described), "json-ld"
    return _in_meta(reading), "meta"


def _described(reading: Reading) -> list[str]:
    """The people whom JSON-LD names.

    On Chinese pages, where it often names who typed the text in, only what is formed as the name of a person.
    """
    names: list[str] = []
    for text in reading.page.said.authors:
        for name in map(_plain, _CONJUNCTION.split(text)):
            if not name or len(name) > 80 or _NO_PERSON.match(name) or _is_site(name, reading):
                continue
            if name not in names and (not reading.chinese or like_person(name)):
                names.append(name)
    return names


def _agree(shown: str, described: list[str]) -> bool:
    """Whether one list of people names the others': "Jane Doe" and "Jane Doe, John Roe"."""
    mine, theirs = squash(shown), [squash(name) for name in described]
    return all(name in mine for name in theirs) or all(squash(name) in "".join(theirs) for name in names_in(shown))


def _certain(shown: str, header: Header) -> bool:
    """Whether readers see, in the words for it, a name that is one of people: no misread line."""
    return header.author_labelled and all(like_person(name) for name in names_in(shown))


def _in_meta(reading: Reading) -> str | None:
    """The author of the <meta> tags; on Chinese pages that is mostly the editor."""
    if reading.chinese:
        return None
    meta = reading.page.meta
    for stated in (*map(meta.first, _NAMING), meta.labelled(_WRITTEN_BY)):
        if not stated or _NO_PERSON.match(stated):
            continue
        name = person_name(_BY.sub("", stated))
        if name is not None and not _is_site(name, reading) and not _account(name):
            return name
    return None


def _plain(name: str) -> str:
    """A name as JSON-LD has it, without what some publishers put around it.

    By, quotes, the medium behind a bar, the office behind a comma.
    """
    name = _BY.sub("", name.split(" | ", maxsplit=1)[0]).strip('"“” ')
    return person_name(name) or name if _OFFICE.search(name) else name


def _account(name: str) -> bool:
    """Whether *name* is that of an account: no capital, or digits in it."""
    return name.isascii() and (name == name.lower() or any(c.isdigit() for c in name)) and " " not in name


def _is_site(name: str, reading: Reading) -> bool:
    """Whether *name* is that of the site: its publisher, its name in the metadata, its host.

    The name of a person with a site of their own is none.
    """
    if like_person(name):
        return False
    mine = squash(name)
    page = reading.page
    host = squash(re.sub(r"^(?:www|m)\.|\.[a-z]{2,3}(?:\.[a-z]{2})?$", "", host_of(page.url).split(":")[0]))
    stated = (page.said.publisher, page.meta.first("og:site_name", "application-name", "twitter:site"))
    sites = {squash(site) for site in stated if site} | {host}
    sites |= {site.removeprefix("the") for site in sites}
    return bool(mine) and mine.removeprefix("the") in sites
