"""The tables and keys of citynews.toml, and what is checked of each value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from crawler.config.checks import address, hours, proxy_address, sizes, template
from crawler.config.choices import MAX_MINUTES, MIN_FREE, OUTPUT
from crawler.portals.choice import NAME


def _names(names: list[str]) -> list[str]:
    if bad := next((name for name in names if not NAME.fullmatch(name)), None):
        raise ValueError(f"{bad!r} is not the name of a portal or a group ([a-z0-9-], up to 64)")
    return names


def _query_names(queries: dict[str, Query]) -> dict[str, Query]:
    if bad := next((name for name in queries if not NAME.fullmatch(name)), None):
        raise ValueError(f"{bad!r} is not the name of a query ([a-z0-9-], up to 64); `title` may be any text")
    return queries


def _dotted(name: str) -> str:
    if name and not ("." in name and all(part.isidentifier() for part in name.split("."))):
        raise ValueError(f"{name!r} is not module.Class")
    return name


_Class = Annotated[str, AfterValidator(_dotted)]
_Template = Annotated[str, AfterValidator(template)]
_Proxy = Annotated[str, AfterValidator(proxy_address)]
_Names = Annotated[list[str], AfterValidator(_names)]


class _Portal(BaseModel):
    """The table ``[portal.NAME]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    enabled: bool = True
    fix: _Class = ""
    proxy: _Proxy | None = None


class _Hooks(BaseModel):
    """The table ``[hooks]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    stored: _Class = ""


class _Anchor(BaseModel):
    """The table ``[anchor]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    command: list[str] = []


class StoreTable(BaseModel):
    """The table ``[store]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = ""
    endpoint: str = ""
    region: str = ""
    allow_http: bool = False
    path_style: bool = True
    ttl: Annotated[float, Field(ge=1, strict=False)] = 120.0


class Query(BaseModel):
    """The table ``[queries.NAME]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    words: Annotated[str, Field(min_length=1)]
    title: str = ""
    portals: _Names = []
    fields: list[Literal["title", "body", "source", "author"]] = []
    kind: Literal["article", "copy"] | None = None
    source: str = ""
    places: list[str] = []
    portal_kinds: list[str] = []
    portal_tags: list[str] = []
    revisions: bool = False
    atom: str = ""
    webhook: Annotated[str, AfterValidator(address)] = ""
    template: _Template = ""
    command: list[str] = []


_Hours = Annotated[str, AfterValidator(hours)]
_Size = Annotated[str, AfterValidator(sizes)]
_Address = Annotated[str, AfterValidator(address)]
_Minutes = Annotated[float, Field(ge=0, strict=False)]
_Age = Annotated[float, Field(gt=0, strict=False)]


class File(BaseModel):
    """The keys of citynews.toml; sample.py says what each means."""

    model_config = ConfigDict(extra="forbid", strict=True)
    contact: str = ""
    output: str = OUTPUT
    portals: list[str] = []
    choose: _Names = []
    exclude: _Names = []
    allow_hosts: list[str] = []
    max_minutes: _Minutes = MAX_MINUTES
    proxy: _Proxy = ""
    quiet_hours: _Hours | None = None
    min_free: _Size = MIN_FREE
    max_archive: _Size = ""
    alarm_webhook: _Address = ""
    alarm_template: _Template = ""
    alarm_command: list[str] = []
    alarm_after_hours: _Age | None = None
    anchor: _Anchor = _Anchor()
    hooks: _Hooks = _Hooks()
    store: StoreTable = StoreTable()
    groups: dict[str, _Names] = {}
    portal: dict[str, _Portal] = {}
    queries: Annotated[dict[str, Query], AfterValidator(_query_names)] = {}
