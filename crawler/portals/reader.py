"""TOML -> Portal. Every error names the file and the key, says what is wrong and what would be right."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from crawler.portals import families
from crawler.portals.model import Portal

BUNDLED = Path(__file__).parent / "bundled"


class DefinitionError(Exception):
    """A portal definition that cannot be used; the message names file and key."""


def parse(text: str, where: str, beside: Path | None = None) -> Portal:
    """The portal that *text* defines, with its family. *where* names it in errors, *beside* is the folder it lies in.

    Raises DefinitionError.
    """
    try:
        return Portal.of(families.merged(text, beside))
    except families.FamilyError as error:
        raise DefinitionError(f"{where}: family: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{where}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise DefinitionError("\n".join(_explain(where, problem) for problem in error.errors())) from error


def read(path: Path) -> Portal:
    """The portal defined by the file *path*. Raises DefinitionError."""
    try:
        return parse(path.read_text("utf-8"), str(path), path.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: cannot be read: {error}") from error


def load(extra: Iterable[Path] = (), *, bundled: bool = True) -> dict[str, Portal]:
    """Name -> portal: the *bundled* ones and those of *extra* (files, or folders of them), which replace a bundled one.

    Raises DefinitionError for a bad definition, a path that is not there, and one name given twice by *extra*.
    """
    portals = {p.name: p for p in map(read, sorted(BUNDLED.glob("*.toml")) if bundled else ())}
    given: dict[str, Path] = {}
    for path in (file for each in extra for file in _files(each)):
        portal = read(path)
        if portal.name in given and given[portal.name].resolve() != path.resolve():
            raise DefinitionError(f"{path}: name: {portal.name!r} is defined by {given[portal.name]} already")
        given[portal.name] = path
        portals[portal.name] = portal
    return dict(sorted(portals.items()))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(path.glob("*.toml"))
        if not found:
            raise DefinitionError(f"{path}: no *.toml file in this folder")
        return found
    if not path.exists():
        raise DefinitionError(f"{path}: no such file or folder")
    return [path]


def _explain(where: str, problem: object) -> str:
    assert isinstance(problem, dict)
    key = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
    if problem["type"] == "extra_forbidden":
        return f"{where}: {key}: unknown key"
    if problem["type"] == "missing":
        return f"{where}: {key}: missing; it is required"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {key}: {message}"
