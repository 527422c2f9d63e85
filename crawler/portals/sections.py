"""The sections of a portal definition: the keys of [discover], [extract], [counter] and so on."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from crawler.article import COVERED
from crawler.portals.rules import Duration, Pattern, Selector
from crawler.values.hours import Hours
from crawler.values.sizes import size

Url = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


def _size(text: str) -> str:
    if size(text) < 1:
        raise ValueError(f"{text!r}: nothing is smaller than one byte")
    return text


Size = Annotated[str, AfterValidator(_size)]


def _hours(value: object) -> object:
    return Hours.of(value) if isinstance(value, str) else value


class Section(BaseModel):
    """A table of a definition: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)


class Api(Section):
    """A list that is served as data, or piece by piece to a script: what is asked, and where the rows lie.

    *url*, *body* and *headers* may name {page} (a number that grows by one), {first} and {last} (of the records of that
    page, from 1) or {cursor} (what the answer before gave).
    An answer is JSON when *items* or *html* is given, else a piece of HTML whose links are taken.
    """

    url: Url
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    first_page: Annotated[int, Field(ge=0)] = 1
    per_page: Annotated[int, Field(ge=1)] | None = None  #: records of a page, for {first} and {last}
    items: str | None = None  #: path to the rows, such as "data.list"; "" is the whole answer
    html: str | None = None  #: path to a piece of HTML inside the answer
    link: str = ""  #: a row's address: a template such as "/article?id={idno}"
    dated: str | None = None  #: path in a row to its time
    cursor: str | None = None  #: path to what the next page is asked with

    @model_validator(mode="after")
    def _rows_have_links(self) -> Self:
        if self.items is not None and self.html is not None:
            raise ValueError("has items and html: a response is either rows or an HTML fragment")
        if (self.items is None) != (not self.link):
            raise ValueError("items and link belong together: the path to the rows, and the URL of a row")
        asked = f"{self.url} {self.body} {' '.join(self.headers.values())}"
        if ("{first}" in asked or "{last}" in asked) != (self.per_page is not None):
            raise ValueError("{first}, {last} and the key per_page belong together: which records, and how many")
        asks_cursor = "{cursor}" in asked
        if asks_cursor != (self.cursor is not None):
            raise ValueError("{cursor} and the key cursor belong together: where it is sent, and where it is found")
        return self


class Discover(Section):
    """Where addresses of articles are found, and how they look."""

    pages: tuple[Url, ...] = ()
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    urls: tuple[Url, ...] = ()  #: lists of addresses elsewhere: text, CSV, JSON, RSS; http(s), or file:path
    api: tuple[Api, ...] = ()
    article_urls: tuple[Pattern, ...] = ()
    list_urls: tuple[Pattern, ...] = ()
    max_list_pages: Annotated[int, Field(ge=1)] = 20
    drop_params: tuple[Annotated[str, Field(pattern=r"^[^&=#?\s]+$")], ...] = ()  #: they name no other page
    examples: tuple[Url, ...] = ()  #: addresses of articles; each must be matched, no list page may be

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.pages or self.feeds or self.sitemaps or self.urls or self.api):
            raise ValueError("has none of pages, feeds, sitemaps, urls, api: there is nowhere to find an article")
        if (self.pages or self.api) and not self.article_urls:
            raise ValueError("has list pages but no article_urls: no link can be recognised as an article")
        return self


#: Headers that the connection, the archive or citynews.toml decides on.
_OWN_HEADERS = frozenset({
    "accept-encoding", "connection", "content-length", "cookie", "host", "if-modified-since", "if-none-match",
    "keep-alive", "range", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
})  # fmt: skip


class Requests(Section):
    """What goes out with each request to the portal's hosts; archived with it, so no place for secrets."""

    headers: dict[str, Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,1000}$")]] = {}
    user_agent_suffix: Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,200}$")] = ""

    @field_validator("headers")
    @classmethod
    def _free_to_choose(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name):
                raise ValueError(f"{name!r} is not the name of a header")
            if name.lower() in _OWN_HEADERS or name.lower().startswith("proxy-"):
                raise ValueError(f"{name} cannot be set: the connection or the archive sets it")
        return headers


class Extract(Section):
    """Where a field stands on the page. A key that is absent leaves the field to generic extraction."""

    title: Selector | None = None
    source: Selector | None = None
    author: Selector | None = None
    editor: Selector | None = None
    published_at: Selector | None = None
    view_count: Selector | None = None
    body: Selector | None = None
    related_links: Selector | None = None
    section: Selector | None = None
    next_page: Selector | None = None

    def rules(self) -> dict[str, Selector]:
        """Field -> selector, for the keys that are given."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


class Template(Section):
    """Where the fields stand on every page, as learned: what stands there is read, and nothing else.

    A page on which the template does not hold is read whole.
    """

    title: Selector
    body: Selector
    source: Selector | None = None
    author: Selector | None = None
    editor: Selector | None = None
    published_at: Selector | None = None
    view_count: Selector | None = None
    related_links: Selector | None = None
    section: Selector | None = None
    always: tuple[str, ...] = ()  #: fields that every page has: one without them is of another layout
    shortest: Annotated[int, Field(ge=0)] = 0  #: characters that a text has at least

    @field_validator("always")
    @classmethod
    def _known(cls, always: tuple[str, ...]) -> tuple[str, ...]:
        for name in always:
            if name not in COVERED:
                raise ValueError(f"{name!r} is not an optional field: one of {', '.join(COVERED)}")
        return always

    @cached_property
    def places(self) -> dict[str, Selector]:
        """Field -> selector, for the keys that are given."""
        return {name: value for name in type(self).model_fields if isinstance(value := getattr(self, name), Selector)}

    @cached_property
    def everywhere(self) -> Selector:
        """All places at once, in the order of the page."""
        return Selector("xpath:" + " | ".join(dict.fromkeys(place.path for place in self.places.values())))


class Layout(Section):
    """An older layout: its rules and its template hold for pages fetched before *until*."""

    until: date | datetime
    extract: Extract = Extract()
    template: Template | None = None


class Counter(Section):
    """A view count that the page fetches by script: the address, and how each {placeholder} is found."""

    model_config = ConfigDict(extra="allow")

    url: Url
    increments: bool = False
    ask: bool = False
    _placeholders: dict[str, re.Pattern[str]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _every_placeholder_is_found(self) -> Self:
        named = set(re.findall(r"\{(\w+)\}", self.url))
        given: dict[str, Any] = self.__pydantic_extra__ or {}
        if missing := named - given.keys():
            raise ValueError(f"url has {{{min(missing)}}}, but no key {min(missing)!r} says how to find it")
        if unknown := given.keys() - named:
            raise ValueError(f"unknown key {min(unknown)!r}: it is not a placeholder of url")
        for name, pattern in given.items():
            if not isinstance(pattern, str):
                raise ValueError(f"{name}: a placeholder is a regular expression in a string")
            try:
                compiled = re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{name}: bad regular expression {pattern!r}: {error}") from error
            if compiled.groups != 1:
                raise ValueError(f"{name}: the pattern needs exactly one group, the value")
            self._placeholders[name] = compiled
        return self

    @property
    def placeholders(self) -> dict[str, re.Pattern[str]]:
        """Placeholder -> pattern with one group, searched in the page and then in its address."""
        return self._placeholders


class Politeness(Section):
    """How often the portal is asked."""

    delay: Annotated[float, Field(ge=0, strict=False)] = 1.0  #: seconds between two requests
    concurrency: Annotated[int, Field(ge=1, le=64)] = 1
    jitter: Annotated[float, Field(ge=0, le=10, strict=False)] = 0.1  #: up to this share of the delay more, at random
    max_requests: Annotated[int, Field(ge=1)] = 2000  #: per run, everything counted
    quiet_hours: Annotated[Hours, BeforeValidator(_hours)] | None = None  #: of the portal's zone: nothing is asked for


class Revisit(Section):
    """When an archived article is visited again."""

    after: tuple[Duration, ...] = tuple(timedelta(days=d) for d in (1, 3, 7, 30))  #: ages since first archived


class Requisites(Section):
    """What pages need to look as they looked: pictures, styles, attachments. Off where it asks for no kind."""

    kinds: tuple[Literal["image", "style"], ...] = ()
    attachments: bool = False
    hosts: tuple[str, ...] = ()  #: that may be asked besides the portal's own
    max_bytes: Size = "5M"  #: of each, as sent
    max_run_bytes: Size = "200M"  #: of all in a run; the rest is asked for by the next one

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The kinds that are asked for: image, style, attachment."""
        return (*self.kinds, *(("attachment",) if self.attachments else ()))

    @cached_property
    def most(self) -> int:
        """Bytes of each."""
        return size(self.max_bytes)

    @cached_property
    def most_of_run(self) -> int:
        """Bytes of all in a run."""
        return size(self.max_run_bytes)


class Expect(Section):
    """Below this a run ends with exit code 3. A key that is absent is not checked."""

    articles_min: Annotated[int, Field(ge=0)] | None = None
    coverage: dict[str, Annotated[Share, Field(strict=False)]] = {}
    template: Annotated[float, Field(ge=0, le=1, strict=False)] | None = None  #: share of articles on which it holds

    @field_validator("coverage")
    @classmethod
    def _known_fields(cls, coverage: dict[str, float]) -> dict[str, float]:
        for name in coverage:
            if name not in COVERED:
                raise ValueError(f"{name!r} is not a field whose coverage is measured: one of {', '.join(COVERED)}")
        return coverage
