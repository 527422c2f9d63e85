"""Filters for pages of an archive, shared by several commands."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

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
        "--place",
        metavar="NAME|CODE",
        help="Portals of this place: 北京, CN-110000, US; a province includes its cities.",
    ),
]
PortalKinds = Annotated[
    list[str] | None, typer.Option("--portal-kind", metavar="KIND", help="government, association, research, media ...")
]
PortalTags = Annotated[list[str] | None, typer.Option("--portal-tag", metavar="TAG", help="Portals with this tag.")]
Kind = Annotated[str | None, typer.Option(help="article, or copy: pages with the same text as another archived page.")]
FetchedSince = Annotated[str | None, typer.Option(help="Pages first fetched on this day (UTC) or later.")]
IndexFile = Annotated[
    Path | None, typer.Option("--index", help="The index [default: in ~/.cache/citynews, named by the archive's id].")
]


@dataclass(frozen=True, slots=True)
class PageFilters:
    """Options that choose pages; :func:`with_page_filters` gives them to a command."""

    portals: OfPortal = None
    places: InPlace = None
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
        first, last = inputs.day(self.since), inputs.day(self.until, "--until")
        if first and last and first > last:
            raise UsageError(f"--since {first} --until {last}: --since is later than --until; swap them")
        names = (inputs.portal_name(given, "--portal") for given in self.portals or [])
        return Selection(
            portals=tuple(dict.fromkeys(name for name in names if name)),
            since=first,
            until=last,
            source=self.source,
            query=query,
            kind=cast("PageKind | None", self.kind),
            places=tuple(self.places or ()),
            portal_kinds=portal_kinds(self.portal_kinds),
            portal_tags=tuple(self.portal_tags or ()),
            fetched_since=inputs.day(self.fetched_since, "--fetched-since"),
        )


NO_FILTERS = PageFilters()


def with_page_filters(command: Callable[..., None]) -> Callable[..., None]:
    """*command* with the options of PageFilters in the place of its parameter ``filters``, as Typer reads them."""
    own = inspect.signature(command, eval_str=True)
    types = get_type_hints(PageFilters, include_extras=True)
    options = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=types[field.name]
        )
        for field in fields(PageFilters)
    ]
    parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        parameters += options if parameter.name == "filters" else [parameter.replace(kind=parameter.KEYWORD_ONLY)]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        filters = PageFilters(**{option.name: given.pop(option.name) for option in options})
        command(**given, filters=filters)

    cast("Any", with_options).__signature__ = own.replace(parameters=parameters)
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options


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
            typer.echo(
                f"--portal {name}: the archive has no pages of it; it has pages of {', '.join(sorted(known))}", err=True
            )
