"""`citynews report`: figures and plots of an archive in one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.app import app
from crawler.cli.filters import NO_FILTERS, IndexFile, PageFilters, note_unknown_portals, with_page_filters
from crawler.cli.inputs import existing_archive
from crawler.cli.options import ConfigFile, Output, Portals, Quiet
from crawler.cli.search import opened, understood
from crawler.exit_codes import UsageError


@app.command("report")
@with_page_filters
def report(
    target: Annotated[Path, typer.Option("-o", metavar="FILE.html", help="The file to write.")],
    output: Output = None,
    filters: PageFilters = NO_FILTERS,
    words: Annotated[str | None, typer.Option("--query", help="Pages that `citynews search` finds.")] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="A:B",
            help="Periods whose words are compared: months, or days (2026-11-01..2026-11-14) [default: the last two"
            " whole months].",
        ),
    ] = None,
    own_words: Annotated[
        Path | None, typer.Option("--words", metavar="FILE", help="Terms that are not segmented, one per line.")
    ] = None,
    browse: Annotated[
        str, typer.Option("--browse", metavar="URL", help="URL of `citynews browse` for the links.")
    ] = "http://127.0.0.1:8500",
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "en",
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
) -> None:
    """Figures and plots of the archive in one HTML file.

    Pages per day with the gaps of the crawl, views at equal age, growth, reprints, sources, words of titles,
    corrections, coverage, deleted pages: each with its table, its CSV and its query, and links from the numbers to
    their records. The file needs no network, no scripts and no other files.
    """
    from crawler import config

    try:
        from crawler.analysis.report import build
        from crawler.analysis.report.words import own_words as listed
    except ModuleNotFoundError as error:
        raise UsageError(f"report needs {error.name}: pip install 'citynews[analysis]'") from error
    from crawler.analysis.web.labels import LANGUAGES
    from crawler.archive.storage.files import storage

    if lang not in LANGUAGES:
        raise UsageError(f"--lang {lang}: one of {', '.join(LANGUAGES)}")
    if words is not None:
        understood(words)
    chosen = config.resolve(config_file, output, portal_files or [])
    choice = filters.selection(words)
    try:
        never_cut = listed(own_words.read_text("utf-8")) if own_words else []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--words {own_words}: cannot be read: {error}") from error
    note_unknown_portals(existing_archive(chosen.output), choice.portals, quiet=quiet)
    db = opened(chosen.output, index, chosen.portals, quiet=quiet)
    try:
        request = build.ReportRequest(choice, browse, lang, compare, never_cut)
        page = build.build(db, request)
    except build.ReportError as error:
        raise UsageError(str(error)) from error
    finally:
        db.close()
    with storage(target):
        target.write_bytes(page)
    if not quiet:
        typer.echo(f"{target}: {len(page)} bytes", err=True)
