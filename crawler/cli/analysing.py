"""search: what asks an archive as a whole and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from crawler import config
from crawler.cli.app import app
from crawler.cli.options import ConfigFile, Output, Portals, Quiet
from crawler.commands import report
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.analysis.choice import Choice, PageKind

OfPortal = Annotated[
    list[str] | None, typer.Option("--portal", metavar="NAME", help="Pages of this portal. May repeat.")
]
Since = Annotated[str | None, typer.Option(help="Pages published on this day (YYYY-MM-DD, as printed) or later.")]
Until = Annotated[str | None, typer.Option(help="Pages published on this day or before.")]
Source = Annotated[str | None, typer.Option(help="Pages with this source (来源), as stated or as source_norm.")]
Kind = Annotated[str | None, typer.Option(help="article, or copy: pages whose text another archived page has.")]
FetchedSince = Annotated[str | None, typer.Option(help="Pages first fetched on this day (UTC) or later.")]
IndexFile = Annotated[
    Path | None, typer.Option("--index", help="The index [default: in ~/.cache/citynews, named by the archive's id].")
]


def chosen_pages(
    names: list[str] | None, since: str | None, until: str | None, source: str | None, kind: str | None,
    fetched_since: str | None, query: str | None,
) -> Choice:  # fmt: skip
    """The filters as a Choice. Raises UsageError."""
    from crawler.analysis.choice import Choice, PageKind  # noqa: PLC0415 - keeps `citynews --help` quick

    if kind is not None and kind not in get_args(PageKind):
        raise UsageError(f"--kind {kind}: one of {', '.join(get_args(PageKind))}")
    return Choice(
        tuple(dict.fromkeys(name for each in names or [] if (name := report.portal_name(each, "--portal")))),
        report.day(since), report.day(until, "--until"), source, query, cast("PageKind | None", kind),
        report.day(fetched_since, "--fetched-since"),
    )  # fmt: skip


@app.command()
def search(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help='Such as: 交通 规划, "smart city", 交通 OR 出行, title:会计 -高速')
    ],
    output: Output = None,
    names: OfPortal = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    kind: Kind = None,
    fetched_since: FetchedSince = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON with all hits.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="All hits as CSV, for a spreadsheet.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Only how many pages are found.")] = False,
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
) -> None:
    """Full-text search, exact: Chinese from one character up, anywhere in a word; Latin words and numbers whole.

    Words apart must all be there, in title, body, source or author; "in quotes" side by side; OR, NOT or -, brackets;
    title: and the like for one field; smart* for what begins so. The index is made at the first search, outside of the
    archive, and kept up with finished runs.
    """
    from crawler.commands import search as command  # noqa: PLC0415 - keeps `citynews --help` quick

    if as_json + as_csv + count > 1:
        raise UsageError("--json, --csv and --count: one of them")
    chosen = config.resolve(config_file, output, portal_files or [])
    form = "json" if as_json else "csv" if as_csv else "count" if count else "text"
    choice = chosen_pages(names, since, until, source, kind, fetched_since, query)
    command.search(command.Request(chosen.output, choice, index, chosen.portals, form, quiet))
