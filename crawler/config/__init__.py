"""The operator's choices: options override CITYNEWS_... variables, which override citynews.toml."""

from __future__ import annotations

import math
import os
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from crawler.config.sample import sample
from crawler.config.tables import (
    MAX_MINUTES,
    MIN_FREE,
    File,
    Query,
    StoreTable,
    address,
    hours,
    proxy_address,
    sizes,
    template,
    words,
)
from crawler.exit_codes import UsageError
from crawler.portals.choice import PortalChoice
from crawler.values.sizes import size

__all__ = [
    "MAX_MINUTES",
    "MIN_FREE",
    "Config",
    "File",
    "QueryChoice",
    "StoreChoice",
    "resolve",
    "sample",
    "without_password",
]
DEFAULT_FILE = Path("citynews.toml")


def without_password(address: str) -> str:
    """The *address* of a proxy, to be shown."""
    user, at, place = address.rpartition("@")
    return f"{user.rpartition(':')[0]}:***@{place}" if at and user.count(":") > 1 else address


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """An object store or a shared folder. Keys of it come from AWS_... variables alone."""

    url: str = ""
    endpoint: str = ""  #: of the server, where it is not Amazon's
    region: str = ""
    allow_http: bool = False  #: without TLS to another machine
    path_style: bool = True  #: the bucket is part of the path, not of the host's name
    ttl: float = 120.0  #: seconds after which a visitor that is not heard of has lost its turn


@dataclass(frozen=True, slots=True)
class QueryChoice:
    """A saved query, and where its matches go."""

    words: str  #: as `citynews search` takes them
    title: str  #: what people call it
    portals: tuple[str, ...] = ()  #: groups resolved; () for all
    fields: tuple[str, ...] = ()  #: in which words that name no field must stand; () for any
    kind: str | None = None
    source: str | None = None
    places: tuple[str, ...] = ()
    portal_kinds: tuple[str, ...] = ()
    portal_tags: tuple[str, ...] = ()
    revisions: bool = False  #: each later version that matches is a match too
    atom: Path | None = None  #: where the feed lies; None for queries/NAME.atom in the archive
    webhook: str = ""
    template: str = ""  #: JSON with {text} that webhook gets instead of the matches as data
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for this command."""

    contact: str
    output: Path
    portals: tuple[Path, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    max_minutes: float = MAX_MINUTES  #: after which a run asks for nothing more; 0 for no end
    quiet_hours: str | None = None  #: of each portal's own day
    min_free: int = size(MIN_FREE)  #: bytes that must be free before a run; 0 for any
    max_archive: int = 0  #: bytes the archive may have before a run; 0 for any
    alarm_webhook: str = ""  #: the address that alarms are posted to
    alarm_command: tuple[str, ...] = ()  #: the command that gets alarms on its standard input, and its arguments
    alarm_after_hours: float | None = None  #: without a crawl, after which `status --notify` raises an alarm
    chosen: PortalChoice = field(default_factory=PortalChoice)  #: the portals that a command means which names none
    anchor_command: tuple[str, ...] = ()  #: the command that gets each finished run file, and its arguments
    store: StoreChoice = StoreChoice()
    alarm_template: str = ""  #: JSON with {text} that alarm_webhook gets instead of the alarm as data
    proxy: str = ""  #: address of the proxy of all portals
    proxies: dict[str, str] = field(default_factory=dict)  #: portal -> that of its own; "" for none
    stored_hook: str = ""  #: module.Class that sees each stored record
    fixes: dict[str, str] = field(default_factory=dict)  #: portal -> module.Class that corrects its records
    queries: dict[str, QueryChoice] = field(default_factory=dict)
    folder: Path = Path()  #: where citynews.toml lies: the modules of these classes are looked for there


def resolve(file: Path | None, output: Path | None, portals: list[Path], max_minutes: float | None = None) -> Config:
    """The operator's choices with *output* and *portals* of the command line put over them. Raises UsageError."""
    base = _read(file)
    given = tuple(portals) or tuple(map(Path, filter(None, os.environ.get("CITYNEWS_PORTALS", "").split(os.pathsep))))
    return Config(
        contact=os.environ.get("CITYNEWS_CONTACT") or base.contact,
        output=output or Path(os.environ.get("CITYNEWS_OUTPUT") or base.output),
        portals=given or tuple(map(Path, base.portals)),
        allow_hosts=tuple(os.environ.get("CITYNEWS_ALLOW_HOSTS", "").split()) or tuple(base.allow_hosts),
        max_minutes=_minutes(max_minutes, base),
        quiet_hours=_checked("CITYNEWS_QUIET_HOURS", hours) or base.quiet_hours,
        min_free=size(_checked("CITYNEWS_MIN_FREE", sizes) or base.min_free or "0"),
        max_archive=size(_checked("CITYNEWS_MAX_ARCHIVE", sizes) or base.max_archive or "0"),
        alarm_webhook=_checked("CITYNEWS_ALARM_WEBHOOK", address) or base.alarm_webhook,
        alarm_command=tuple(shlex.split(_checked("CITYNEWS_ALARM_COMMAND", words))) or tuple(base.alarm_command),
        anchor_command=tuple(shlex.split(_checked("CITYNEWS_ANCHOR_COMMAND", words))) or tuple(base.anchor.command),
        alarm_after_hours=_number("CITYNEWS_ALARM_AFTER_HOURS", "hours") or base.alarm_after_hours,
        store=_store(base.store),
        alarm_template=_checked("CITYNEWS_ALARM_TEMPLATE", template) or base.alarm_template,
        proxy=_checked("CITYNEWS_PROXY", proxy_address) or base.proxy,
        proxies={name: table.proxy for name, table in base.portal.items() if table.proxy is not None},
        stored_hook=base.hooks.stored,
        fixes={name: table.fix for name, table in base.portal.items() if table.fix},
        queries={name: _query(name, table, base.groups) for name, table in base.queries.items()},
        folder=(file or DEFAULT_FILE).parent,
        chosen=PortalChoice(
            file=str(file or DEFAULT_FILE),
            choose=tuple(os.environ.get("CITYNEWS_CHOOSE", "").split()) or tuple(base.choose),
            exclude=tuple(os.environ.get("CITYNEWS_EXCLUDE", "").split()) or tuple(base.exclude),
            groups=base.groups,
            disabled=tuple(name for name, table in base.portal.items() if not table.enabled),
            tables=tuple(base.portal),
            mentioned={f"queries.{name}.portals": tuple(table.portals) for name, table in base.queries.items()},
        ),
    )


def _query(name: str, table: Query, groups: Mapping[str, Sequence[str]]) -> QueryChoice:
    """The table with its variable put over it. Raises UsageError."""
    variable = f"CITYNEWS_QUERY_{name.upper().replace('-', '_')}_WEBHOOK"
    return QueryChoice(
        table.words, table.title or name,
        tuple(dict.fromkeys(member for portal in table.portals for member in groups.get(portal, (portal,)))),
        tuple(table.fields), table.kind, table.source or None, tuple(table.places), tuple(table.portal_kinds),
        tuple(table.portal_tags), table.revisions, Path(table.atom) if table.atom else None,
        _checked(variable, address) or table.webhook, table.template, tuple(table.command),
    )  # fmt: skip


def _store(base: StoreTable) -> StoreChoice:
    """The table with the CITYNEWS_STORE_... variables put over it. Raises UsageError."""
    return StoreChoice(
        url=os.environ.get("CITYNEWS_STORE_URL") or base.url,
        endpoint=os.environ.get("CITYNEWS_STORE_ENDPOINT") or base.endpoint,
        region=os.environ.get("CITYNEWS_STORE_REGION") or base.region,
        allow_http=_flag("CITYNEWS_STORE_ALLOW_HTTP", default=base.allow_http),
        path_style=_flag("CITYNEWS_STORE_PATH_STYLE", default=base.path_style),
        ttl=_number("CITYNEWS_STORE_TTL", "seconds") or base.ttl,
    )


def _flag(variable: str, *, default: bool) -> bool:
    """Whether *variable* says true. Raises UsageError where it says neither."""
    text = os.environ.get(variable, "").lower()
    if text not in {"", "true", "false", "1", "0"}:
        raise UsageError(f"{variable}: {text!r} is neither true nor false")
    return default if not text else text in {"true", "1"}


def _minutes(given: float | None, base: File) -> float:
    """The minutes of the option, else of the variable, else of the file. Raises UsageError."""
    if given is not None:
        return given
    stated = _number("CITYNEWS_MAX_MINUTES", "minutes")
    return base.max_minutes if stated is None else stated


def _number(variable: str, unit: str) -> float | None:
    """The number in *variable*; None where it is absent. Raises UsageError."""
    text = os.environ.get(variable)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise UsageError(f"{variable}: {text!r} is not a number of {unit}")
    return number


def _checked(variable: str, check: Callable[[str], str]) -> str:
    """The value of *variable*; "" where it is absent. Raises UsageError."""
    text = os.environ.get(variable, "")
    try:
        return check(text) if text else ""
    except ValueError as error:
        raise UsageError(f"{variable}: {error}") from error


def _read(file: Path | None) -> File:
    if file is None:
        if not DEFAULT_FILE.exists():
            return File()
        file = DEFAULT_FILE
    try:
        return File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{file}: {key}: {what}") from error
