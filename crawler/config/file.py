"""Reads and validates citynews.toml. A module of its own: a command without the file imports no pydantic."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from crawler.config.choices import Config, QueryChoice, StoreChoice
from crawler.config.tables import File, Query
from crawler.exit_codes import UsageError
from crawler.portals.choice import PortalChoice
from crawler.values.sizes import size


def read(file: Path) -> Config:
    """The choices of *file*. Raises UsageError where it cannot be read, or has an unknown key or a wrong value."""
    try:
        return _choices(File.model_validate(tomllib.loads(file.read_text("utf-8"))), file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{file}: {key}: {what}") from error


def _choices(tables: File, file: Path) -> Config:
    return Config(
        contact=tables.contact,
        output=Path(tables.output),
        portals=tuple(map(Path, tables.portals)),
        allow_hosts=tuple(tables.allow_hosts),
        max_minutes=tables.max_minutes,
        quiet_hours=tables.quiet_hours,
        min_free=size(tables.min_free or "0"),
        max_archive=size(tables.max_archive or "0"),
        alarm_webhook=tables.alarm_webhook,
        alarm_command=tuple(tables.alarm_command),
        anchor_command=tuple(tables.anchor.command),
        alarm_after_hours=tables.alarm_after_hours,
        store=StoreChoice(**tables.store.model_dump()),
        alarm_template=tables.alarm_template,
        proxy=tables.proxy,
        proxies={name: table.proxy for name, table in tables.portal.items() if table.proxy is not None},
        stored_hook=tables.hooks.stored,
        fixes={name: table.fix for name, table in tables.portal.items() if table.fix},
        queries={name: _query(name, table, tables.groups) for name, table in tables.queries.items()},
        folder=file.parent,
        chosen=PortalChoice(
            file=str(file),
            choose=tuple(tables.choose),
            exclude=tuple(tables.exclude),
            groups=tables.groups,
            disabled=tuple(name for name, table in tables.portal.items() if not table.enabled),
            tables=tuple(tables.portal),
            mentioned={f"queries.{name}.portals": tuple(table.portals) for name, table in tables.queries.items()},
        ),
    )


def _query(name: str, table: Query, groups: Mapping[str, Sequence[str]]) -> QueryChoice:
    return QueryChoice(
        table.words, table.title or name,
        tuple(dict.fromkeys(member for portal in table.portals for member in groups.get(portal, (portal,)))),
        tuple(table.fields), table.kind, table.source or None, tuple(table.places), tuple(table.portal_kinds),
        tuple(table.portal_tags), table.revisions, Path(table.atom) if table.atom else None, table.webhook,
        table.template, tuple(table.command),
    )  # fmt: skip
