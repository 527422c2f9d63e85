"""The operator's choices: options override CITYNEWS_... variables, which override citynews.toml."""

from __future__ import annotations

import json
import math
import os
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from crawler.exit_codes import UsageError
from crawler.portals.choice import NAME, PortalChoice
from crawler.values.hours import Hours
from crawler.values.sizes import size

MAX_MINUTES = 55.0  #: a run ends before the next hour's begins
MIN_FREE = "0"  #: any: a disk that fills up ends a run with exit code 5 and a sound archive anyway
DEFAULT_FILE = Path("citynews.toml")


def _hours(text: str) -> str:
    Hours.of(text)
    return text


def _size(text: str) -> str:
    size(text or "0")
    return text


def _address(text: str) -> str:
    if text and urlsplit(text).scheme not in {"http", "https"}:
        raise ValueError(f"{text!r} is not an http(s) address")
    return text


def _proxy(text: str) -> str:
    try:
        parts = urlsplit(text)
        right = not text or (parts.scheme == "http" and parts.hostname and parts.port and parts.path in {"", "/"})
    except ValueError:
        right = False
    if not right:  # the address may hold a password: it is not repeated
        raise ValueError("not the address of a proxy (expected http://[user:password@]host:port)")
    return text


def without_password(address: str) -> str:
    """The *address* of a proxy, to be shown."""
    user, at, place = address.rpartition("@")
    return f"{user.rpartition(':')[0]}:***@{place}" if at and user.count(":") > 1 else address


def _template(text: str) -> str:
    try:
        if text and "{text}" not in json.dumps(json.loads(text)):
            raise ValueError("has no {text}, where the alarm would stand")
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return text


def _words(text: str) -> str:
    shlex.split(text)
    return text


def _names(names: list[str]) -> list[str]:
    if bad := next((name for name in names if not NAME.fullmatch(name)), None):
        raise ValueError(f"{bad!r} is not the name of a portal or a group ([a-z0-9-], up to 64)")
    return names


def _dotted(name: str) -> str:
    if name and not ("." in name and all(part.isidentifier() for part in name.split("."))):
        raise ValueError(f"{name!r} is not module.Class")
    return name


_Class = Annotated[str, AfterValidator(_dotted)]
_Template = Annotated[str, AfterValidator(_template)]
_Proxy = Annotated[str, AfterValidator(_proxy)]
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


class _Store(BaseModel):
    """The table ``[store]``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = ""
    endpoint: str = ""
    region: str = ""
    allow_http: bool = False
    path_style: bool = True
    ttl: Annotated[float, Field(ge=1, strict=False)] = 120.0


_Hours = Annotated[str, AfterValidator(_hours)]
_Size = Annotated[str, AfterValidator(_size)]
_Address = Annotated[str, AfterValidator(_address)]
_Minutes = Annotated[float, Field(ge=0, strict=False)]
_Age = Annotated[float, Field(gt=0, strict=False)]


class _File(BaseModel):
    """The keys of citynews.toml; _SAMPLE says what each means."""

    model_config = ConfigDict(extra="forbid", strict=True)
    contact: str = ""
    output: str = "output"
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
    store: _Store = _Store()
    groups: dict[str, _Names] = {}
    portal: dict[str, _Portal] = {}


#: Key -> what `citynews config --sample` says of it, and the line that it gives.
_SAMPLE = {
    "contact": (
        "Address in the User-Agent and in each WARC file, where a site can complain.",
        'contact = "https://example.org/crawler"',
    ),
    "output": ("The archive's folder, relative to where the command runs.", 'output = "output"'),
    "portals": ("Definitions besides the bundled ones: TOML files, or folders of them.", 'portals = ["portals"]'),
    "choose": (
        "What `crawl` without names and `--all` mean: portals and groups. Default: every portal.",
        'choose = ["daily", "c114"]',
    ),
    "exclude": ("Portals that are crawled only when the command line names them.", 'exclude = ["qianjia"]'),
    "allow_hosts": ("HOST or HOST:PORT that may be reached though not public.", 'allow_hosts = ["news.internal"]'),
    "max_minutes": ("Minutes after which a run asks for nothing more; 0 is no end.", "max_minutes = 55"),
    "proxy": (
        "HTTP proxy for all requests, https by CONNECT; see docs/configure.md.",
        'proxy = "http://user:password@proxy.internal:3128"',
    ),
    "quiet_hours": (
        "Hours of each portal's own day in which nothing is asked of it.",
        'quiet_hours = "02:00-05:00"',
    ),
    "min_free": (
        "A crawl begins only with so much free on the archive's disk; K, M, G, T; 0 is any.",
        'min_free = "200M"',
    ),
    "max_archive": ("A crawl begins only while the archive has no more than this.", 'max_archive = "500G"'),
    "alarm_webhook": (
        "Address to which alarms are posted as JSON.",
        'alarm_webhook = "https://hooks.example.org/citynews"',
    ),
    "alarm_template": (
        "What alarm_webhook gets instead: JSON with {text} in it, such as group robots want; see docs/watch.md.",
        """alarm_template = '{"msgtype": "text", "text": {"content": "{text}"}}'""",
    ),
    "alarm_command": (
        "Command that gets the same JSON on its standard input, and its arguments; no shell.",
        'alarm_command = ["/usr/local/bin/tell", "--urgent"]',
    ),
    "alarm_after_hours": (
        "`citynews status --notify` raises an alarm when no crawl has ended for so many hours.",
        "alarm_after_hours = 26",
    ),
    "anchor": (
        "Command that gets each finished run file, to sign or stamp it, as its last argument; no shell.",
        '[anchor]\ncommand = ["/usr/local/bin/stamp"]',
    ),
    "store": (
        "Where archives live that several machines share, as --store says, and the server that has it.",
        '[store]\nurl = "s3://news/citynews"\nendpoint = "https://s3.example.org"\nregion = "us-east-1"\n'
        "allow_http = false\npath_style = true\nttl = 120",
    ),
    "hooks": (
        "A class of your own, module.Class beside this file, that sees each stored record; see docs/hooks.md.",
        '[hooks]\nstored = "myhooks.Stored"',
    ),
    "groups": (
        "Names for several portals: a group may be named where a portal may.",
        '[groups]\ndaily = ["afzhan", "c114"]',
    ),
    "portal": (
        "One table per portal. A portal that is not enabled is left out like an excluded one; `fix` is a class of your"
        ' own that corrects its records, `proxy` that of this portal ("" for none).',
        '[portal.gkzhan]\nenabled = false\nfix = "myhooks.FixGkzhan"',
    ),
}


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
        quiet_hours=_checked("CITYNEWS_QUIET_HOURS", _hours) or base.quiet_hours,
        min_free=size(_checked("CITYNEWS_MIN_FREE", _size) or base.min_free or "0"),
        max_archive=size(_checked("CITYNEWS_MAX_ARCHIVE", _size) or base.max_archive or "0"),
        alarm_webhook=_checked("CITYNEWS_ALARM_WEBHOOK", _address) or base.alarm_webhook,
        alarm_command=tuple(shlex.split(_checked("CITYNEWS_ALARM_COMMAND", _words))) or tuple(base.alarm_command),
        anchor_command=tuple(shlex.split(_checked("CITYNEWS_ANCHOR_COMMAND", _words))) or tuple(base.anchor.command),
        alarm_after_hours=_number("CITYNEWS_ALARM_AFTER_HOURS", "hours") or base.alarm_after_hours,
        store=_store(base.store),
        alarm_template=_checked("CITYNEWS_ALARM_TEMPLATE", _template) or base.alarm_template,
        proxy=_checked("CITYNEWS_PROXY", _proxy) or base.proxy,
        proxies={name: table.proxy for name, table in base.portal.items() if table.proxy is not None},
        stored_hook=base.hooks.stored,
        fixes={name: table.fix for name, table in base.portal.items() if table.fix},
        folder=(file or DEFAULT_FILE).parent,
        chosen=PortalChoice(
            file=str(file or DEFAULT_FILE),
            choose=tuple(os.environ.get("CITYNEWS_CHOOSE", "").split()) or tuple(base.choose),
            exclude=tuple(os.environ.get("CITYNEWS_EXCLUDE", "").split()) or tuple(base.exclude),
            groups=base.groups,
            disabled=tuple(name for name, table in base.portal.items() if not table.enabled),
            tables=tuple(base.portal),
        ),
    )


def _store(base: _Store) -> StoreChoice:
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


def _minutes(given: float | None, base: _File) -> float:
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


def _read(file: Path | None) -> _File:
    if file is None:
        if not DEFAULT_FILE.exists():
            return _File()
        file = DEFAULT_FILE
    try:
        return _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{file}: {key}: {what}") from error


def sample() -> str:
    """A citynews.toml that names every key with what it means, and sets none."""
    parts = ["# citynews.toml: the operator's choices. Every key is optional; take away the # before those to set.\n"]
    for key in _File.model_fields:
        meaning, lines = _SAMPLE[key]
        parts.append(f"# {meaning}\n" + "".join(f"#{line}\n" for line in lines.split("\n")))
    return "\n".join(parts)
