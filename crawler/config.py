"""The operator's choices: options override CITYNEWS_... variables, which override citynews.toml."""

from __future__ import annotations

import math
import os
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from crawler.exit_codes import UsageError
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
        raise ValueError(f"{text!r} is no http(s) address")
    return text


def _words(text: str) -> str:
    shlex.split(text)
    return text


class _File(BaseModel):
    """The keys of citynews.toml."""

    model_config = ConfigDict(extra="forbid", strict=True)
    contact: str = ""
    output: str = "output"
    portals: list[str] = []
    allow_hosts: list[str] = []
    max_minutes: Annotated[float, Field(ge=0, strict=False)] = MAX_MINUTES
    quiet_hours: Annotated[str, AfterValidator(_hours)] | None = None
    min_free: Annotated[str, AfterValidator(_size)] = MIN_FREE
    max_archive: Annotated[str, AfterValidator(_size)] = ""
    alarm_webhook: Annotated[str, AfterValidator(_address)] = ""
    alarm_command: list[str] = []


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
    alarm_command: tuple[str, ...] = ()  #: the command that gets alarms, and its arguments


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
    )


def _minutes(given: float | None, base: _File) -> float:
    """The minutes of the option, else of the variable, else of the file. Raises UsageError."""
    text = os.environ.get("CITYNEWS_MAX_MINUTES")
    if given is not None or not text:
        return base.max_minutes if given is None else given
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < math.inf:
        raise UsageError(f"CITYNEWS_MAX_MINUTES: {text!r} is not a number of minutes")
    return minutes


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
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise UsageError(f"{file}: {key}: {what}") from error
