"""`citynews pack`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Output, Quiet
from crawler.cli.output import emit, printable


@app.command()
def pack(
    target: Annotated[Path, typer.Option("-o", metavar="FILE.wacz", help="The package to write.")],
    output: Output = None,
    names: Annotated[
        list[str] | None, typer.Option("--portal", metavar="NAME", help="Only articles of this portal. May repeat.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only articles first archived on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(help="Only articles first archived on this day (UTC) or before.")] = None,
    text: Annotated[
        bool,
        typer.Option("--text", help="Include the texts for search in ReplayWeb.page (1 MiB at most)."),
    ] = False,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """A WACZ package of the archive, for ReplayWeb.page and pywb.

    One page per article, in its latest version. WARC files are packed unchanged and whole; with a filter, only those of
    the runs that captured the selected pages.
    """
    from crawler import config
    from crawler.maintenance import pack as packing

    root = config.resolve(config_file, output, []).output
    portals = dict.fromkeys(name for given in names or [] if (name := inputs.portal_name(given, "--portal")))
    choice = packing.PackScope(tuple(portals), inputs.day(since), inputs.day(until, "--until"))
    inputs.need_warc(inputs.existing_archive(root))
    done = packing.pack(root, target, choice, text=text)
    if not quiet:
        typer.echo(printable(f"{target}: {done.articles} articles, {done.warc_files} WARC files, {done.bytes} bytes"))
        typer.echo(f"head of the archive: {done.head}")
        if text and done.searchable < done.articles:
            few = "ReplayWeb.page searches only 1 MiB of texts"
            typer.echo(f"{few}, here those of {done.searchable} articles; --portal, --since and --until select fewer")
        if done.waiting:
            typer.echo(f"{done.waiting} articles left out: their WARC files are still being written")
    if as_json:
        emit(
            {
                "exit_code": 0,
                "file": str(target),
                "articles": done.articles,
                "waiting": done.waiting,
                "warc_files": done.warc_files,
                "bytes": done.bytes,
                "head": done.head,
                "searchable": done.searchable if text else None,
            }
        )
