"""`citynews export`: the tables of an archive as files for other programs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from crawler.cli.app import app
from crawler.cli.filters import NO_FILTERS, IndexFile, PageFilters, note_unknown_portals, with_page_filters
from crawler.cli.inputs import existing_archive
from crawler.cli.options import AsJson, ConfigFile, Output, Portals, Quiet
from crawler.cli.output import emit, printable
from crawler.cli.stores import mirror, send_tables, stored_target
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.analysis.export.job import Body as BodyForm
    from crawler.analysis.export.job import ExportJob
    from crawler.analysis.selection import Selection
    from crawler.config import Config
    from crawler.extraction import Form

FORMS = ("parquet", "duckdb", "sqlite", "csv", "xlsx", "jsonl")
_ENDINGS = {
    ".parquet": "parquet", ".duckdb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite",
    ".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
_BODIES = ("none", "text", "markdown", "html")
_FLAT = frozenset({"csv", "jsonl", "xlsx"})  #: forms that may have some columns only

Target = Annotated[
    str,
    typer.Argument(metavar="FILE|DIR|URL", help="What to write: news.xlsx, news.duckdb, tables, s3://BUCKET/TABLES."),
]
To = Annotated[
    str | None, typer.Option("--to", help=f"{', '.join(FORMS)} [default: by the ending; parquet for a folder].")
]
Query = Annotated[str | None, typer.Option("--query", help="Pages that `citynews search` finds with this query.")]
Columns = Annotated[
    str | None, typer.Option("--columns", help="Only these columns of pages, such as id,title,views: csv, jsonl, xlsx.")
]
Body = Annotated[str | None, typer.Option("--body", help="text, markdown, html or none [default: text; none in csv].")]
Raw = Annotated[bool, typer.Option("--raw", help="CSV for programs: without BOM, and without ' before formulas.")]


@dataclass(frozen=True, slots=True)
class OutputForm:
    """How it is to be written."""

    form: str
    columns: tuple[str, ...]
    raw: bool


@app.command()
@with_page_filters
def export(
    place: Target,
    to: To = None,
    output: Output = None,
    filters: PageFilters = NO_FILTERS,
    query: Query = None,
    columns: Columns = None,
    body: Body = None,
    raw: Raw = False,
    index: IndexFile = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tables of an archive: Parquet, DuckDB, SQLite, CSV, XLSX, JSONL.

    Parquet, DuckDB and SQLite hold all tables; a second export into the same file or folder adds what runs have written
    since. Parquet can also be written to a store: only changed files are sent. CSV and JSON lines hold pages in a file,
    or all tables in a folder; XLSX pages, copies and visits.
    """
    from crawler import config
    from crawler.analysis.export.job import ExportJob
    from crawler.cli.progress import ProgressBar

    chosen = config.resolve(config_file, output, portal_files or [])
    store = stored_target(place, chosen.store)
    target = mirror(store) if store else Path(place)
    form = _form(target, to)
    if store and form != "parquet":
        raise UsageError(f"--to {form}: only Parquet can be written to a store")
    wish = OutputForm(form, _columns(columns, form, body), raw)
    choice = filters.selection(query)
    _sensible(chosen.output, target, wish, body)
    note_unknown_portals(existing_archive(chosen.output), choice.portals, quiet=quiet)
    ids, run, indexed = _found(chosen.output, choice, index, chosen.portals, quiet=quiet)
    with ProgressBar("exporting", quiet=quiet) as bar, _translated():
        job = ExportJob(
            chosen.output, target, choice, ids, run, indexed,
            body=cast("BodyForm", body or ("none" if form == "csv" else "text")), known=_known(chosen.portals),
            on_progress=bar.reached,
            rendered=_rendered(chosen, body, quiet=quiet), say=lambda text: _say(text, quiet=quiet),
        )  # fmt: skip
        summary = _write(job, wish)
    _remember(summary["meta"]["archive"], target)
    if store:
        summary["sent"] = send_tables(target, store, summary["meta"], quiet=quiet)
    if not quiet:
        _print(place, summary)
    if as_json:
        emit({"exit_code": 0, "target": place, "to": form} | summary)


def _form(target: Path, to: str | None) -> str:
    if to is not None and to not in FORMS:
        raise UsageError(f"--to {to}: one of {', '.join(FORMS)}")
    ending = _ENDINGS.get(target.suffix.lower())
    if to is None and ending is None and target.suffix and not target.is_dir():
        raise UsageError(f"{target}: unknown file extension; give --to, one of {', '.join(FORMS)}")
    return to or ending or "parquet"


def _columns(text: str | None, form: str, body: str | None) -> tuple[str, ...]:
    from crawler.analysis.tables import PAGE_LIST

    if text is None:
        return ()
    if form not in _FLAT:
        raise UsageError(f"--columns: {form} always has all columns")
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = {*PAGE_LIST.names, *(("body",) if body not in {None, "none"} or (body is None and form != "csv") else ())}
    if "body" in names and "body" not in known:
        raise UsageError("--columns: body needs --body text, markdown or html")
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"--columns: pages has no column {unknown[0]!r}; it has {', '.join(sorted(known))}")
    return names


def _sensible(root: Path, target: Path, wish: OutputForm, body: str | None) -> None:
    from crawler.analysis.snapshot import archive_id

    if archive_id(existing_archive(root)) is None:
        raise UsageError(f"{root}: no run has finished here yet: there is nothing to export")
    if body is not None and body not in _BODIES:
        raise UsageError(f"--body {body}: one of {', '.join(_BODIES)}")
    if wish.raw and wish.form != "csv":
        raise UsageError("--raw: only for csv")
    if target.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{target}: is inside the archive; choose a place outside of it")
    if not target.parent.is_dir():
        raise UsageError(f"{target}: there is no folder {target.parent}")
    if wish.form in {"duckdb", "sqlite", "xlsx"} and target.is_dir():
        raise UsageError(f"{target}: is a folder; {wish.form} is a file")
    if wish.form == "parquet" and target.suffix and not target.is_dir() and target.exists():
        raise UsageError(f"{target}: is a file; Parquet is a folder with a file per table")


def _found(
    root: Path, choice: Selection, index: Path | None, definitions: tuple[Path, ...], *, quiet: bool
) -> tuple[frozenset[str] | None, int | None, Path | None]:
    """The ids of the pages that the query of *choice* finds, the number of the run as of which it does, the index."""
    from crawler.analysis.search_index import SearchIndex
    from crawler.cli.search import opened, understood

    if choice.query is None:
        return None, None, None
    understood(choice.query)
    db = opened(root, index, definitions, quiet=quiet)
    try:
        condition, values = choice.condition()
        db.execute("BEGIN")
        ids = frozenset(row[0] for row in db.execute(f"SELECT p.id FROM pages p WHERE {condition}", values))  # noqa: S608 - of our own names
        used = SearchIndex.of(root, index)
        return ids, db.execute("SELECT run_number FROM meta").fetchone()[0], used.path if used else None
    finally:
        db.close()


def _write(job: ExportJob, wish: OutputForm) -> dict[str, Any]:
    """Writes it; returns the row of meta, and what had to be done."""
    if wish.form in {"parquet", "duckdb"}:
        from crawler.analysis.export.duckdb_files import to_duckdb
        from crawler.analysis.export.parquet_files import to_parquet

        return {"meta": (to_parquet if wish.form == "parquet" else to_duckdb)(job)}
    if wish.form == "sqlite":
        from crawler.analysis.export.sqlite_files import to_sqlite

        return {"meta": to_sqlite(job)}
    if wish.form == "xlsx":
        from crawler.analysis.export.workbook import to_xlsx

        book = to_xlsx(job, wish.columns)
        return {"meta": book.meta, "rows": book.rows, "sheets": book.sheets, "cut": book.cut}
    from crawler.analysis.export.flat_files import to_flat

    flat = to_flat(job, wish.form, wish.columns, raw=wish.raw)  # type: ignore[arg-type] # what is left is csv and jsonl
    return {"meta": flat.meta, "rows": flat.rows, "quoted": flat.quoted, "numberlike": flat.numberlike}


def _print(target: str, summary: dict[str, Any]) -> None:
    meta = summary["meta"]
    typer.echo(printable(
        f"{target}: {meta['pages']} pages of an archive of {meta['articles']} articles and {meta['duplicates']} copies,"
        f" as of run {meta['run']}"
    ))  # fmt: skip
    notes = {
        "cut": "texts were too long for a cell and were truncated; their end says so",
        "quoted": "cells look like a formula and were prefixed with '",
        "numberlike": "ids look like numbers: import the column as text",
    }
    for name, note in notes.items():
        if summary.get(name):
            typer.echo(f"{summary[name]} {note}", err=True)
    for name, count in summary.get("sheets", {}).items():
        typer.echo(f"{name} takes {count} sheets", err=True)


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(printable(text), err=True)


def _rendered(chosen: Config, body: str | None, *, quiet: bool) -> Callable[[], Iterator[tuple[str, str | None]]]:
    """Gives (id, text) of every page, read again from the WARC files in the form *body*."""

    def texts() -> Iterator[tuple[str, str | None]]:
        from crawler.archive.read.reader import Reader
        from crawler.article import Refusal
        from crawler.extraction import render
        from crawler.pipelines import archived_page

        reader, known, refused = Reader(chosen.output), _known(chosen.portals), 0
        for page in reader.pages(latest=True):
            text = archived_page.structure(reader, page, known(page["portal"]))
            refused += isinstance(text, Refusal)
            yield page["id"], None if isinstance(text, Refusal) else render(text, cast("Form", body))
        if refused:
            _say(f"{refused} archived pages are no article to this version of citynews: without a body", quiet=quiet)

    return texts


def _known(definitions: tuple[Path, ...]) -> Any:
    from crawler.cli.search import defined

    return defined(definitions)


def _remember(archive: str, target: Path) -> None:
    from crawler.analysis.search_index import remember

    remember(archive, target)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turns what a user can correct into UsageError."""
    from crawler.analysis.export.job import ForeignTargetError
    from crawler.values.extras import MissingExtraError

    try:
        yield
    except (MissingExtraError, ForeignTargetError) as error:
        raise UsageError(str(error)) from error
