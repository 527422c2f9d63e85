"""Options and checks that the commands with a store share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.exit_codes import UsageError

if TYPE_CHECKING:
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
