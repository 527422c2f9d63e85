"""DuckDB files and folders of Parquet files: made afresh, or carried on from the run that they were made of."""

from __future__ import annotations

import os
from pathlib import Path

from crawler.analysis.duckdb_store import DuckStore, create
from crawler.analysis.extras import wanted
from crawler.analysis.job import OF_CHOSEN, Job, NotOurs, put, scratch
from crawler.analysis.names import facts
from crawler.analysis.tables import META, TABLES, TEXTS, VERSIONS, VISITS, Table
from crawler.archive.records.jsonl import Json

MEMORY = Path(":memory:")  #: tables are built here; what does not fit spills into the scratch folder
VIEWS = {
    "texts": "SELECT p.id, v.body FROM pages p JOIN versions v ON v.id = p.id AND v.revision = p.revision",
    "articles_latest": "SELECT p.*, t.body FROM pages p JOIN texts t ON t.id = p.id WHERE p.kind = 'article'",
    "views_daily": "SELECT id, portal, day_utc, arg_max(view_count, seen) AS views FROM (SELECT id, portal, view_count,"
    " \"at\" AS seen, (\"at\" AT TIME ZONE 'UTC')::DATE AS day_utc FROM visits WHERE view_count IS NOT NULL)"
    " GROUP BY id, portal, day_utc",
    "reprints": "SELECT c.*, o.title AS origin_title, o.url AS origin_url, o.published_date AS origin_date,"
    " p.title AS copy_title, p.url AS copy_url, p.published_date AS copy_date FROM copies c"
    " LEFT JOIN pages o ON o.id = c.origin_id LEFT JOIN pages p ON p.id = c.copy_id WHERE c.direction IS NOT NULL",
}  # fmt: skip
#: Tables with a file for each month, by a column of theirs: what is past is not written again.
MONTHLY = {"versions": "fetched_at", "visits": "at", "texts": "first_fetched_at"}
_COPY = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})"


def to_duckdb(job: Job) -> Json:
    """Makes, or carries on, the DuckDB file *job* names; returns its row of meta.

    Raises MissingExtraError, NotOurs, DamagedError, StorageError, BusyError.
    """
    with scratch(job.target) as folder:
        if job.target.exists():
            with _opened(job, folder) as store:
                if (reason := _reason(job, store.meta())) is None:
                    return _carry_on(job, store)
            job.say(f"{job.target}: made afresh: {reason}")
        path = folder / "store.duckdb"
        with DuckStore(MEMORY, folder) as store:
            _fill(job, store)
            _copy_into(job, store, path)
            meta = store.meta()
        put(path, job.target)
        assert meta is not None
        return meta


def _opened(job: Job, folder: Path) -> DuckStore:
    duckdb = wanted("duckdb")
    try:
        return DuckStore(job.target, folder)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise NotOurs(f"{job.target} is open in another program; close it there") from error
        raise NotOurs(f"{job.target} is there and is no DuckDB file; choose another name") from error


def _reason(job: Job, meta: Json | None) -> str | None:
    return job.start_afresh(meta, job.snapshot(int(meta["run_number"]) if meta else 0))


def _carry_on(job: Job, store: DuckStore) -> Json:
    meta = store.meta()
    assert meta is not None
    snapshot = job.snapshot(int(meta["run_number"]))
    if snapshot.run != meta["run"]:
        store.db.execute("BEGIN")
        try:
            store.read(snapshot, int(meta["run_number"]), job.told)
            store.widen(facts(snapshot, job.known))
            store.derive(snapshot)
            store.db.execute("COMMIT")
        except BaseException:
            store.db.execute("ROLLBACK")
            raise
        store.db.execute("CHECKPOINT")
    found = store.meta()
    assert found is not None
    return found


def _fill(job: Job, store: DuckStore) -> None:
    """Everything, and which pages are chosen where not all are."""
    snapshot = job.snapshot()
    store.create()
    store.read(snapshot, 0, job.told)
    store.widen(facts(snapshot, job.known))
    store.derive(snapshot)
    if not job.is_whole:
        store.choose(job.choice, job.ids)
        meta = store.meta()
        assert meta is not None
        ((pages,),) = store.db.execute("SELECT count(*) FROM chosen").fetchall()
        store.set_meta(job.note(meta) | {"pages": pages})


def _copy_into(job: Job, store: DuckStore, path: Path) -> None:
    """Makes the DuckDB file *path* of what is in *store*: tables, key, views, and what columns mean."""
    store.db.execute(f"ATTACH '{_quoted(str(path))}' AS made")
    without_body = job.body == "none"
    for table in TABLES:
        if table is TEXTS:
            continue
        store.db.execute(create(table, f"made.{table.name}"))
        names = ", ".join("NULL" if without_body and name == "body" else f'"{name}"' for name in table.names)
        where = "" if job.is_whole else f" WHERE {_of(table)}"
        store.db.execute(f"INSERT INTO made.{table.name} SELECT {names} FROM {table.name}{where}")
    store.db.execute("USE made")
    store.db.execute("ALTER TABLE pages ADD PRIMARY KEY (id)")
    for name, query in VIEWS.items():
        if not without_body or name not in {"texts", "articles_latest"}:
            store.db.execute(f"CREATE VIEW {name} AS {query}")
    for table in TABLES:
        if table is TEXTS and without_body:
            continue
        kind = "VIEW" if table is TEXTS else "TABLE"
        store.db.execute(f"COMMENT ON {kind} {table.name} IS '{_quoted(f'A row is {table.row}.')}'")
        for column in table.columns if table is not TEXTS else ():
            store.db.execute(f"COMMENT ON COLUMN {table.name}.\"{column.name}\" IS '{_quoted(column.meaning)}'")
    store.db.execute("USE memory")
    store.db.execute("DETACH made")


def _of(table: Table) -> str:
    return OF_CHOSEN.get(table.name, "true")


def _quoted(text: str) -> str:
    return text.replace("'", "''")


# -- Parquet ---------------------------------------------------------------------------------------------------------


def to_parquet(job: Job) -> Json:
    """Makes, or carries on, the folder of Parquet files *job* names; returns its row of meta. Raises as to_duckdb."""
    with scratch(job.target) as folder:
        made = folder / "tables"
        made.mkdir()
        with DuckStore(MEMORY, folder) as store:
            old = None
            if job.target.exists():
                meta = _parquet_meta(job, store)
                if (reason := _reason(job, meta)) is None:
                    old = meta
                else:
                    job.say(f"{job.target}: made afresh: {reason}")
            if old is None:
                _fill(job, store)
                _write(job, store, made)
            elif old["run"] == job.snapshot().run:
                return old
            else:
                _carry_parquet_on(job, store, old, made)
            found = store.meta()
        put(made, job.target)
        assert found is not None
        return found


def _parquet_meta(job: Job, store: DuckStore) -> Json | None:
    """The row of meta of the folder that is there; None where that is none of ours."""
    file = job.target / "meta.parquet"
    if not job.target.is_dir() or not file.is_file():
        if job.target.is_dir() and not any(job.target.iterdir()):
            return {"schema": "an empty folder", "run_number": 0}
        return None
    names = ", ".join(f"{name}::VARCHAR AS {name}" for name in META.names)
    try:
        row = store.db.execute(f"SELECT {names} FROM read_parquet('{_quoted(str(file))}')").fetchone()
    except wanted("duckdb").Error:
        return {"schema": "of another version", "run_number": 0}
    return dict(zip(META.names, row, strict=True)) if row else None


def _write(job: Job, store: DuckStore, made: Path) -> None:
    chosen = "" if job.is_whole else " WHERE {}"
    for table in TABLES:
        if job.body == "none" and table is TEXTS:
            continue
        names = ", ".join(_columns(job, table))
        where = chosen.format(_of(table))
        if table.name in MONTHLY:
            source = _texts() if table is TEXTS else table.name
            _write_months(store, made / table.name, source, names, where, MONTHLY[table.name])
        else:
            _copy(store, f"SELECT {names} FROM {table.name}{where}", made / f"{table.name}.parquet", 100_000)


def _columns(job: Job, table: Table) -> list[str]:
    hidden = {"body"} if job.body == "none" and table is VERSIONS else set()
    return [f'"{name}"' for name in table.names if name not in hidden]


def _texts() -> str:
    return (
        "(SELECT p.id, p.first_fetched_at, v.body FROM pages p JOIN versions v"
        " ON v.id = p.id AND v.revision = p.revision) AS latest"
    )


def _write_months(store: DuckStore, folder: Path, source: str, names: str, where: str, moment: str) -> None:
    folder.mkdir()
    base = "pages" if source.startswith("(") else source
    for first, after in _months(store, base, moment):
        span = f"\"{moment}\" >= '{first}-01 00:00:00Z' AND \"{moment}\" < '{after}-01 00:00:00Z'"
        select = f"SELECT {names} FROM {source}{where + ' AND ' if where else ' WHERE '}{span}"
        _copy(store, select, folder / f"{first}.parquet", 10_000)


def _months(store: DuckStore, table: str, moment: str, where: str = "true") -> list[tuple[str, str]]:
    """(month, the one after it) of the rows of *table*."""
    rows = store.db.execute(
        f"SELECT DISTINCT strftime(\"{moment}\" AT TIME ZONE 'UTC', '%Y-%m') FROM {table} WHERE {where} ORDER BY 1"
    ).fetchall()
    return [(month, _after(month)) for (month,) in rows]


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def _copy(store: DuckStore, select: str, file: Path, rows: int) -> None:
    store.db.execute(f"COPY ({select}) TO '{_quoted(str(file))}' {_COPY.format(rows=rows)}")


def _carry_parquet_on(job: Job, store: DuckStore, old: Json, made: Path) -> None:
    """Writes into *made* what the folder that is there becomes; month files that stay as they are, are linked."""
    since = int(old["run_number"])
    snapshot = job.snapshot(since)
    store.create()
    for name in ("pages", "copies", "links", "portals", "fields", "meta"):
        store.db.execute(f"INSERT INTO {name} SELECT * FROM read_parquet('{_quoted(str(job.target))}/{name}.parquet')")
    store.read(snapshot, since, job.told)
    store.script("CREATE TEMP TABLE read_visits AS FROM visits; CREATE TEMP TABLE read_versions AS FROM versions")
    store.widen(facts(snapshot, job.known))
    _insert_old(store, job, VISITS, "SELECT id FROM touched")
    _insert_old(store, job, VERSIONS, "SELECT id FROM read_versions WHERE revision > 1")
    store.derive(snapshot)
    for table in TABLES:
        if table.name not in MONTHLY:
            names = ", ".join(_columns(job, table))
            _copy(store, f"SELECT {names} FROM {table.name}", made / f"{table.name}.parquet", 100_000)
    store.script(
        "CREATE TEMP TABLE more_versions AS SELECT v.* FROM versions v JOIN read_versions r USING (id, revision);"
        " CREATE TEMP TABLE more_texts AS SELECT p.id, v.body, p.first_fetched_at FROM pages p JOIN more_versions v"
        " ON v.id = p.id AND v.revision = p.revision"
    )
    for table, source in ((VISITS, "read_visits"), (VERSIONS, "more_versions"), (TEXTS, "more_texts")):
        _add_months(store, job, table, source, made / table.name)


def _insert_old(store: DuckStore, job: Job, table: Table, ids: str) -> None:
    """The rows of *table* that are exported already, of these *ids*."""
    folder = job.target / table.name
    if any(folder.glob("*.parquet")):
        files = f"read_parquet('{_quoted(str(folder))}/*.parquet')"
        store.db.execute(f"INSERT INTO {table.name} SELECT * FROM {files} WHERE id IN ({ids})")


def _add_months(store: DuckStore, job: Job, table: Table, source: str, folder: Path) -> None:
    folder.mkdir()
    moment = MONTHLY[table.name]
    months = dict(_months(store, source, moment))
    names = ", ".join(f'"{name}"' for name in table.names)
    before = {file.stem: file for file in (job.target / table.name).glob("*.parquet")}
    for month, file in before.items():
        if month not in months:
            os.link(file, folder / file.name)
    for first, after in months.items():
        span = f"\"{moment}\" >= '{first}-01 00:00:00Z' AND \"{moment}\" < '{after}-01 00:00:00Z'"
        select = f"SELECT {names} FROM {source} WHERE {span}"
        if first in before:
            kept = f"SELECT {names} FROM read_parquet('{_quoted(str(before[first]))}')"
            gone = f" WHERE id NOT IN (SELECT id FROM {source})" if table is TEXTS else ""
            select = f"{kept}{gone} UNION ALL {select}"
        _copy(store, select, folder / f"{first}.parquet", 10_000)
