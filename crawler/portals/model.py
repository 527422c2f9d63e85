"""The model of a portal definition. Its keys are those of docs/add-a-portal.md; no others are accepted."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, field_validator, model_validator

from crawler.portals.rules import Pattern
from crawler.portals.sections import (
    Counter,
    Discover,
    Expect,
    Extract,
    Layout,
    Politeness,
    Requests,
    Requisites,
    Revisit,
    Section,
    Template,
    Url,
)
from crawler.values import urls

PortalKind = Literal["government", "association", "research", "media", "industry", "community"]
KINDS: tuple[str, ...] = get_args(PortalKind)
#: Keys that describe a portal to people and change nothing that is asked for or read.
DESCRIPTIVE = frozenset({"place", "kind", "tags", "evidence", "confidence", "last_seen"})


def _tuples(value: object) -> object:
    """TOML arrays as tuples, which is what an immutable definition holds."""
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return value


def _on_the_web(addresses: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(url for url in addresses if not url.startswith("file:"))


class Place(Section):
    """The place that a portal reports on: a country, a region, a city."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    #: ISO 3166-1 alpha-2 (or EU), for a part of it followed by - and its code: GB/T 2260 in China, else ISO 3166-2
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,6})?$")]


class Portal(Section):
    """One portal. Immutable; the same definition gives the same records from the same bytes."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    title: Annotated[str, Field(min_length=1)]
    home: Url
    domains: Annotated[tuple[str, ...], Field(min_length=1)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    timezone: str
    encoding: str | None = None
    enabled: bool = True  #: false: crawled only where it is named itself
    verify_tls: bool = True
    render: bool | tuple[Pattern, ...] = False  #: which list and article pages a browser shows first
    place: Place | None = None  #: None: no one place, or not stated
    kind: PortalKind | None = None  #: who publishes it
    tags: tuple[Annotated[str, Field(pattern=r"^[\w-]{1,40}$")], ...] = ()  #: what it is about
    evidence: str | None = None  #: what this definition was written from, for people
    confidence: Literal["high", "medium", "low"] | None = None  #: how sure its writer was
    last_seen: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")] | None = None  #: when it last looked like this
    discover: Discover
    extract: Extract = Extract()
    template: Template | None = None
    layout: tuple[Layout, ...] = ()
    counter: Counter | None = None
    request: Requests = Requests()
    politeness: Politeness = Politeness()
    revisit: Revisit = Revisit()
    requisites: Requisites = Requisites()
    expect: Expect = Expect()
    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """The TOML from which this portal was read; it is archived with a crawl."""
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
                           ("discover.sitemaps", d.sitemaps),
                           ("discover.urls", _on_the_web(d.urls)), ("discover.examples", d.examples),
                           ("discover.api", tuple(api.url for api in d.api))):  # fmt: skip
            for url in given:
                if urls.clean(url) is None:
                    raise ValueError(f"{key}: {url!r} is not an http(s) address")
        return self

    @model_validator(mode="after")
    def _examples(self) -> Self:
        for url in self.discover.examples:
            if not self.is_article(self.address(url) or url):
                raise ValueError(
                    f"discover.examples: {url!r} is not an article: not in domains, or matched by no pattern"
                )
        return self

    @classmethod
    @lru_cache(maxsize=512)
    def of(cls, text: str) -> Self:
        """The portal that the TOML *text* defines. Raises TOMLDecodeError and ValidationError."""
        portal = cls.model_validate(_tuples(tomllib.loads(text)))
        portal._text = text  # noqa: SLF001 - its own class
        return portal

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self._text,)  # compiled selectors cannot travel; the text they come from can

    @cached_property
    def rules(self) -> str:
        """The definition as JSON, without the keys that only describe the portal: what a run depends on."""
        keys = {key: value for key, value in tomllib.loads(self._text).items() if key not in DESCRIPTIVE}
        return json.dumps(keys, sort_keys=True, default=str)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def owns(self, url: str) -> bool:
        """Whether *url* is in the portal's domains."""
        return urls.in_domains(url, self.domains)

    def lends(self, url: str) -> bool:
        """Whether page requisites may be requested at *url*."""
        return self.owns(url) or urls.in_domains(url, self.requisites.hosts)

    def renders(self, url: str) -> bool:
        """Whether *url* (cleaned) is rendered in a browser before extraction."""
        return self.render if isinstance(self.render, bool) else any(p.search(url) for p in self.render)

    def address(self, url: str) -> str | None:
        """The address of *url* on this portal: cleaned, without parameters that do not identify a page."""
        cleaned = urls.clean(url)
        return None if cleaned is None else self.bare(cleaned)[0]

    def bare(self, url: str) -> tuple[str, list[str]]:
        """*url* (cleaned) without what names no other page, and the names of parameters whose values show it."""
        if "?" not in url:
            return url, []
        found, changing = urls.bare(url, self.discover.drop_params)
        if found != url and self.is_article(url) and not self.is_article(found):
            return url, []  # a pattern wants what is dropped
        return found, changing

    def is_article(self, url: str) -> bool:
        """Whether *url* (cleaned) is an article: in the domains, and matched by a pattern if there are any."""
        patterns = self.discover.article_urls
        return self.owns(url) and (not patterns or any(p.search(url) for p in patterns))

    def is_list(self, url: str) -> bool:
        """Whether *url* (cleaned) is a further list page."""
        return self.owns(url) and any(p.search(url) for p in self.discover.list_urls)

    def rules_at(self, fetched_at: datetime) -> Extract:
        """The rules for a page fetched at *fetched_at*: the earliest layout that still applied, otherwise [extract]."""
        return layout.extract if (layout := self._layout_at(fetched_at)) else self.extract

    def template_at(self, fetched_at: datetime) -> Template | None:
        """The template for a page fetched at *fetched_at*, if one was learned."""
        return layout.template if (layout := self._layout_at(fetched_at)) else self.template

    def _layout_at(self, fetched_at: datetime) -> Layout | None:
        older = sorted(self.layout, key=lambda layout: self._moment(layout.until))
        return next((layout for layout in older if fetched_at < self._moment(layout.until)), None)

    def _moment(self, until: date | datetime) -> datetime:
        if isinstance(until, datetime):
            return until if until.tzinfo else until.replace(tzinfo=self.zone)
        return datetime(until.year, until.month, until.day, tzinfo=self.zone)
