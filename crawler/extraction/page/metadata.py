"""What a page says about itself in JSON-LD (schema.org) and in <meta> tags."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crawler.extraction.page import json_ld
from crawler.values.text import line, optional_line, paragraph

_LONGEST_TEXT = 1_000_000  #: characters
_TAG = re.compile(r"<[a-z/!][^<>]{0,2000}>", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:\w*Article|BlogPosting|Report|NewsStory|Posting|LiveBlogPosting)$")


@dataclass(slots=True)
class Described:
    """The article as described in JSON-LD: plain strings, absent values None."""

    title: str | None = None
    published: str | None = None
    page_published: str | None = None  #: that of the page, where an article is described beside it
    modified: str | None = None
    authors: list[str] = field(default_factory=list)
    publisher: str | None = None
    section: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    crumbs: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)  #: paragraphs


def described(scripts: Iterable[Any]) -> Described:
    """What the JSON-LD among the <script> elements of a page says of the article; all None where there is none."""
    stated = Described()
    linked = [script.text or "" for script in scripts if "ld+json" in (script.get("type") or "").lower()]
    entities = [entity for source in linked for entity in json_ld.entities(source)]
    names = {str(e["@id"]): n for e in entities if "@id" in e and (n := optional_line(e.get("name")))}
    articles = [e for e in entities if _is(e, _ARTICLE)]
    pages = [e for e in entities if "WebPage" in str(e.get("@type"))]
    if articles:
        stated.page_published = next((day for e in pages if (day := optional_line(e.get("datePublished")))), None)
    for entity in articles or pages:
        stated.published = stated.published or optional_line(entity.get("datePublished"))
        stated.modified = stated.modified or optional_line(entity.get("dateModified"))
        if articles:
            _fill(stated, entity, names)
    for entity in entities:
        if "BreadcrumbList" in str(entity.get("@type")) and not stated.crumbs:
            stated.crumbs = _crumbs(entity)
    return stated


def _fill(stated: Described, entity: dict[str, Any], names: dict[str, str]) -> None:
    stated.title = stated.title or _plain(entity.get("headline")) or _plain(entity.get("name"))
    stated.authors = stated.authors or _names(entity.get("author") or entity.get("creator"), names)
    stated.publisher = stated.publisher or next(iter(_names(entity.get("publisher"), names)), None)
    stated.section = stated.section or _strings(entity.get("articleSection"))
    stated.tags = stated.tags or _strings(entity.get("keywords"), split=True)
    stated.text = stated.text or _paragraphs(entity.get("articleBody"))


def _is(entity: dict[str, Any], kind: re.Pattern[str]) -> bool:
    kinds = entity.get("@type")
    return any(isinstance(k, str) and kind.search(k) for k in (kinds if isinstance(kinds, list) else [kinds]))


def _paragraphs(value: object) -> list[str]:
    """The paragraphs of a text in JSON-LD, which some publishers write as HTML."""
    if not isinstance(value, str):
        return []
    text = html.unescape(_TAG.sub("\n", value[:_LONGEST_TEXT]))
    return [line for text_line in text.split("\n") if (line := paragraph(text_line))]


def _plain(value: object) -> str | None:
    return optional_line(html.unescape(value)) if isinstance(value, str) else None


def _names(value: object, names: dict[str, str]) -> list[str]:
    names_read = []
    for item in value if isinstance(value, list) else [value]:
        name = item
        if isinstance(item, dict):
            name = item.get("name") or names.get(str(item.get("@id")))
        for one in name if isinstance(name, list) else [name]:
            if (text := _plain(one)) and text not in names_read:
                names_read.append(text)
    return names_read


def _strings(value: object, *, split: bool = False) -> list[str]:
    values = value if isinstance(value, list) else [value]
    parts = [part for v in values if isinstance(v, str) for part in (re.split(r"[,，;；]", v) if split else [v])]
    return list(dict.fromkeys(text for part in parts if (text := line(html.unescape(part)))))


def _crumbs(entity: dict[str, Any]) -> list[str]:
    items = entity.get("itemListElement")
    crumbs = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            inner = item.get("item")
            crumbs.append(_plain(item.get("name")) or (_plain(inner.get("name")) if isinstance(inner, dict) else None))
    return [name for name in crumbs if name]


class MetaTags:
    """The <meta> tags of a page by lower-case name, property or itemprop; the first of a name counts."""

    def __init__(self, elements: Iterable[Any]) -> None:
        self._values: dict[str, str] = {}
        for meta in elements:
            get = meta.get
            name = get("property") or get("name") or get("itemprop") or get("http-equiv")
            content = get("content")
            if name and content and content.strip():
                self._values.setdefault(name.replace(" ", "").lower()[:80], content)

    def first(self, *names: str) -> str | None:
        """The value of the first of *names* that the page has, as one line."""
        return next(
            (text for name in names if (value := self._values.get(name)) and (text := optional_line(value))), None
        )

    def labelled(self, label: re.Pattern[str]) -> str | None:
        """The value beside a *label* of the preview: twitter:label1 "Written by", twitter:data1 "Jane Doe"."""
        for number in "12":
            if label.match((self.first(f"twitter:label{number}") or "").strip(" :")):
                return self.first(f"twitter:data{number}")
        return None

    @cached_property
    def dates(self) -> list[tuple[str, str]]:
        """(name, value) of the tags that say when the article was published, best first."""
        known = [(name, value) for name in _PUBLISHED if (value := self._values.get(name))]
        return known or [(name, value) for name, value in self._values.items() if _LIKE_PUBLISHED.search(name)]


_LIKE_PUBLISHED = re.compile(r"(?:^|[-_.:])(?:publish(?:ed)?|pub|issued?)[-_.]?(?:date|time|on|at)?$")
_DATE_NAMES = (
    "article:published_time og:published_time datepublished parsely-pub-date pubdate publishdate publish-date "
    "publish_date "
    "og:article:published_time og:release_date article:published sailthru.date dc.date.issued dcterms.created "
    "dcterms.issued "
    "dc.date dc.date.created date article.published published_time publishtime weibo:article:create_at "
    "cxenseparse:recs:publishtime citation_publication_date release_date rnews:datepublished published-date "
    "datecreated created "
    "article_date_original originalpublicationdate bt:pubdate citation_date citation_online_date dateupdate"
)
#: Names of tags that say when the article was published, best first.
_PUBLISHED = _DATE_NAMES.split()
