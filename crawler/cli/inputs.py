"""What commands are given, checked: archives, portals, days, names, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.storage.layout import Paths
    from crawler.portals import Portal


def existing_archive(root: Path) -> Paths:
    """The archive in the folder *root*. Raises UsageError where there is none."""
    from crawler.archive.storage.layout import Paths

    if not root.is_dir():
        raise UsageError(f"{root}: no archive here")
    return Paths(root)


@contextmanager
def locked_archive(root: Path, wait: float) -> Iterator[Paths]:
    """The archive in *root*, which nobody else writes meanwhile. Raises UsageError, BusyError, StorageError."""
    from crawler.archive.storage.lock import Lock

    paths = existing_archive(root)
    with Lock(paths.lock, wait):
        yield paths


def select(portals: Mapping[str, Portal], names: Sequence[str], *, everything: bool) -> list[Portal]:
    """The portals that *names* name, or all. Raises UsageError."""
    if everything:
        return list(portals.values())
    if not names:
        raise UsageError("name at least one portal, or say --all; `citynews portals` lists them")
    if unknown := [name for name in names if name not in portals]:
        raise UsageError(f"no portal is called {unknown[0]!r}; `citynews portals` lists them")
    return [portals[name] for name in dict.fromkeys(names)]


def day(text: str | None, option: str = "--since") -> str | None:
    """*text*, given with *option*, as an ISO day. Raises UsageError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{option} {text}: not a day such as 2026-11-23") from None


def portal_name(name: str | None, option: str = "--as") -> str | None:
    """*name*, where a portal may be called so. Raises UsageError."""
    if name is not None and not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise UsageError(f"{option} {name}: not a portal's name ([a-z0-9-], up to 64)")
    return name


def scrapy_settings(given: Sequence[str]) -> dict[str, str]:
    """Name -> value of the -s options NAME=VALUE. Raises UsageError."""
    found = dict(setting.partition("=")[::2] for setting in given)
    for setting in given:
        if not setting.partition("=")[0] or "=" not in setting:
            raise UsageError(f"-s {setting}: not NAME=VALUE")
    return found
