"""`citynews export`: the same rows in every form, carried on as rebuilt; nothing that a spreadsheet evaluates."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest

from crawler.analysis.export import duckdb_lines, duckdb_store, line_batches, workbook
from crawler.analysis.export.delimited import harmless
from crawler.analysis.export.duckdb_files import to_duckdb
from crawler.analysis.export.job import ExportJob, ForeignTargetError
from crawler.analysis.export.parquet_files import to_parquet
from crawler.analysis.export.partitions import PARTITIONED
from crawler.analysis.export.sqlite_files import to_sqlite
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import Snapshot
from crawler.analysis.tables import BY_NAME, PAGE_LIST, PAGES, TABLES, TEXTS, Table
from crawler.archive import Paths
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.lock import Lock
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from harness import disk, truth
from harness.command import citynews
from tests.analysis.conftest import Known

OLD_ARCHIVE = Path(__file__).parents[1] / "fixtures" / "archive-0.1.0.tar.xz"
QUERY = '"会计，" -第7篇'
FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r")
_AS_TEXT = {
    "moment": "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')", "local": "strftime({}, '%Y-%m-%dT%H:%M:%S')",
    "date": "{}::VARCHAR", "list": "to_json({})::VARCHAR", "counts": "to_json({})::VARCHAR",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def of_sqlite(path: Path, table: Table) -> list[Any]:
    """The rows of *table* in a SQLite file, sorted; moments with six digits."""
    names = ", ".join(f'"{name}"' for name in table.names)
    moments = [column.kind == "moment" for column in table.columns]
    with closing(sqlite3.connect(path)) as db:
        found = [
            tuple(
                f"{value[:-1]}.000000Z" if is_moment and value and len(value) == 20 else value
                for value, is_moment in zip(row, moments, strict=True)
            )
            for row in db.execute(f"SELECT {names} FROM {table.name}")
        ]
    return sorted(found, key=repr)


def of_duckdb(db: duckdb.DuckDBPyConnection, table: Table, source: str) -> list[Any]:
    """The same out of *source*, as SQLite holds it."""
    columns = ", ".join(_AS_TEXT.get(column.kind, "{}").format(f'"{column.name}"') for column in table.columns)
    return sorted(db.execute(f"SELECT {columns} FROM {source}").fetchall(), key=repr)


def of_all(folder: Path) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """(form, table -> rows) of what ``export_all`` wrote into *folder*."""
    tables = TABLES[:-1]
    yield "sqlite", {table.name: of_sqlite(folder / "news.sqlite", table) for table in tables}
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as db:
        yield "duckdb", {table.name: of_duckdb(db, table, table.name) for table in tables}
        yield "parquet", {table.name: of_duckdb(db, table, parquet(folder / "tables", table)) for table in tables}


def parquet(folder: Path, table: Table) -> str:
    return f"read_parquet('{folder}/{table.name}{'/**/*' if table.name in PARTITIONED else ''}.parquet')"


def export_all(root: Path, folder: Path, said: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    to_sqlite(ExportJob(root, folder / "news.sqlite", say=said.append))
    to_duckdb(ExportJob(root, folder / "news.duckdb", say=said.append))
    to_parquet(ExportJob(root, folder / "tables", say=said.append))


def assert_carried_on_is_afresh(root: Path, kept: Path, fresh: Path) -> list[str]:
    """Exports into *kept*, where earlier exports lie, and into *fresh*; returns what was said of the first."""
    said: list[str] = []
    export_all(root, kept, said)
    shutil.rmtree(fresh, ignore_errors=True)
    export_all(root, fresh, [])
    wanted = dict(of_all(fresh))["sqlite"]
    for folder in (kept, fresh):
        for form, tables in of_all(folder):
            for name, rows in tables.items():
                assert rows == wanted[name], f"{folder.name} {form}: {name}"
    return said


@pytest.mark.ci
def test_every_form_has_the_same_rows_carried_on_or_afresh(tmp_path: Path) -> None:
    for _ in truth.live(truth.invent(100, 20), tmp_path / "archive", range(0, 40, 10)):
        assert assert_carried_on_is_afresh(tmp_path / "archive", tmp_path / "kept", tmp_path / "fresh") == []


@pytest.mark.slow
def test_the_same_over_thirty_days(tmp_path: Path) -> None:
    for _ in truth.live(truth.invent(400, 30), tmp_path / "archive", range(30)):
        assert assert_carried_on_is_afresh(tmp_path / "archive", tmp_path / "kept", tmp_path / "fresh") == []


@pytest.mark.ci
def test_during_a_crawl_after_seal_remove_and_repair(known: Known, tmp_path: Path) -> None:
    root, kept, fresh = Path(shutil.copytree(known.root, tmp_path / "a")), tmp_path / "kept", tmp_path / "fresh"
    export_all(root, kept, [])
    with Lock(Paths(root).lock):
        month = next((root / "articles").glob("*/*.jsonl"))
        torn = disk.lines(root, "articles")[0] + b'\n{"schema":"citynews/art'
        whole = month.read_bytes()
        month.write_bytes(whole + torn)
        assert assert_carried_on_is_afresh(root, kept, fresh) == []
        month.write_bytes(whole)
    before = files_of(kept / "tables")
    seal(Paths(root), datetime(2027, 1, 1, tzinfo=UTC))
    assert assert_carried_on_is_afresh(root, kept, fresh) == []
    assert files_of(kept / "tables") == before, "written again"
    begins = Counter(start for bodies in known.truth.bodies.values() for start in {text[:30] for text in bodies})
    story = next(
        s for s in known.truth.seen.values()
        if len(bodies := known.truth.bodies[s.url]) > 1 and begins[bodies[0][:30]] == 1
    )  # fmt: skip
    remove(Paths(root), story.id, "asked to")
    said = assert_carried_on_is_afresh(root, kept, fresh)
    assert len(said) == 3
    assert all("rebuilt: `citynews remove`" in line for line in said)
    for file in kept.rglob("*"):
        assert not file.is_file() or known.truth.bodies[story.url][0][:30].encode() not in file.read_bytes()
    sealed = min((root / "articles").glob("*/*.jsonl.gz"))
    sealed.write_bytes(sealed.read_bytes()[:-200])
    assert "header says" in citynews("export", tmp_path / "x.csv", "--output", root, code=4).err
    citynews("repair", "--output", root)
    assert "`citynews repair`" in assert_carried_on_is_afresh(root, kept, fresh)[0]


def test_lines_of_every_version_and_no_newer_one(tmp_path: Path) -> None:
    with tarfile.open(OLD_ARCHIVE) as packed:
        packed.extractall(tmp_path, filter="data")
    root = tmp_path / "archive-0.1.0"
    buried = [line for line in disk.lines(root, "articles") if line.startswith(b'{"schema":"citynews/tombstone/1"')]
    assert_carried_on_is_afresh(root, tmp_path / "kept", tmp_path / "fresh")
    with duckdb.connect(str(tmp_path / "kept" / "news.duckdb"), read_only=True) as db:
        removed = db.execute("SELECT removed_articles FROM meta").fetchall()
    assert removed == [(len(buried),)] != [(0,)]
    month = next((root / "articles").glob("*/*.jsonl"))
    month.write_bytes(month.read_bytes().replace(b"citynews/article/1", b"citynews/article/9"))
    for name in ("x.sqlite", "x.duckdb", "x", "x.csv"):
        done = citynews("export", tmp_path / name, "--output", root, code=None)
        assert done.code != 0
        assert "citynews/article/9 is newer than this program" in done.err, name


@pytest.mark.parametrize("bytes_at_once", [1, 20_000])
def test_lines_in_batches_of_any_size(
    known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_at_once: int
) -> None:
    """Also where a month is more than a batch, and a line longer than what DuckDB makes room for at first."""
    to_parquet(ExportJob(known.root, tmp_path / "one"))
    monkeypatch.setattr(line_batches, "BATCH", bytes_at_once)
    monkeypatch.setattr(duckdb_lines, "LONGEST", 64)
    to_parquet(ExportJob(known.root, tmp_path / "many"))
    with closing(duckdb.connect()) as db:
        one, many = (
            {table.name: of_duckdb(db, table, parquet(tmp_path / name, table)) for table in TABLES[:-1]}
            for name in ("one", "many")
        )
    assert one == many
    assert not list(tmp_path.glob(".*"))


def test_a_month_that_is_sealed_while_it_is_read(tmp_path: Path) -> None:
    root, folder = tmp_path / "archive", tmp_path / "lines"
    folder.mkdir()
    for _ in truth.live(truth.invent(60, 30), root, [5, 25, 40]):
        pass
    shot = Snapshot.of(root)
    cutter = line_batches.LineCutter(shot.paths, shot.ranges(), folder)
    batches = list(cutter.batches())
    before = [file.read_bytes() for batch in batches for _, file in batch.lines]
    assert not list(folder.iterdir()), "open months are read where they lie"
    seal(Paths(root), datetime(2026, 10, 6, tzinfo=UTC))
    copied = [cutter.copied(batch) for batch in batches]
    assert [file.read_bytes() for batch in copied for _, file in batch.lines] == before
    assert list(folder.iterdir())
    for batch in copied:
        cutter.forget(batch)
    assert not list(folder.iterdir())
    assert list(root.glob("observations/*/*.jsonl")), "a month file is never deleted"


def files_of(tables: Path) -> dict[str, int]:
    """File of a partition, relative to *tables* -> its inode."""
    return {str(file.relative_to(tables)): file.stat().st_ino for file in tables.glob("*/*/*/*.parquet")}


def test_only_months_and_portals_that_changed_are_written_again(tmp_path: Path) -> None:
    root, target = tmp_path / "archive", tmp_path / "tables"
    before: dict[str, int] = {}
    for day in truth.live(truth.invent(60, 50), root, [5, 40, 58]):
        to_parquet(ExportJob(root, target))
        files = files_of(target)
        places = [name.rpartition("/")[0] for name in files]
        if day == 58:
            assert len(set(places)) == len(places), "a file for each table, month and portal"
            past = {name for name in before if name.startswith(("visits/month=2026-09", "versions/month=2026-09"))}
            assert {files[name] for name in past} == {before[name] for name in past} != set()
            assert {name.split("/")[1] for name in files} == {"month=2026-09", "month=2026-10"}
            assert set(files.values()) - set(before.values()), "something was written"
        before = files


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    day = truth.live(truth.invent(40, 30), tmp_path / "archive", [3, 9])
    next(day)
    chosen = Selection(portals=("nobody",))
    to_parquet(ExportJob(tmp_path / "archive", tmp_path / "none", chosen))
    for name in PARTITIONED:
        frame = pl.read_parquet(tmp_path / "none" / name)
        assert frame.height == 0
        assert set(frame.columns) >= set(BY_NAME[name].names)
    to_parquet(ExportJob(tmp_path / "archive", tmp_path / "none"))
    assert not list((tmp_path / "none").glob("*/month=none"))


def test_parquet_is_read_by_polars_and_duckdb_and_pandas(known: Known, tmp_path: Path) -> None:
    to_parquet(ExportJob(known.root, tmp_path / "tables"))
    pages = pl.read_parquet(tmp_path / "tables" / "pages")
    assert pages.height == len(known.truth.seen)
    assert pages.schema["published_at"] == pl.Datetime("us", "UTC")
    assert pages.schema["tags"] == pl.List(pl.String)
    counted = pages.group_by("portal", "published_date").len().rows()
    assert {(portal, day and day.isoformat()): count for portal, day, count in counted} == known.truth.days()
    visits = pl.read_parquet(tmp_path / "tables" / "visits")
    assert visits.height == sum(known.truth.visits.values())
    with duckdb.connect() as db:
        summed = db.execute(f"SELECT sum(views) FROM '{tmp_path}/tables/pages/**/*.parquet'").fetchall()
    assert summed == [(sum(counts[-1] for counts in known.truth.counts.values()),)]
    pyarrow = pytest.importorskip("pyarrow", reason="pandas reads Parquet with pyarrow, which is not installed")
    import pandas as pd  # noqa: PLC0415

    assert pyarrow
    frame = pd.read_parquet(tmp_path / "tables" / "pages")
    assert str(frame["published_at"].dtype).endswith("UTC]")
    assert frame["views"].sum() == summed[0][0]
    assert set(frame["portal"]) == set(pages["portal"])


def test_duckdb_has_key_comments_and_views(known: Known, tmp_path: Path) -> None:
    to_duckdb(ExportJob(known.root, tmp_path / "news.duckdb"))
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as db:
        comments = dict(
            db.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'pages'").fetchall()
        )
        assert comments == {column.name: column.meaning for column in PAGES.columns}
        keys = db.execute(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        )
        assert keys.fetchall() == [(["id"],)]
        articles = db.execute("SELECT count(*), count(body) FROM articles_latest").fetchall()[0]
        assert articles[0] == articles[1] == len(disk.lines(known.root, "articles"))
        directed = db.execute("SELECT count(*), count(copy_title) FROM reprints").fetchall()[0]
        assert directed[0] == directed[1] == len(known.truth.pairs())
        assert db.execute("SELECT max(views) FROM views_daily").fetchall()[0][0] == max(
            map(max, known.truth.counts.values())
        )


def test_sqlite_is_searched_by_any_sqlite(known: Known, tmp_path: Path) -> None:
    to_sqlite(ExportJob(known.root, tmp_path / "news.db"))
    texts = [f"{s.title}{known.truth.bodies[url][-1]}" for url, s in known.truth.seen.items()]
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        hits = db.execute(
            """SELECT count(*) FROM pages WHERE n IN (SELECT rowid FROM search WHERE search MATCH '"人民 民政 政府"')"""
        )
        assert hits.fetchone()[0] == sum("人民政府" in text for text in texts) > 0
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    described = json.loads((tmp_path / "news.metadata.yaml").read_text("utf-8"))
    assert set(described["databases"]["news"]["tables"]) == {table.name for table in TABLES}


# -- spreadsheets ----------------------------------------------------------------------------------------------------


def test_csv_is_whole_and_harmless(known: Known, tmp_path: Path) -> None:
    done = citynews("export", tmp_path / "pages.csv", "--output", known.root, "--json")
    data = (tmp_path / "pages.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,kind,")
    assert data.count(b"\r\n") == len(known.truth.seen) + 1
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert list(rows[0]) == list(PAGE_LIST.names)
    formulas = {url for url, story in known.truth.seen.items() if harmless(story.title) != story.title}
    assert len(formulas) > 3
    for row in rows:
        story = known.truth.seen[row["url"]]
        place, code, kind, tags = truth.DESCRIBED.get(row["portal"], ("", "", "", ()))
        described = (place, code, kind, "; ".join(tags))
        assert tuple(row[f"portal_{name}"] for name in ("place", "place_code", "kind", "tags")) == described
        assert row["title"] == (f"'{story.title}" if row["url"] in formulas else story.title)
        assert not any(value.strip().startswith(FORMULA_STARTS) for value in row.values() if value)
        assert row["tags"] == "标签; tag"
    assert done.summary["quoted"] >= len(formulas)
    assert "were prefixed with '" in done.err
    citynews("export", tmp_path / "raw.csv", "--output", known.root, "--raw", "--columns", "url,title", "--quiet")
    raw = list(csv.DictReader((tmp_path / "raw.csv").read_text("utf-8").splitlines()))
    assert {row["url"]: row["title"] for row in raw} == {url: story.title for url, story in known.truth.seen.items()}
    citynews("export", tmp_path / "again.csv", "--output", known.root)
    assert (tmp_path / "again.csv").read_bytes() == data


def test_xlsx_has_texts_and_dates_and_no_formulas(known: Known, tmp_path: Path) -> None:
    to = tmp_path / "news.xlsx"
    citynews("export", to, "--output", known.root)
    book = openpyxl.load_workbook(to)
    assert book.sheetnames == ["pages", "copies", "visits", "about"]
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n", "d"}
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    heads = [cell.value for cell in book["pages"][1]]
    rows = [dict(zip(heads, row, strict=True)) for row in book["pages"].iter_rows(min_row=2, values_only=True)]
    assert {row["url"]: (row["title"], row["body"]) for row in rows} == {
        url: (story.title, known.truth.bodies[url][-1]) for url, story in known.truth.seen.items()
    }
    for row in rows:
        story = known.truth.seen[row["url"]]
        assert row["published_date"] == (story.published_date and datetime.fromisoformat(story.published_date))
        local = story.published_at and datetime.fromisoformat(story.published_at).replace(tzinfo=None)
        assert row["published_local (the page's clock)"] == local
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert about["rows of pages"] == len(known.truth.seen)
    assert about["chosen"] == "everything"


def test_what_does_not_fit_a_sheet_is_said(known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 100)
    monkeypatch.setattr(workbook, "CELL", 200)
    done = workbook.to_xlsx(ExportJob(known.root, tmp_path / "news.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "news.xlsx")
    assert book.sheetnames[:3] == ["pages", "pages 2", "pages 3"]
    assert sum(sheet.max_row - 1 for sheet in book if sheet.title.startswith("pages")) == len(known.truth.seen)
    assert done.sheets["pages"] == 3
    assert done.cut > 50
    assert any(str(cell.value).endswith(workbook.CUT) for cell in book["pages"]["AN"])


@pytest.mark.ci
@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed (apt-get install libreoffice-calc-nogui)"
)
def test_libreoffice_evaluates_nothing(known: Known, tmp_path: Path) -> None:
    for form in ("csv", "xlsx"):
        citynews(
            "export",
            tmp_path / f"news.{form}",
            "--output",
            known.root,
            "--columns",
            "url,title",
            *(["--body", "none"] * 1),
        )
        folder = tmp_path / form
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "fods",
             "--infilter=CSV:44,34,76,1" if form == "csv" else "--infilter=Calc MS Excel 2007 XML", "--outdir",
             str(folder), str(tmp_path / f"news.{form}")],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        shown = (folder / "news.fods").read_text("utf-8")
        assert "table:formula" not in shown
        assert "http://example.org" in shown, "the titles are there"


# -- choices ---------------------------------------------------------------------------------------------------------


def test_filters_go_by_publication(known: Known, tmp_path: Path) -> None:
    chosen = ("--portal", "north", "--since", "2026-09-05", "--until", "2026-09-20")
    wanted = {
        url for url, story in known.truth.seen.items()
        if story.portal == "north" and "2026-09-05" <= (story.published_date or "") <= "2026-09-20"
    }  # fmt: skip
    assert len(wanted) > 5
    for name in ("a.sqlite", "a.duckdb", "a.csv", "a.jsonl", "a"):
        meta = citynews("export", tmp_path / name, "--output", known.root, *chosen, "--json").summary["meta"]
        assert meta["pages"] == len(wanted), name
        assert json.loads(meta["filters"]) == {"portals": ["north"], "since": "2026-09-05", "until": "2026-09-20"}
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert {line["url"] for line in lines} == wanted
    assert isinstance(lines[0]["tags"], list)
    assert lines[0]["body"]
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as duck:
        for table in TABLES[:-1]:
            rows = of_sqlite(tmp_path / "a.sqlite", table)
            assert rows == of_duckdb(duck, table, table.name) == of_duckdb(duck, table, parquet(tmp_path / "a", table))
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        ids = {row[0] for row in db.execute("SELECT id FROM pages")}
        assert {row[0] for row in db.execute("SELECT DISTINCT id FROM visits")} == ids
    again = citynews("export", tmp_path / "a.sqlite", "--output", known.root, *chosen)
    assert "a choice is rebuilt each time" in again.err


def test_a_portal_that_is_not_there_is_said(known: Known, tmp_path: Path) -> None:
    done = citynews("search", "交通", "--count", "--portal", "nroth", "--output", known.root, "--index", known.index)
    assert done.out == "0\n"
    assert "--portal nroth: the archive has no pages of it; it has pages of north, south, west" in done.err
    done = citynews("search", "交通", "--count", "--portal", "north", "--output", known.root, "--index", known.index)
    assert done.err == ""


def test_a_query_chooses_what_search_finds(known: Known, tmp_path: Path) -> None:
    count = int(citynews("search", QUERY, "--count", "--kind", "article", "--output", known.root).out)
    done = citynews(
        "export", tmp_path / "a.duckdb", "--query", QUERY, "--kind", "article", "--output", known.root, "--json"
    )
    assert done.summary["meta"]["pages"] == count > 0
    citynews("export", tmp_path / "a.csv", "--query", QUERY, "--kind", "article", "--output", known.root)
    found = citynews("search", QUERY, "--csv", "--kind", "article", "--output", known.root).out
    assert sorted(found.splitlines()) == sorted((tmp_path / "a.csv").read_text("utf-8").splitlines())


def test_a_folder_of_csv_has_every_table(known: Known, tmp_path: Path) -> None:
    citynews("export", tmp_path / "all", "--to", "csv", "--output", known.root)
    assert {file.stem for file in (tmp_path / "all").iterdir()} == {
        table.name for table in TABLES if table is not TEXTS
    }
    citynews("export", tmp_path / "all", "--to", "csv", "--body", "text", "--output", known.root)
    assert {file.stem for file in (tmp_path / "all").iterdir()} == {table.name for table in TABLES}


def test_without_bodies(known: Known, tmp_path: Path) -> None:
    some = next(iter(known.truth.bodies.values()))[-1][:20].encode()
    for name in ("a.sqlite", "a.duckdb", "a", "a.jsonl"):
        citynews("export", tmp_path / name, "--output", known.root, "--body", "none", "--quiet")
    for file in (f for f in tmp_path.rglob("a*") if f.is_file()):
        assert some not in file.read_bytes(), file
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as db:
        assert db.execute("SELECT count(*), count(body) FROM versions").fetchall()[0][1] == 0


@pytest.mark.ci
@pytest.mark.parametrize("form", ["markdown", "html"])
def test_bodies_in_other_forms(archive_with_history: Path, tmp_path: Path, form: str) -> None:
    root = archive_with_history
    for name in ("a.jsonl", "a.sqlite", "a.duckdb", "a"):
        citynews("export", tmp_path / name, "--output", root, "--body", form, "--quiet")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    bodies = {line["id"]: line["body"] for line in lines}
    assert len(bodies) == len(disk.lines(root, "articles")) + len(disk.lines(root, "duplicates"))
    some = next(line for line in lines if line["revision"] > 1)
    shown = citynews("show", some["id"], "--format", form, "--output", root).out
    assert bodies[some["id"]].strip() == shown.strip()
    assert ("<p>" in shown) == (form == "html")
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as db:
        found = [dict(db.execute(f"SELECT id, body FROM {source}").fetchall()) for source in (
            "texts", f"'{tmp_path}/a/texts/**/*.parquet'")]  # fmt: skip
        assert db.execute("SELECT count(*) FROM articles_latest").fetchall() == [(len(disk.lines(root, "articles")),)]
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as lite:
        found.append(dict(lite.execute("SELECT id, body FROM texts")))
    assert found == [bodies] * 3


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.ods"], "unknown file extension"),
        (["x", "--to", "stata"], "one of parquet, duckdb"),
        (["x.csv", "--columns", "id,titel"], "no column 'titel'"),
        (["x.duckdb", "--columns", "id"], "has all columns"),
        (["x.csv", "--columns", "id,body"], "--body text"),
        (["x.csv", "--body", "word"], "one of none, text, markdown, html"),
        (["x.jsonl", "--raw"], "only for csv"),
        (["nowhere/x.csv"], "there is no folder"),
        (["x.csv", "--query", "("], "nothing to search for"),
        (["x.csv", "--kind", "video"], "one of article, copy"),
        (["x.csv", "--since", "2026-10-01", "--until", "2026-09-01"], "--since is later than --until"),
        (["notes.sqlite"], "was not made by `citynews export`"),
        (["notes.duckdb"], "is not a DuckDB file"),
        (["notes"], "was not made by `citynews export`"),
        (["notes", "--to", "csv"], "not tables of citynews"),
    ],
)
def test_what_cannot_be_done_is_said(known: Known, tmp_path: Path, arguments: list[str], said: str) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.sqlite")) as db:
        db.execute("CREATE TABLE mine (a)")
    (tmp_path / "notes.duckdb").write_text("my notes")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("my notes")
    done = citynews("export", *arguments, "--output", known.root, code=2, cwd=tmp_path)
    assert said in done.err
    assert (tmp_path / "notes.duckdb").read_text() == "my notes"
    assert {path.name for path in tmp_path.iterdir()} <= {"notes", "notes.duckdb", "notes.sqlite", "cache"}


@pytest.mark.parametrize("write", [to_parquet, to_duckdb])
def test_too_little_memory_is_said(
    known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[ExportJob], Any]
) -> None:
    monkeypatch.setattr(duckdb_store, "LIMIT", "4MB")
    with pytest.raises(StorageError, match="more than 4MB of memory"):
        write(ExportJob(known.root, tmp_path / "tables", Selection()))
    assert not (tmp_path / "tables").exists()


@pytest.mark.parametrize("target", ["tables", "news.duckdb", "news.sqlite", "news.csv", "news.jsonl", "news.xlsx"])
@pytest.mark.parametrize("size", [20_000, 400_000])
def test_a_disk_that_takes_no_more_is_one_sentence(known: Known, tmp_path: Path, target: str, size: int) -> None:
    """No file may be larger than *size*, as on a disk that is full."""
    done = citynews("export", target, "--output", known.root, code=None, cwd=tmp_path, file_size=size)
    if done.code == 0:  # its files are small
        assert (target, size) == ("tables", 400_000)
        return
    assert (done.code, done.err.count("\n")) == (5, 1), done.err
    assert {path.name for path in tmp_path.iterdir()} <= {"cache"}


def test_a_file_that_another_program_has_open_is_said(known: Known, tmp_path: Path) -> None:
    to_duckdb(ExportJob(known.root, tmp_path / "news.duckdb"))
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()",
         str(tmp_path / "news.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ForeignTargetError, match="open in another program"):
            to_duckdb(ExportJob(known.root, tmp_path / "news.duckdb"))
    finally:
        holder.communicate(b"\n", timeout=30)


@pytest.mark.parametrize(("target", "library"), [("x.xlsx", "xlsxwriter"), ("x", "duckdb")])
def test_a_missing_library_is_one_sentence(known: Known, tmp_path: Path, target: str, library: str) -> None:
    program = f"import sys; sys.modules[{library!r}] = None; from crawler.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "export", target, "--output", str(known.root)],
        cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"{library} is not installed" in done.stderr
    assert "pip install 'citynews[analysis]'" in done.stderr


def test_an_archive_without_a_run(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert (
        "no run has finished" in citynews("export", "x.csv", "--output", tmp_path / "empty", code=2, cwd=tmp_path).err
    )
