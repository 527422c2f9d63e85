"""`citynews search`: full-text search over an archive, with an index that is kept outside of it."""

from __future__ import annotations

import functools
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import typer

from crawler import portals
from crawler.analysis import query
from crawler.analysis.choice import Choice
from crawler.analysis.delimited import CsvWriter
from crawler.analysis.index import Index
from crawler.analysis.names import Known
from crawler.analysis.tables import PAGES
from crawler.archive.records.jsonl import encode
from crawler.commands.maintain import exists
from crawler.commands.progress import Bar
from crawler.commands.report import printable
from crawler.exit_codes import UsageError

SHOWN = 20  #: hits that are printed for a person; --json and --csv have them all
_ORDER = "ORDER BY p.published_date IS NULL, p.published_date DESC, p.published_at DESC, p.id"
_LISTS = frozenset(column.name for column in PAGES.columns if column.kind == "list")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    root: Path
    choice: Choice  #: with a query
    index: Path | None = None
    definitions: tuple[Path, ...] = ()
    form: str = "text"  #: text, json, csv or count
    quiet: bool = False


def search(request: Request) -> None:
    """Brings the index up and prints what is found. Raises UsageError, DamagedError, StorageError."""
    assert request.choice.query is not None
    parsed = understood(request.choice.query)
    db = opened(request.root, request.index, request.definitions, quiet=request.quiet)
    try:
        _print(request, parsed, db)
    finally:
        db.close()


def understood(text: str) -> query.Query:
    """*text* as a query. Raises UsageError."""
    try:
        return query.parse(text)
    except query.QueryError as error:
        raise UsageError(f"{text}: {error}; see `citynews search --help`") from error


def opened(root: Path, path: Path | None, definitions: tuple[Path, ...], *, quiet: bool) -> sqlite3.Connection:
    """The index of the archive *root*, brought up and open for reading. Raises UsageError where no run has finished."""
    exists(root)
    index = Index.of(root, path)
    if index is None:
        raise UsageError(f"{root}: no run has finished here yet: there is nothing to search")
    with Bar("indexing", quiet=quiet) as bar:
        reached = 0

        def told(done: int, total: int) -> None:
            nonlocal reached
            bar.on(done - reached, total)
            reached = done

        index.bring_up(defined(definitions), told, functools.partial(_say, quiet=quiet))
    return index.open()


def defined(definitions: tuple[Path, ...]) -> Known:
    """What the user's and the bundled *definitions* say; they are read when they are first asked."""
    load: Callable[[], dict[str, Any]] = functools.cache(lambda: portals.load(definitions))
    return lambda name: load().get(name)


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(printable(text), err=True)


def _print(request: Request, parsed: query.Query, db: sqlite3.Connection) -> None:
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


def _filters(request: Request) -> Any:
    return orjson.loads(replace(request.choice, query=None).as_json())


def _words(request: Request) -> str:
    chosen = ", ".join(f"{name} {value}" for name, value in _filters(request).items())
    return f"; only {chosen}" if chosen else ""


def _rows(db: sqlite3.Connection, limit: int = -1) -> Iterator[sqlite3.Row]:
    columns = ", ".join(f"p.{name}" for name in PAGES.names)
    yield from db.execute(
        f"SELECT {columns} FROM pages p WHERE n IN (SELECT n FROM hits) {_ORDER} LIMIT ?",  # noqa: S608 - as above
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
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr] # a text stream
    writer = CsvWriter(sys.stdout, PAGES.columns)
    writer.write(tuple(row) for row in _rows(db))
    sys.stdout.flush()


def _json(db: sqlite3.Connection, head: dict[str, Any]) -> None:
    """One line, written as it is read: *head*, and the pages under ``hits``."""
    out = sys.stdout.buffer
    sys.stdout.flush()
    out.write(encode(head)[:-2] + b',"hits":[')
    for number, row in enumerate(_rows(db)):
        values = {name: orjson.loads(row[name]) if name in _LISTS else row[name] for name in PAGES.names}
        out.write((b"," if number else b"") + encode(values)[:-1])
    out.write(b"]}\n")
    out.flush()
