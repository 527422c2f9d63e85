"""`citynews extract`: one page, or a batch of them, to JSON records."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.app import app
from crawler.cli.inputs import text_form
from crawler.cli.options import AllowHost, ConfigFile, Portals, TextForm
from crawler.cli.output import emit, emit_text, printable
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.archive.records.jsonl import Json
    from crawler.article import Refusal
    from crawler.config import Config
    from crawler.extraction import Explanation, Form
    from crawler.pipelines.single_page import PageContext
    from crawler.portals import Portal

SHOWN = 200  #: characters of a value in an explanation


@app.command()
def extract(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A page: a file, an address, stdin.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help='Lines {"id","url","path"}; one answer a line, in order. - is stdin.')
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Readable: for each field its rule, its place in the page, other candidates."),
    ] = False,
    form: TextForm = "json",
    url: Annotated[str, typer.Option("--url", help="The URL of the page in the file.")] = "",
    fetched_at: Annotated[str | None, typer.Option("--fetched-at", help="When it was fetched [default: now].")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="The page's time zone, such as Asia/Shanghai.")
    ] = None,
    portal: Annotated[str | None, typer.Option("--portal", help="Use this portal's rules.")] = None,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
) -> None:
    """One page to one JSON record on stdout; with --format, its text.

    Exit code 3: it is not an article; stderr says why. A live page (a URL) is fetched under the rules of a crawl:
    robots.txt, public addresses only.
    """
    from crawler import config, portals
    from crawler.pipelines import single_page

    chosen = config.resolve(config_file, None, portal_files or [])
    known = portals.load(chosen.portals)
    if (source is None) == (batch is None):
        raise UsageError("give one page (FILE, URL or -), or --batch")
    if batch is not None:
        if form != "json":
            raise UsageError("--batch prints records; --format is for a single page")
        for answer in _batch(batch, known):
            emit(answer)
        return
    assert source is not None
    context = single_page.PageContext(
        url=url,
        fetched_at=_moment(fetched_at, "--fetched-at"),
        timezone=_zone(timezone, "--timezone"),
        portal=_named(portal, known, "--portal"),
    )
    shape = text_form(form)
    live = source.startswith(("http://", "https://"))
    if explain and (live or shape):
        raise UsageError("--explain needs a saved page, without --format; --url is the page's address")
    result: Json | list[Explanation] | str | Refusal
    if explain:
        result = single_page.explain(_read(source), context)
    elif live:
        result = _fetched(source, context, chosen, allow_host, shape)
    else:
        page = _read(source)
        result = single_page.text_of(page, context, shape) if shape else single_page.record_of(page, context)
    _print(result, source)


def _fetched(
    url: str, context: PageContext, chosen: Config, hosts: list[str] | None, form: Form | None
) -> Json | str | Refusal:
    """The record or the text of the live page at *url*."""
    from crawler.archive.read.reader import Reader
    from crawler.article import Refusal
    from crawler.crawl.fetch import fetch
    from crawler.extraction import render
    from crawler.pipelines import archived_page

    def make(folder: Path, record: Json, used: Portal) -> Json | str | Refusal:
        if form is None:
            return record | {"run": None, "warc": None, "captures": []} | ({} if context.portal else {"portal": None})
        if form == "text":
            return record["body"] or ""
        text = archived_page.structure(Reader(folder), record, used)
        return text if isinstance(text, Refusal) else render(text, form)

    allowed = hosts or chosen.allow_hosts
    return fetch(url, context.portal, config=chosen, timezone=context.timezone, allow_hosts=allowed, make=make)


def _print(result: Json | list[Explanation] | str | Refusal, source: str) -> None:
    """Prints what was made of *source*. Raises typer.Exit where that is no article."""
    from crawler.article import Refusal

    if isinstance(result, Refusal):
        typer.echo(f"citynews: {printable(source)}: no article: {result.reason}", err=True)
        raise typer.Exit(Exit.EXPECTATION)
    if isinstance(result, str):
        emit_text(result)
    else:
        _print_explanations(result) if isinstance(result, list) else emit(result)


def _print_explanations(fields: Sequence[Explanation]) -> None:
    """How each field was found, one block per field."""
    import orjson

    from crawler.article import as_record

    for field in fields:
        value = orjson.dumps(field.value, default=as_record).decode() if field.value is not None else "(none)"
        typer.echo(f"{field.field}: {printable(value[:SHOWN])}{'...' if len(value) > SHOWN else ''}")
        typer.echo(f"    rule: {field.rule or 'none'}{f', at {printable(field.place)}' if field.place else ''}")
        for other in field.others:
            typer.echo(f"    also: {printable(other)}")


def _read(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}") from error


def _batch(path: Path, portals: dict[str, Portal]) -> Iterator[Json]:
    """One answer per line of *path*, in order. Raises UsageError for a line that cannot be understood."""
    from crawler.assembly import prepare_process

    prepare_process()
    try:
        file = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    with file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _answer(_task(line, f"{path}:{number}"), f"{path}:{number}", portals)


def _moment(text: str | None, where: str) -> datetime | None:
    """*text* as a moment; UTC where it names no zone. Raises UsageError."""
    from crawler.article import parse_moment

    if not text:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise UsageError(f"{where}: {text!r} is not a time such as 2026-11-23T18:25:00Z") from None


def _zone(name: str | None, where: str) -> str | None:
    """*name*, where it is a time zone. Raises UsageError."""
    from zoneinfo import ZoneInfo

    if not name:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"{where}: {name!r} is not a time zone such as Asia/Shanghai") from None
    return name


def _named(name: str | None, portals: dict[str, Portal], where: str) -> Portal | None:
    """The portal called *name*. Raises UsageError."""
    if not name:
        return None
    if name not in portals:
        raise UsageError(f"{where}: no portal is called {name!r}")
    return portals[name]


def _task(line: bytes, where: str) -> dict[str, Any]:
    import orjson

    try:
        task = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{where}: not JSON: {error}") from error
    if not isinstance(task, dict) or "id" not in task or not isinstance(task.get("path"), str):
        raise UsageError(f'{where}: not an object with "id" and "path" (and "url", "fetched_at", "timezone", "portal")')
    return task


def _answer(task: dict[str, Any], where: str, portals: dict[str, Portal]) -> Json:
    from crawler.article import Refusal
    from crawler.pipelines import single_page

    context = single_page.PageContext(
        url=task.get("url") or "",
        fetched_at=_moment(task.get("fetched_at"), where),
        timezone=_zone(task.get("timezone"), where),
        portal=_named(task.get("portal"), portals, where),
    )
    try:
        body = Path(task["path"]).read_bytes()
    except OSError as error:
        return {"id": task["id"], "record": None, "refused": f"unreadable: {error.strerror}"}
    result = single_page.record_of(body, context)
    if isinstance(result, Refusal):
        return {"id": task["id"], "record": None, "refused": result.reason}
    return {"id": task["id"], "record": result, "refused": None}
