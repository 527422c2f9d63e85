"""Options and checks that the commands with a store share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.objects import Objects
    from crawler.config import StoreChoice

Store = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="s3://BUCKET/PREFIX or a shared folder that holds archives."),
]
Name = Annotated[
    str | None,
    typer.Option("--name", help="The archive's name in the store [default: the names of its portals]."),
]


def opened(url: str | None, choice: StoreChoice, *, make: bool = False) -> Objects:
    """The store at *url*, else the one of citynews.toml. Raises UsageError, StoreAddressError, MissingExtraError.

    *make*: a folder that is not there yet is made.
    """
    from crawler.archive.storage.objects import Objects

    address = url or choice.url
    if not address:
        raise UsageError("which store? --store URL, or url in [store] of citynews.toml")
    return Objects(
        address,
        endpoint=choice.endpoint,
        region=choice.region,
        allow_http=choice.allow_http,
        path_style=choice.path_style,
        make=make,
    )


def checked_name(name: str) -> str:
    """*name*, where an archive in a store may be called so. Raises UsageError."""
    from crawler.store.visit import archive_name

    return archive_name((), name)


def stored_target(place: str, choice: StoreChoice) -> Objects | None:
    """The store that *place* is in; None for a file or folder. Raises UsageError."""
    return opened(place, choice, make=True) if "://" in place else None


def mirror(store: Objects) -> Path:
    """The folder that holds what an export wrote into *store*, so that the next one is written from it."""
    from crawler.store.visit import cache_folder

    folder = cache_folder(store, "tables")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def send_tables(folder: Path, store: Objects, meta: Json, *, quiet: bool) -> Json:
    """Sends the tables in *folder* and says so; *meta*: what they hold."""
    from crawler.store.dataset import send

    done = send(folder, store, {"archive": meta["archive"], "run": meta["run"]})
    if not quiet:
        typer.echo(f"{store.url}: {done.objects} files sent, {done.size:,} bytes", err=True)
    return {"objects": done.objects, "bytes": done.size}
