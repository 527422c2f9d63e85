"""The operator's choices: options override CITYNEWS_... variables, which override citynews.toml."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crawler.config.checks import address, hours, proxy_address, sizes, template, words
from crawler.config.choices import (
    DEFAULT_FILE,
    MAX_MINUTES,
    MIN_FREE,
    OUTPUT,
    Config,
    QueryChoice,
    StoreChoice,
    without_password,
)
from crawler.exit_codes import UsageError
from crawler.values.sizes import size

__all__ = [
    "DEFAULT_FILE",
    "MAX_MINUTES",
    "MIN_FREE",
    "Config",
    "QueryChoice",
    "StoreChoice",
    "resolve",
    "without_password",
]


def resolve(file: Path | None, output: Path | None, portals: list[Path], max_minutes: float | None = None) -> Config:
    """The operator's choices with *output* and *portals* of the command line put over them. Raises UsageError."""
    base = _read(file)
    given = tuple(portals) or tuple(map(Path, filter(None, os.environ.get("CITYNEWS_PORTALS", "").split(os.pathsep))))
    return replace(
        base,
        contact=os.environ.get("CITYNEWS_CONTACT") or base.contact,
        output=output or Path(os.environ.get("CITYNEWS_OUTPUT") or base.output),
        portals=given or base.portals,
        allow_hosts=tuple(os.environ.get("CITYNEWS_ALLOW_HOSTS", "").split()) or base.allow_hosts,
        max_minutes=_minutes(max_minutes, base.max_minutes),
        quiet_hours=_checked("CITYNEWS_QUIET_HOURS", hours) or base.quiet_hours,
        min_free=_size("CITYNEWS_MIN_FREE", base.min_free),
        max_archive=_size("CITYNEWS_MAX_ARCHIVE", base.max_archive),
        alarm_webhook=_checked("CITYNEWS_ALARM_WEBHOOK", address) or base.alarm_webhook,
        alarm_command=tuple(shlex.split(_checked("CITYNEWS_ALARM_COMMAND", words))) or base.alarm_command,
        anchor_command=tuple(shlex.split(_checked("CITYNEWS_ANCHOR_COMMAND", words))) or base.anchor_command,
        alarm_after_hours=_number("CITYNEWS_ALARM_AFTER_HOURS", "hours") or base.alarm_after_hours,
        store=_store(base.store),
        alarm_template=_checked("CITYNEWS_ALARM_TEMPLATE", template) or base.alarm_template,
        proxy=_checked("CITYNEWS_PROXY", proxy_address) or base.proxy,
        queries={name: _query(name, query) for name, query in base.queries.items()},
        chosen=replace(
            base.chosen,
            choose=tuple(os.environ.get("CITYNEWS_CHOOSE", "").split()) or base.chosen.choose,
            exclude=tuple(os.environ.get("CITYNEWS_EXCLUDE", "").split()) or base.chosen.exclude,
        ),
    )


def _read(file: Path | None) -> Config:
    """What the file says; the defaults where none is named and none is there. Raises UsageError."""
    if file is None and not DEFAULT_FILE.exists():
        return Config(contact="", output=Path(OUTPUT))
    from crawler.config import file as toml_file  # noqa: PLC0415 - without a file nobody waits for pydantic

    return toml_file.read(file or DEFAULT_FILE)


def _query(name: str, query: QueryChoice) -> QueryChoice:
    """*query* with its variable put over it. Raises UsageError."""
    variable = f"CITYNEWS_QUERY_{name.upper().replace('-', '_')}_WEBHOOK"
    return replace(query, webhook=_checked(variable, address) or query.webhook)


def _store(base: StoreChoice) -> StoreChoice:
    """*base* with the CITYNEWS_STORE_... variables put over it. Raises UsageError."""
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


def _minutes(given: float | None, base: float) -> float:
    """The minutes of the option, else of the variable, else of the file. Raises UsageError."""
    if given is not None:
        return given
    stated = _number("CITYNEWS_MAX_MINUTES", "minutes")
    return base if stated is None else stated


def _size(variable: str, base: int) -> int:
    """Bytes of *variable*, else of the file. Raises UsageError."""
    text = _checked(variable, sizes)
    return size(text) if text else base


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
