"""Checks of command line inputs: archives, portals, days, names, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from crawler.cli.portal_filters import ALL_PORTALS
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.storage.layout import Paths
    from crawler.cli.portal_filters import PortalFilters
    from crawler.config import Config
    from crawler.extraction import Form
    from crawler.portals import Portal
    from crawler.portals.choice import PortalChoice


def existing_archive(root: Path) -> Paths:
    """The archive in the folder *root*. Raises UsageError where there is none."""
    from crawler.archive.storage.layout import Paths

    if not root.is_dir():
        raise UsageError(f"{root}: no archive here")
    return Paths(root)


def need_warc(paths: Paths) -> None:
    """Raises UsageError where WARC files of the archive are left in its store: the command would call them lost."""
    from crawler.archive.runs import ranges, run_file
    from crawler.archive.storage.home import is_elsewhere

    claims = ranges.of(run for run, _ in run_file.finished(paths))
    if absent := sum(is_elsewhere(paths, path) for path in claims.ranges):
        raise UsageError(f"{paths.root}: {absent} WARC files are only in its store; run `citynews pull` first")


@contextmanager
def locked_archive(root: Path, wait: float, *, reading: bool = False) -> Iterator[Paths]:
    """The archive in *root*, which nobody else writes meanwhile. Raises UsageError, BusyError, StorageError.

    *reading*: an archive that cannot be written needs no lock.
    """
    from crawler.archive.storage.errors import StorageError
    from crawler.archive.storage.lock import Lock

    paths = existing_archive(root)
    try:
        lock: AbstractContextManager[object] = Lock(paths.lock, wait)
    except StorageError:
        if not reading:
            raise
        lock = nullcontext()
    with lock:
        yield paths


def select(
    portals: Mapping[str, Portal],
    names: Sequence[str],
    chosen: PortalChoice,
    filters: PortalFilters = ALL_PORTALS,
    *,
    everything: bool,
) -> list[Portal]:
    """The portals that *names* name, or, with *everything* or a choice in citynews.toml, all that are chosen.

    Of these, those that *filters* choose; filters alone choose of all. Raises UsageError, also where that is none.
    """
    if not names and not everything and not chosen.choose and filters.is_everything:
        raise UsageError("name at least one portal, or use --all; `citynews portals` lists them")
    found = [portals[name] for name in chosen.portals(portals, () if everything else names)]
    if not found:
        raise UsageError(f"every selected portal is excluded or disabled, in {chosen.file} or its definition")
    return filters.of(found)


def select_known(
    config: Config,
    names: Sequence[str],
    filters: PortalFilters = ALL_PORTALS,
    *,
    everything: bool,
    unverified: bool,
    quiet: bool = False,
) -> list[Portal]:
    """As ``select``; where no portal is named, only portals that somebody vouches for (``standing``).

    Says on stderr how many were left out. Raises UsageError, also where none is left.
    """
    from crawler import portals

    alone = names and not everything and config.chosen.says_nothing
    defined = portals.load(config.portals, bundled=names if alone else True)  # what citynews.toml names is looked up
    found = select(defined, names, config.chosen, filters, everything=everything)
    if (names and not everything) or unverified:
        return found
    states = standing(config, defined)
    kept = [portal for portal in found if states[portal.name] != "unverified"]
    left = len(found) - len(kept)
    if not kept:
        raise UsageError(
            f"none of {left} selected portals was chosen in {config.chosen.file}, defined by you or crawled here "
            "before; choose some, or use --unverified; `citynews portals trial NAME` tests one"
        )
    if left and not quiet:
        typer.echo(f"{left} unverified portals are left out; --unverified includes them", err=True)
    return kept


def standing(config: Config, defined: Mapping[str, Portal]) -> dict[str, str]:
    """Portal -> who vouches for it.

    chosen (by citynews.toml), own (the operator's definition), crawled (this archive has articles of it), unverified
    (a bundled definition that nobody has tried here), excluded.
    """
    from crawler import portals
    from crawler.archive.storage.layout import Paths
    from crawler.health.summary import last_crawls

    meant = set(config.chosen.portals(defined))
    own = portals.load(config.portals, bundled=False).keys() if config.portals else ()
    crawled = {name for name, past in last_crawls(Paths(config.output)).items() if past.articles}
    return {
        name: "excluded" if name not in meant
        else "chosen" if config.chosen.choose
        else "own" if name in own
        else "crawled" if name in crawled
        else "unverified"
        for name in defined
    }  # fmt: skip


def text_form(name: str) -> Form | None:
    """The form of a text that --format names; None for json. Raises UsageError."""
    if name == "json":
        return None
    from crawler.extraction import FORMS  # a third of the start of a command that only prints records

    if name not in FORMS:
        raise UsageError(f"--format {name}: one of json, {', '.join(FORMS)}")
    return cast("Form", name)


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
