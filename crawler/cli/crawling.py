"""crawl, replay, demo: what fills an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler import config, portals
from crawler.cli.app import app
from crawler.cli.options import (
    AllowHost,
    AsJson,
    ConfigFile,
    Jobs,
    MaxMinutes,
    Output,
    Portals,
    Quiet,
    Setting,
    Wait,
    set_logging,
)
from crawler.commands import report


@app.command()
def crawl(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals to crawl.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Crawl every portal there is.")] = False,
    output: Output = None,
    portal_files: Portals = None,
    limit: Annotated[int, typer.Option(min=0, help="Ask for at most so many articles a portal.")] = 0,
    since: Annotated[str | None, typer.Option(help="Skip what a feed or sitemap dates before this day.")] = None,
    max_minutes: MaxMinutes = None,
    allow_host: AllowHost = None,
    deep: Annotated[bool, typer.Option("--deep", help="Read discovery to its end, whatever is known.")] = False,
    retry_refused: Annotated[bool, typer.Option("--retry-refused", help="Ask every refused address again.")] = False,
    jobs: Jobs = 1,
    wait: Wait = 0.0,
    setting: Setting = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Crawl portals into the archive: list pages each time, articles only when they are new or due again.

    Exit code 0: all well. 3: a portal fell below its expectations; stderr says which and how.
    """
    from crawler.commands import crawl as command  # noqa: PLC0415 - Scrapy takes half a second to import

    chosen = config.resolve(config_file, output, portal_files or [], max_minutes)
    found = report.select(portals.load(chosen.portals), names or [], everything=everything)
    wanted = command.Options(
        config=chosen,
        limit=limit,
        since=report.day(since),
        allow_hosts=tuple(allow_host or chosen.allow_hosts),
        wait=wait,
        scrapy=report.pairs(setting or []),
        quiet=quiet,
        jobs=jobs,
        deep=deep,
        retry_refused=retry_refused,
    )
    set_logging(quiet=quiet)
    done = command.crawl(found, wanted)
    report.crawled(done, quiet=quiet, as_json=as_json)
    raise typer.Exit(done.exit)


@app.command()
def replay(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="WARC files, folders of them, or WACZ.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the new archive.")],
    portal_files: Portals = None,
    fallback: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="The portal of pages that no portal's domains claim.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Replay at most so many articles a portal.")] = 0,
    since: Annotated[str | None, typer.Option(help="Replay only visits made on this day or later.")] = None,
    allow_host: AllowHost = None,
    jobs: Jobs = 1,
    wait: Wait = 0.0,
    setting: Setting = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make every visit of WARC files again, into an archive of its own: same bytes in, same records out. No network.

    What cannot be read is left out and said; the exit code is 4 then.

    The definitions archived in the WARC are used; --portals puts others in their place. WARC files of other tools: what
    a portal's domains and patterns claim, in order of capture; with --as also the rest.
    """
    from crawler.commands import replay as command  # noqa: PLC0415 - Scrapy takes half a second to import

    set_logging(quiet=quiet)
    report.pairs(setting or [])  # replay starts no Scrapy: settings are checked for their form and have no effect
    config.resolve(config_file, output, [])
    done = command.replay(
        sources,
        output,
        overrides=portal_files or [],
        fallback=None if fallback is None else report.portal_name(fallback, "--as"),
        limit=limit,
        since=report.day(since),
        jobs=jobs,
        wait=wait,
    )
    report.replayed(done, quiet=quiet, as_json=as_json)
    raise typer.Exit(done.exit)


@app.command()
def demo(output: Output = None) -> None:
    """Serve the bundled sample portals on loopback, crawl them for real, print what landed."""
    from crawler.commands import demo as command  # noqa: PLC0415 - Scrapy takes half a second to import

    set_logging(quiet=False)
    raise typer.Exit(command.demo(output or Path("output")))
