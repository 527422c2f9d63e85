"""`citynews search`: full-text search of an archive, with an index outside of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.app import app
from crawler.cli.filters import NO_FILTERS, IndexFile, PageFilters, note_unknown_portals, with_page_filters
from crawler.cli.inputs import existing_archive
from crawler.cli.options import ConfigFile, Output, Portals, Quiet
from crawler.cli.output import printable
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    import sqlite3

    from crawler.analysis import query
    from crawler.analysis.names import Known
    from crawler.analysis.selection import Selection

SHOWN = 20  #: hits that are printed for a person; --json and --csv have them all
_ORDER = "ORDER BY p.published_date IS NULL, p.published_date DESC, p.published_at DESC, p.id"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What was asked for."""

    root: Path
    choice: Selection  #: with a query
    form: str = "text"  #: text, json, csv or count
    quiet: bool = False


@app.command("search")
@with_page_filters
def search(
    words: Annotated[
        str, typer.Argument(metavar="QUERY", help='Such as: 交通 规划, "smart city", 交通 OR 出行, title:会计 -高速')
    ],
    output: Output = None,
    filters: PageFilters = NO_FILTERS,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON with all hits.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="All hits as CSV, for a spreadsheet.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Only the number of hits.")] = False,
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
) -> None:
    """Exact full-text search; Chinese from one character up.

    Chinese is matched anywhere in a text, Latin words and numbers as whole words. All words must occur, in title, body,
    source or author; "in quotes" is a phrase; OR, NOT or -, brackets; title: and the like search one field; smart*
    matches a prefix. The first search builds the index, outside of the archive; later ones update it from finished
    runs.
    """
    from crawler import config

    if as_json + as_csv + count > 1:
        raise UsageError("--json, --csv and --count: give only one of them")
    chosen = config.resolve(config_file, output, portal_files or [])
    form = "json" if as_json else "csv" if as_csv else "count" if count else "text"
    choice = filters.selection(words)
    parsed = understood(words)
    note_unknown_portals(existing_archive(chosen.output), choice.portals, quiet=quiet)
    db = opened(chosen.output, index, chosen.portals, quiet=quiet)
    try:
        _print(SearchRequest(chosen.output, choice, form), parsed, db)
    finally:
        db.close()


def understood(text: str) -> query.Query:
    """*text* as a query. Raises UsageError."""
    from crawler.analysis import query

    try:
        return query.parse(text)
    except query.QueryError as error:
        raise UsageError(f"{text}: {error}; see `citynews search --help`") from error


def opened(root: Path, path: Path | None, definitions: tuple[Path, ...], *, quiet: bool) -> sqlite3.Connection:
    """The index of the archive *root*, brought up and open for reading. Raises UsageError where no run has finished."""
    import functools

    from crawler.analysis.search_index import SearchIndex
    from crawler.cli.progress import ProgressBar

    existing_archive(root)
    index = SearchIndex.of(root, path)
    if index is None:
        raise UsageError(f"{root}: no run has finished here yet: there is nothing to read")
    with ProgressBar("indexing", quiet=quiet) as bar:
        index.bring_up(defined(definitions), bar.reached, functools.partial(_say, quiet=quiet))
    return index.open()


def defined(definitions: tuple[Path, ...]) -> Known:
    """What the user's and the bundled *definitions* say; they are read when they are first asked."""
    import functools

    from crawler import portals

    load: Callable[[], dict[str, Any]] = functools.cache(lambda: portals.load(definitions))
    return lambda name: load().get(name)


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(printable(text), err=True)


def _print(request: SearchRequest, parsed: query.Query, db: sqlite3.Connection) -> None:
    condition, values = request.choice.condition()
    db.execute("BEGIN")  # one state of the index for all that is said of it
    db.execute(f"CREATE TEMP TABLE hits AS SELECT n FROM pages p WHERE {condition}", values)  # noqa: S608 - of our own
    hits, texts, undated = db.execute(
        "SELECT count(*), count(DISTINCT group_id), coalesce(sum(published_date IS NULL), 0)"
        " FROM pages WHERE n IN (SELECT n FROM hits)"
    ).fetchone()
    meta = db.execute("SELECT run, archive, pages FROM meta").fetchone()
    if request.form == "count":
        typer.echo(hits)
    elif request.form == "csv":
        _csv(db)
    elif request.form == "json":
        head = {"exit_code": 0, "query": request.choice.query, "searched": str(parsed), "filters": _filters(request)}
        head |= {"archive": meta["archive"], "run": meta["run"], "pages": hits, "texts": texts, "without_date": undated}
        _json(db, head)
    else:
        _text(db, f"{hits} pages ({texts} texts, copies once) have {parsed}{_words(request)}", meta)


def _filters(request: SearchRequest) -> Any:
    import orjson

    return orjson.loads(replace(request.choice, query=None).as_json())


def _words(request: SearchRequest) -> str:
    filters = _filters(request).items()
    chosen = (f"{name} {' or '.join(value) if isinstance(value, list) else value}" for name, value in filters)
    return f"; only {', '.join(chosen)}" if filters else ""


def _rows(db: sqlite3.Connection, limit: int = -1) -> Iterator[sqlite3.Row]:
    from crawler.analysis.sqlite_schema import PAGE_LIST_ROWS
    from crawler.analysis.tables import PAGE_LIST

    columns = ", ".join(PAGE_LIST.names)
    yield from db.execute(
        f"SELECT {columns} FROM ({PAGE_LIST_ROWS}) p WHERE n IN (SELECT n FROM hits) {_ORDER} LIMIT ?",  # noqa: S608 - as above
        (limit,),
    )


def _text(db: sqlite3.Connection, said: str, meta: sqlite3.Row) -> None:
    typer.echo(printable(f"{said}; {meta['pages']} pages are indexed, as of run {meta['run']}"))
    for number, row in enumerate(_rows(db, SHOWN + 1)):
        if number == SHOWN:
            typer.echo("... and more; --json and --csv have them all")
            break
        views = "" if row["views"] is None else f", {row['views']} views"
        typer.echo(printable(f"{row['published_date'] or 'no date':10}  {row['title']} ({row['portal_title']}{views})"))
        typer.echo(printable(f"{'':10}  {row['url']}  {row['id']}"))


def _csv(db: sqlite3.Connection) -> None:
    from crawler.analysis.export.delimited import CsvWriter
    from crawler.analysis.tables import PAGE_LIST

    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr] # a text stream
    writer = CsvWriter(sys.stdout, PAGE_LIST.columns)
    writer.write(tuple(row) for row in _rows(db))
    sys.stdout.flush()


def _json(db: sqlite3.Connection, head: dict[str, Any]) -> None:
    """One line, written as it is read: *head*, and the pages under ``hits``."""
    import orjson

    from crawler.analysis.tables import PAGE_LIST
    from crawler.archive.records.jsonl import encode

    lists = {column.name for column in PAGE_LIST.columns if column.kind == "list"}
    out = sys.stdout.buffer
    sys.stdout.flush()
    out.write(encode(head)[:-2] + b',"hits":[')
    for number, row in enumerate(_rows(db)):
        values = {name: orjson.loads(row[name]) if name in lists else row[name] for name in PAGE_LIST.names}
        out.write((b"," if number else b"") + encode(values)[:-1])
    out.write(b"]}\n")
    out.flush()
