"""TOML -> Portal. Every error names the file and the key, says what is wrong and what would be right."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path

import orjson
from pydantic import ValidationError

from crawler.portals import families
from crawler.portals.errors import DefinitionError
from crawler.portals.model import Portal

BUNDLED = Path(__file__).parent / "bundled"


def parse(text: str, where: str, folder: Path | None = None) -> Portal:
    """The portal that *text* defines, with its family. *where* names it in errors, *folder* the folder it lies in.

    Raises DefinitionError.
    """
    try:
        return Portal.of(families.merged(text, folder))
    except families.FamilyError as error:
        raise DefinitionError(f"{where}: family: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{where}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise DefinitionError("\n".join(_explain(where, problem) for problem in error.errors())) from error


def minimal(  # noqa: PLR0913 - the keys of a definition
    name: str,
    *,
    home: str,
    domain: str,
    title: str = "",
    language: str = "und",
    timezone: str = "UTC",
    article_urls: str = "",
    delay: float = 1.0,
    max_requests: int = 2000,
) -> Portal:
    """A definition that says only where a site is: for a survey, for a lone page, for files of another tool.

    *article_urls*: a pattern; without one every address of a sitemap is an article. Raises DefinitionError.
    """
    keys = {"name": name, "title": title or name, "home": home, "language": language, "timezone": timezone}
    lines = [f"{key} = {_quoted(value)}" for key, value in keys.items()]
    lines += [f"domains = [{_quoted(domain)}]", "[discover]"]
    if article_urls:
        lines += [f"pages = [{_quoted(home)}]", f"article_urls = [{_quoted(article_urls)}]"]
    else:
        lines.append(f"sitemaps = [{_quoted(home)}]")
    lines += ["[politeness]", f"delay = {float(delay)!r}", f"max_requests = {max_requests}", ""]
    return parse("\n".join(lines), name)


def _quoted(text: str) -> str:
    """*text* as a basic string of TOML."""
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")


def read(path: Path) -> Portal:
    """The portal defined by the file *path*. Raises DefinitionError."""
    try:
        return parse(path.read_text("utf-8"), str(path), path.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: cannot be read: {error}") from error


def load(extra: Iterable[Path] = (), *, bundled: bool | Collection[str] = True) -> dict[str, Portal]:
    """Name -> portal: those of *extra* (files, or folders of them), and bundled ones, which they replace.

    *bundled* says which of these: all, none, or those of the names given, since to read all takes a tenth of a second.

    Raises DefinitionError for a bad definition, a path that is not there, and one name given twice by *extra*.
    """
    files = sorted(BUNDLED.glob("*.toml")) if bundled else []
    if not isinstance(bundled, bool):
        files = [file for file in files if file.stem in bundled]  # a test holds that a file is named as its portal
    portals = {portal.name: portal for portal in map(_read_bundled, files)}
    given: dict[str, Path] = {}
    for path in chain.from_iterable(map(_files, extra)):
        portal = read(path)
        if portal.name in given and given[portal.name].resolve() != path.resolve():
            raise DefinitionError(f"{path}: name: {portal.name!r} is defined by {given[portal.name]} already")
        given[portal.name] = path
        portals[portal.name] = portal
    return dict(sorted(portals.items()))


@functools.cache
def _read_bundled(path: Path) -> Portal:
    """The same for a file of this package, which does not change: the command asks for it, then Scrapy's loader."""
    return read(path)


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
