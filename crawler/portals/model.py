"""A portal as data: what a definition may say. The keys are those of docs/add-a-portal.md, nothing else is accepted."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from crawler.article import COVERED
from crawler.portals.rules import Duration, Pattern, Selector
from crawler.values import urls
from crawler.values.hours import Hours

Url = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


def _tuples(value: object) -> object:
    """TOML arrays as tuples, which is what an immutable definition holds."""
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return value


def _hours(value: object) -> object:
    return Hours.of(value) if isinstance(value, str) else value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)


class Discover(_Model):
    """Where addresses of articles are found, and how they look."""

    pages: tuple[Url, ...] = ()
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    article_urls: tuple[Pattern, ...] = ()
    list_urls: tuple[Pattern, ...] = ()
    max_list_pages: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.pages or self.feeds or self.sitemaps):
            raise ValueError("names none of pages, feeds, sitemaps: there is nowhere to find an article")
        if self.pages and not self.article_urls:
            raise ValueError("has pages but no article_urls: no link of a list page can be told to be an article")
        return self


class Extract(_Model):
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


class Template(_Model):
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
    tags: Selector | None = None
    always: tuple[str, ...] = ()  #: fields that every page has: one without them is of another layout
    shortest: Annotated[int, Field(ge=0)] = 0  #: characters that a text has at least

    @field_validator("always")
    @classmethod
    def _known(cls, always: tuple[str, ...]) -> tuple[str, ...]:
        for name in always:
            if name not in COVERED:
                raise ValueError(f"{name!r} is no field that a page may lack: one of {', '.join(COVERED)}")
        return always

    @cached_property
    def places(self) -> dict[str, Selector]:
        """Field -> selector, for the keys that are given."""
        return {name: value for name in type(self).model_fields if isinstance(value := getattr(self, name), Selector)}

    @cached_property
    def everywhere(self) -> Selector:
        """All places at once, in the order of the page."""
        return Selector("xpath:" + " | ".join(dict.fromkeys(each.path for each in self.places.values())))


class Layout(_Model):
    """An older layout: its rules and its template hold for pages fetched before *until*."""

    until: date | datetime
    extract: Extract = Extract()
    template: Template | None = None


class Counter(_Model):
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
            raise ValueError(f"url names {{{min(missing)}}}, but no key {min(missing)!r} says how to find it")
        if unknown := given.keys() - named:
            raise ValueError(f"unknown key {min(unknown)!r}: it is no placeholder of url")
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


class Politeness(_Model):
    delay: Annotated[float, Field(ge=0, strict=False)] = 1.0  #: seconds between two requests
    concurrency: Annotated[int, Field(ge=1, le=64)] = 1
    jitter: Annotated[float, Field(ge=0, le=10, strict=False)] = 0.1  #: up to this share of the delay more, at random
    max_requests: Annotated[int, Field(ge=1)] = 2000  #: a run, everything counted
    quiet_hours: Annotated[Hours, BeforeValidator(_hours)] | None = None  #: of the portal's zone: nothing is asked for


class Revisit(_Model):
    after: tuple[Duration, ...] = tuple(timedelta(days=d) for d in (1, 3, 7, 30))  #: ages since first archived


class Expect(_Model):
    """Below this a run ends with exit code 3. A key that is absent is not checked."""

    articles_min: Annotated[int, Field(ge=0)] | None = None
    coverage: dict[str, Annotated[Share, Field(strict=False)]] = {}
    template: Annotated[float, Field(ge=0, le=1, strict=False)] | None = None  #: share of articles on which it holds

    @field_validator("coverage")
    @classmethod
    def _known_fields(cls, coverage: dict[str, float]) -> dict[str, float]:
        for name in coverage:
            if name not in COVERED:
                raise ValueError(f"{name!r} is no field whose coverage is measured: one of {', '.join(COVERED)}")
        return coverage


class Portal(_Model):
    """One portal. Immutable; the same definition gives the same records from the same bytes."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    title: Annotated[str, Field(min_length=1)]
    home: Url
    domains: Annotated[tuple[str, ...], Field(min_length=1)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    timezone: str
    encoding: str | None = None
    verify_tls: bool = True
    discover: Discover
    extract: Extract = Extract()
    template: Template | None = None
    layout: tuple[Layout, ...] = ()
    counter: Counter | None = None
    politeness: Politeness = Politeness()
    revisit: Revisit = Revisit()
    expect: Expect = Expect()
    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """The TOML this portal was read from: what is archived beside what it extracted."""
        return self._text

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone of the IANA database (such as 'Asia/Shanghai')") from error
        return name

    @field_validator("encoding")
    @classmethod
    def _codec(cls, name: str | None) -> str | None:
        try:
            b"x".decode(name or "utf-8", "ignore")  # Python looks up no codec for nothing
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"{name!r} is not an encoding Python knows") from error
        return name

    @field_validator("domains")
    @classmethod
    def _bare_hosts(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if not domain or "/" in domain or domain != domain.strip().lower():
                raise ValueError(f"{domain!r} is not a host name, or host:port, in lower case")
        return domains

    @model_validator(mode="after")
    def _addresses(self) -> Self:
        d = self.discover
        for key, given in (("home", (self.home,)), ("discover.pages", d.pages), ("discover.feeds", d.feeds),
                           ("discover.sitemaps", d.sitemaps)):  # fmt: skip
            for url in given:
                if urls.clean(url) is None:
                    raise ValueError(f"{key}: {url!r} is not an http(s) address")
        return self

    @classmethod
    @lru_cache(maxsize=512)
    def of(cls, text: str) -> Self:
        """The portal that the TOML *text* defines. Raises TOMLDecodeError and ValidationError."""
        portal = cls.model_validate(_tuples(tomllib.loads(text)))
        portal._text = text
        return portal

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self._text,)  # compiled selectors cannot travel; the text they come from can

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def owns(self, url: str) -> bool:
        """Whether *url* lies in the portal's domains."""
        return urls.in_domains(url, self.domains)

    def is_article(self, url: str) -> bool:
        """Whether *url* (cleaned) is an article's: in the domains, and matched by a pattern where any is given."""
        patterns = self.discover.article_urls
        return self.owns(url) and (not patterns or any(p.search(url) for p in patterns))

    def is_list(self, url: str) -> bool:
        """Whether *url* (cleaned) is a further list page."""
        return self.owns(url) and any(p.search(url) for p in self.discover.list_urls)

    def rules_at(self, fetched_at: datetime) -> Extract:
        """The rules for a page fetched at *fetched_at*: the oldest layout that still held then, else [extract]."""
        return layout.extract if (layout := self._layout_at(fetched_at)) else self.extract

    def template_at(self, fetched_at: datetime) -> Template | None:
        """The template for a page fetched at *fetched_at*, if one was learned."""
        return layout.template if (layout := self._layout_at(fetched_at)) else self.template

    def _layout_at(self, fetched_at: datetime) -> Layout | None:
        older = sorted(self.layout, key=lambda each: self._moment(each.until))
        return next((layout for layout in older if fetched_at < self._moment(layout.until)), None)

    def _moment(self, until: date | datetime) -> datetime:
        if isinstance(until, datetime):
            return until if until.tzinfo else until.replace(tzinfo=self.zone)
        return datetime(until.year, until.month, until.day, tzinfo=self.zone)
