"""Filters that several commands share: which pages of an archive are meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from crawler.cli import inputs
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
InPlace = Annotated[
    list[str] | None,
    typer.Option(
        "--place", metavar="NAME|CODE", help="Portals of this place: 北京, CN-110000, US; a province holds its cities."
    ),
]
PortalKinds = Annotated[
    list[str] | None, typer.Option("--portal-kind", metavar="KIND", help="government, association, research, media ...")
]
PortalTags = Annotated[list[str] | None, typer.Option("--portal-tag", metavar="TAG", help="Portals with this tag.")]
Kind = Annotated[str | None, typer.Option(help="article, or copy: pages whose text another archived page has.")]
FetchedSince = Annotated[str | None, typer.Option(help="Pages first fetched on this day (UTC) or later.")]
IndexFile = Annotated[
    Path | None, typer.Option("--index", help="The index [default: in ~/.cache/citynews, named by the archive's id].")
]


def chosen_pages(
    names: list[str] | None, since: str | None, until: str | None, source: str | None, kind: str | None,
    fetched_since: str | None, query: str | None, places: list[str] | None = None, kinds: list[str] | None = None,
    tags: list[str] | None = None,
) -> Selection:  # fmt: skip
    """The filters as a Selection; *places*, *kinds* and *tags* are those of portals. Raises UsageError."""
    from crawler.analysis.selection import PageKind, Selection

    if kind is not None and kind not in get_args(PageKind):
        raise UsageError(f"--kind {kind}: one of {', '.join(get_args(PageKind))}")
    first, last = inputs.day(since), inputs.day(until, "--until")
    if first and last and first > last:
        raise UsageError(f"--since {first} --until {last}: no day is in between; the earlier one goes to --since")
    return Selection(
        tuple(dict.fromkeys(name for each in names or [] if (name := inputs.portal_name(each, "--portal")))),
        first, last, source, query, cast("PageKind | None", kind),
        tuple(places or ()), portal_kinds(kinds), tuple(tags or ()), inputs.day(fetched_since, "--fetched-since"),
    )  # fmt: skip


def portal_kinds(given: list[str] | None) -> tuple[str, ...]:
    """The kinds of portals that --portal-kind names. Raises UsageError."""
    if not given:
        return ()
    from crawler.portals.model import KINDS

    if bad := next((kind for kind in given if kind not in KINDS), None):
        raise UsageError(f"--portal-kind {bad}: one of {', '.join(KINDS)}")
    return tuple(given)


def note_unknown_portals(paths: Paths, choice: Selection, *, quiet: bool) -> None:
    """Says on stderr which portals of *choice* the archive has nothing of: a name may be mistyped."""
    known = {file.parent.name for file in paths.stream_files()} if choice.portals and not quiet else set()
    for name in choice.portals if known else ():
        if name not in known:
            typer.echo(f"--portal {name}: the archive has nothing of it; it has {', '.join(sorted(known))}", err=True)
