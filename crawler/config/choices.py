"""The operator's choices as every command gets them, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from crawler.portals.choice import PortalChoice
from crawler.values.sizes import size

DEFAULT_FILE = Path("citynews.toml")
OUTPUT = "output"
MAX_MINUTES = 55.0  #: a run ends before the next hour's begins
MIN_FREE = "0"  #: any: a disk that fills up ends a run with exit code 5 and a sound archive anyway


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
