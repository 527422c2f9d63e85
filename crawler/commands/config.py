"""The operator's choices: options override CITYNEWS_... variables, which override citynews.toml."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.commands.outcome import UsageError

DEFAULT_FILE = Path("citynews.toml")


class _File(BaseModel):
    """The keys of citynews.toml."""

    model_config = ConfigDict(extra="forbid", strict=True)
    contact: str = ""
    output: str = "output"
    portals: list[str] = []
    allow_hosts: list[str] = []


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for this command."""

    contact: str
    output: Path
    portals: tuple[Path, ...] = ()
    allow_hosts: tuple[str, ...] = ()


def resolve(file: Path | None, output: Path | None, portals: list[Path]) -> Config:
    """The operator's choices with *output* and *portals* of the command line put over them. Raises UsageError."""
    base = _read(file)
    given = tuple(portals) or tuple(map(Path, filter(None, os.environ.get("CITYNEWS_PORTALS", "").split(os.pathsep))))
    return Config(
        contact=os.environ.get("CITYNEWS_CONTACT") or base.contact,
        output=output or Path(os.environ.get("CITYNEWS_OUTPUT") or base.output),
        portals=given or tuple(map(Path, base.portals)),
        allow_hosts=tuple(os.environ.get("CITYNEWS_ALLOW_HOSTS", "").split()) or tuple(base.allow_hosts),
    )


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
