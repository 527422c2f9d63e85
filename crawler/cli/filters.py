"""Filters for pages of an archive, shared by several commands."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from crawler.cli import inputs
from crawler.cli.portal_filters import Places, PortalFilters, PortalKinds, PortalTags, with_options
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.analysis.selection import PageKind, Selection
    from crawler.archive.storage.layout import Paths

OfPortal = Annotated[
    list[str] | None, typer.Option("--portal", metavar="NAME", help="Pages of this portal. May repeat.")
]
Since = Annotated[str | None, typer.Option(help="Pages published on this day (YYYY-MM-DD, as printed) or later.")]
Until = Annotated[str | None, typer.Option(help="Pages published on this day or before.")]
Source = Annotated[str | None, typer.Option(help="Pages with this source (来源), as stated or as source_norm.")]
Kind = Annotated[str | None, typer.Option(help="article, or copy: pages with the same text as another archived page.")]
FetchedSince = Annotated[str | None, typer.Option(help="Pages first fetched on this day (UTC) or later.")]
IndexFile = Annotated[
    Path | None, typer.Option("--index", help="The index [default: in ~/.cache/citynews, named by the archive's id].")
]


_SURROGATES = re.compile("[\ud800-\udfff]")  #: what Python makes of bytes that are not UTF-8


@dataclass(frozen=True, slots=True)
class PageFilters:
    """Options that choose pages; :func:`with_page_filters` gives them to a command."""

    portals: OfPortal = None
    places: Places = None
    portal_kinds: PortalKinds = None
    portal_tags: PortalTags = None
    since: Since = None
    until: Until = None
    source: Source = None
    kind: Kind = None
    fetched_since: FetchedSince = None

    def selection(self, query: str | None) -> Selection:
        """The pages that these options and *query* choose. Raises UsageError."""
        from crawler.analysis.selection import PageKind, Selection

        if self.kind is not None and self.kind not in get_args(PageKind):
            raise UsageError(f"--kind {self.kind}: one of {', '.join(get_args(PageKind))}")
        for name, texts in (("the query", [query]), ("--source", [self.source]), ("--place", self.places),
                            ("--portal-tag", self.portal_tags)):  # fmt: skip
            if any(text is not None and _SURROGATES.search(text) for text in texts or []):
                raise UsageError(f"{name}: not valid UTF-8")
        first, last = inputs.day(self.since), inputs.day(self.until, "--until")
        if first and last and first > last:
            raise UsageError(f"--since {first} --until {last}: --since is later than --until; swap them")
        names = (inputs.portal_name(given, "--portal") for given in self.portals or [])
        described = PortalFilters(self.places, self.portal_kinds, self.portal_tags).description()
        return Selection(
            portals=tuple(dict.fromkeys(name for name in names if name)),
            since=first,
            until=last,
            source=self.source,
            query=query,
            kind=cast("PageKind | None", self.kind),
            places=described.places,
            portal_kinds=described.kinds,
            portal_tags=described.tags,
            fetched_since=inputs.day(self.fetched_since, "--fetched-since"),
        )


NO_FILTERS = PageFilters()


with_page_filters = with_options(PageFilters)


def note_unknown_portals(paths: Paths, names: Collection[str], *, quiet: bool = False) -> None:
    """Says on stderr which of *names* the archive has nothing of: they may be mistyped."""
    known = {file.parent.name for file in paths.stream_files()} if names and not quiet else set()
    for name in names if known else ():
        if name not in known:
            typer.echo(
                f"--portal {name}: the archive has no pages of it; it has pages of {', '.join(sorted(known))}", err=True
            )
