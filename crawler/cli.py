"""The `citynews` command: parses arguments, calls one function each, turns outcomes into exit codes in one place."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler import __version__, portals
from crawler.archive import BusyError, DamagedError, StorageError
from crawler.article import Refusal
from crawler.commands import config, report
from crawler.commands.outcome import Exit, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Crawl smart-city news portals into an archive of JSON lines and WARC that proves itself and replays exactly.",
)
portals_app = typer.Typer(help="List, print and check portal definitions.", invoke_without_command=True)
app.add_typer(portals_app, name="portals")

Output = Annotated[Path | None, typer.Option("--output", help="The archive's folder [default: output].")]
Portals = Annotated[
    list[Path] | None,
    typer.Option("--portals", help="A portal's TOML file, or a folder of them, added to the bundled ones. May repeat."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="The operator's choices [default: citynews.toml].")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="End stdout with one line of JSON: the summary.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run to end.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Processes that extract.")]
Ident = Annotated[str, typer.Argument(metavar="ID|URL", help="An article's id, or its address.")]
Setting = Annotated[list[str] | None, typer.Option("-s", help="A Scrapy setting, NAME=VALUE. May repeat.")]


def version(value: bool) -> None:
    if value:
        typer.echo(f"citynews {__version__}")
        raise typer.Exit


@app.callback()
def options(
    show: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Crawl smart-city news portals into an archive of JSON lines and WARC that proves itself and replays exactly."""


@app.command()
def crawl(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals to crawl.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Crawl every portal there is.")] = False,
    output: Output = None,
    portal_files: Portals = None,
    limit: Annotated[int, typer.Option(min=0, help="Ask for at most so many articles a portal.")] = 0,
    since: Annotated[str | None, typer.Option(help="Skip what a feed or sitemap dates before this day.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="HOST[:PORT] that may be reached though not public.")
    ] = None,
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

    chosen = config.resolve(config_file, output, portal_files or [])
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
    )
    _logging(quiet=quiet)
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
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="As for crawl; without effect, nothing is fetched.")
    ] = None,
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

    _logging(quiet=quiet)
    report.pairs(setting or [])  # replay starts no Scrapy: settings are checked for their form and have no effect
    config.resolve(config_file, output, [])
    done = command.replay(
        sources,
        output,
        overrides=portal_files or [],
        fallback=report.portal_name(fallback),
        limit=limit,
        since=report.day(since),
        jobs=jobs,
        wait=wait,
    )
    report.replayed(done, quiet=quiet, as_json=as_json)
    raise typer.Exit(done.exit)


@app.command()
def verify(
    output: Output = None,
    source: Annotated[
        list[Path] | None, typer.Option("--source", help="Where the WARC files of a replayed archive lie now.")
    ] = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Prove the archive whole: every byte against the run that wrote it, every line against its WARC record.

    Writes nothing. Exit code 4: damaged; the findings say where. What a killed run left is recoverable, and 0.
    """
    from crawler.commands import maintain  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    raise typer.Exit(maintain.check(chosen.output, source or [], quiet=quiet, as_json=as_json))


@app.command()
def reindex(
    output: Output = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make state/ anew from the JSONL and WARC files alone."""
    from crawler.commands import maintain  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    maintain.rebuild(chosen.output, wait=wait, quiet=quiet, as_json=as_json)


@app.command()
def extract(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A page: a file, an address, stdin.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help='Lines {"id","url","path"}; one answer a line, in order. - is stdin.')
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="For a person: each field, the rule, the place in the page, runners-up.")
    ] = False,
    url: Annotated[str, typer.Option("--url", help="The address the file came from.")] = "",
    fetched_at: Annotated[str | None, typer.Option("--fetched-at", help="When it was fetched [default: now].")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="The page's time zone, such as Asia/Shanghai.")
    ] = None,
    portal: Annotated[str | None, typer.Option("--portal", help="Use this portal's rules.")] = None,
    portal_files: Portals = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="HOST[:PORT] that may be reached though not public.")
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """One page to one JSON record on stdout. Exit code 3: it is no article; stderr says why.

    A live page (an address) is fetched under the rules of a crawl: robots.txt, public addresses only.
    """
    from crawler.commands import extract as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, None, portal_files or [])
    known = portals.load(chosen.portals)
    if (source is None) == (batch is None):
        raise UsageError("give one page (FILE, URL or -), or --batch")
    if batch is not None:
        for answer in command.batch(batch, known):
            report.emit(answer)
        return
    assert source is not None
    lacking = command.Lacking(
        url=url,
        fetched_at=command.moment(fetched_at, "--fetched-at"),
        timezone=command.zone(timezone, "--timezone"),
        portal=command.named(portal, known, "--portal"),
    )
    if explain and source.startswith(("http://", "https://")):
        raise UsageError("--explain takes a saved page; --url says where it came from")
    if explain:
        fields = command.explained(source, lacking)
        if not isinstance(fields, Refusal):
            report.explanations(fields)
            return
    result = command.one(source, lacking, chosen, allow_host or chosen.allow_hosts)
    if isinstance(result, Refusal):
        typer.echo(f"citynews: {report.printable(source)}: no article: {result.reason}", err=True)
        raise typer.Exit(Exit.EXPECTATION)
    report.emit(result)


@app.command()
def show(ident: Ident, output: Output = None, config_file: ConfigFile = None) -> None:
    """Print one record, the latest version of it, as a line of JSON."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.show(config.resolve(config_file, output, []).output, ident)


@app.command()
def history(ident: Ident, output: Output = None, config_file: ConfigFile = None, as_json: AsJson = False) -> None:
    """An article's life: its versions, its visits with their view counts, its copies."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.history(config.resolve(config_file, output, []).output, ident, as_json=as_json)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="An archive.")],
    new: Annotated[Path, typer.Argument(help="Another one, such as a replay with other rules.")],
    as_json: AsJson = False,
) -> None:
    """Field-by-field differences between two archives, the summary first. Where they were written does not count."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.diff(old, new, as_json=as_json)


@app.command()
def schema(
    target: Annotated[
        str | None, typer.Option("--for", help="Column types instead: for duckdb, polars or pandas.")
    ] = None,
) -> None:
    """JSON Schema of every stream; with --for, the column types that keep an all-null column what it is."""
    from crawler.archive import STREAMS, columns  # noqa: PLC0415 - keeps `citynews --help` quick
    from crawler.archive import schema as schemas  # noqa: PLC0415

    if target is None:
        report.emit(schemas.json_schemas())
    elif target in columns.TARGETS:
        report.emit({stream: columns.columns(stream, target) for stream in STREAMS})
    else:
        raise UsageError(f"--for {target}: one of {', '.join(columns.TARGETS)}")


@app.command()
def demo(output: Output = None) -> None:
    """Serve the bundled sample portals on loopback, crawl them for real, print what landed."""
    from crawler.commands import demo as command  # noqa: PLC0415 - Scrapy takes half a second to import

    _logging(quiet=False)
    raise typer.Exit(command.demo(output or Path("output")))


@portals_app.callback()
def portals_list(
    context: typer.Context, portal_files: Portals = None, config_file: ConfigFile = None, as_json: AsJson = False
) -> None:
    """The portals there are: name, title, language, home."""
    if context.invoked_subcommand is None:
        chosen = config.resolve(config_file, None, portal_files or [])
        report.listing(list(portals.load(chosen.portals).values()), as_json=as_json)


@portals_app.command("show")
def portals_show(name: str, portal_files: Portals = None, config_file: ConfigFile = None) -> None:
    """Print a portal's definition."""
    chosen = config.resolve(config_file, None, portal_files or [])
    (found,) = report.select(portals.load(chosen.portals), [name], everything=False)
    typer.echo(report.printable(found.text).rstrip("\n"))


def main() -> None:
    """Runs the command line and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line *arguments* and returns the exit code."""
    try:
        app(args=arguments, prog_name="citynews", standalone_mode=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(Exit.OK)
    except (UsageError, portals.DefinitionError) as error:
        return _say(error, Exit.USAGE)
    except BusyError as error:
        return _say(error, Exit.BUSY)
    except DamagedError as error:
        return _say(error, Exit.DAMAGED)
    except StorageError as error:
        return _say(error, Exit.STORAGE)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    return int(Exit.OK)


def _say(error: Exception, code: Exit) -> int:
    typer.echo(f"citynews: {report.printable(str(error))}", err=True)
    return int(code)


def _logging(*, quiet: bool) -> None:
    logging.getLogger("crawler").setLevel(logging.ERROR if quiet else logging.INFO)
