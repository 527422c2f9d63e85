"""DuckDB files and folders of Parquet files: made afresh, or carried on from the run that they were made of."""

from __future__ import annotations

import os
from pathlib import Path

from crawler.analysis import derive
from crawler.analysis.duckdb_lines import quoted
from crawler.analysis.duckdb_store import DuckStore, attach, create
from crawler.analysis.job import OF_CHOSEN, Job, NotOurs, put, scratch
from crawler.analysis.names import facts
from crawler.analysis.tables import LINKS, TABLES, TEXTS, VERSIONS, VISITS, Table
from crawler.archive.records.jsonl import Json
from crawler.values.extras import wanted

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
#: Level 2 makes Chinese text 8 % larger than the usual 3, in three quarters of the time.
_COPY = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 2, ROW_GROUP_SIZE {rows})"


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
    return job.start_afresh(meta, job.snapshot(meta["run_number"] if meta else 0))


def _carry_on(job: Job, store: DuckStore) -> Json:
    meta = store.meta()
    assert meta is not None
    snapshot = job.snapshot(meta["run_number"])
    if snapshot.run != meta["run"]:
        store.db.execute("BEGIN")
        try:
            store.read(snapshot, meta["run_number"], job.on_progress)
            store.widen(facts(snapshot, job.known))
            store.db.execute("INSERT INTO visits FROM read_visits")
            store.derive(snapshot, old_versions="versions")
            store.db.execute(f"INSERT INTO versions {store.new_versions}")
            store.script(derive.CLEAR_LINKS + derive.ARRIVED + derive.ADD_LINKS)
            store.forget()
            store.db.execute("COMMIT")
        except BaseException:  # an interruption too: the tables stay as they were
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
    store.read(snapshot, 0, job.on_progress)
    store.widen(facts(snapshot, job.known))
    store.db.execute("CREATE TEMP VIEW visits AS FROM new_visits")
    store.derive(snapshot)
    if not job.is_whole:
        store.choose(job.choice, job.ids)
        if not job.is_plain:
            store.load_texts(job.texts)
        meta = store.meta()
        assert meta is not None
        ((pages,),) = store.db.execute("SELECT count(*) FROM chosen").fetchall()
        store.set_meta(job.note(meta) | {"pages": pages})


def _source(store: DuckStore, table: Table) -> str:
    """What a fresh *store* has of *table*, for FROM."""
    if table is VISITS:
        return "read_visits"
    queries = {VERSIONS: store.new_versions, LINKS: derive.LINK_ROWS}
    return f"({queries[table]}) AS made" if table in queries else table.name


def _copy_into(job: Job, store: DuckStore, path: Path) -> None:
    """Makes the DuckDB file *path* of what is in *store*: tables, key, views, and what columns mean."""
    store.db.execute(attach(path))
    without_body = job.body == "none"
    for table in TABLES:
        if table is TEXTS:
            continue
        store.db.execute(create(table, f"made.{table.name}"))
        names = ", ".join("NULL" if without_body and name == "body" else f'"{name}"' for name in table.names)
        where = "" if job.is_whole else f" WHERE {_of(table)}"
        store.db.execute(f"INSERT INTO made.{table.name} SELECT {names} FROM {_source(store, table)}{where}")
    if not job.is_plain:  # beside the texts of the versions
        store.db.execute(f"CREATE TABLE made.texts AS SELECT id, body FROM rendered WHERE {_of(TEXTS)}")
    store.db.execute("DROP VIEW temp.visits")  # it would be taken for the table
    store.db.execute("USE made")
    store.db.execute("ALTER TABLE pages ADD PRIMARY KEY (id)")
    for name, query in VIEWS.items():
        hidden = {"texts", "articles_latest"} if without_body else set() if job.is_plain else {"texts"}
        if name not in hidden:
            store.db.execute(f"CREATE VIEW {name} AS {query}")
    for table in TABLES:
        if table is TEXTS and without_body:
            continue
        kind = "VIEW" if table is TEXTS and job.is_plain else "TABLE"
        store.db.execute(f"COMMENT ON {kind} {table.name} IS '{quoted(f'A row is {table.row}.')}'")
        for column in table.columns if table is not TEXTS else ():
            store.db.execute(f"COMMENT ON COLUMN {table.name}.\"{column.name}\" IS '{quoted(column.meaning)}'")
    store.db.execute("USE memory")
    store.db.execute("DETACH made")


def _of(table: Table) -> str:
    return OF_CHOSEN.get(table.name, "true")


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
    try:
        return store.meta_of(f"read_parquet('{quoted(str(file))}')")
    except wanted("duckdb").Error:
        return {"schema": "of another version", "run_number": 0}


def _write(job: Job, store: DuckStore, made: Path) -> None:
    for table in TABLES:
        names = ", ".join(_columns(job, table))
        where = "true" if job.is_whole else _of(table)
        if table is TEXTS:
            if job.body != "none":
                _write_texts(store, made / table.name, where, rendered=not job.is_plain)
        elif table.name in MONTHLY:
            moment, source = MONTHLY[table.name], _source(store, table)
            (made / table.name).mkdir()
            for month in _months(store, source, moment):
                select = f"SELECT {names} FROM {source} WHERE ({where}) AND {_within(moment, month)}"
                _copy(store, select, made / table.name / f"{month}.parquet", 10_000)
        else:
            select = f"SELECT {names} FROM {_source(store, table)} WHERE {where}"
            _copy(store, select, made / f"{table.name}.parquet", 30_000)


def _write_texts(store: DuckStore, folder: Path, where: str, *, rendered: bool) -> None:
    """The latest texts by month of the first fetch."""
    folder.mkdir()
    if rendered:
        for month in _months(store, "pages", "first_fetched_at"):
            texts = "SELECT r.id, r.body FROM pages p JOIN rendered r ON r.id = p.id"
            select = f"SELECT * FROM ({texts} WHERE {_within('p.first_fetched_at', month)}) WHERE {where}"
            _copy(store, select, folder / f"{month}.parquet", 10_000)
        return
    store.db.execute(
        "CREATE TEMP TABLE revised AS SELECT p.id, p.first_fetched_at, v.body FROM pages p JOIN read_versions v"
        " ON v.id = p.id AND v.revision = p.revision WHERE p.id IN (SELECT id FROM several)"
    )
    for month in _months(store, "pages", "first_fetched_at"):
        first = f"{_within('fetched_at', month)} AND id NOT IN (SELECT id FROM several)"
        select = (
            f"SELECT id, body FROM (SELECT id, body FROM read_versions WHERE {first}"
            f" UNION ALL SELECT id, body FROM revised WHERE {_within('first_fetched_at', month)}) WHERE {where}"
        )
        _copy(store, select, folder / f"{month}.parquet", 10_000)
    store.db.execute("DROP TABLE temp.revised")


def _columns(job: Job, table: Table) -> list[str]:
    hidden = {"body"} if job.body == "none" and table is VERSIONS else set()
    return [f'"{name}"' for name in table.names if name not in hidden]


def _months(store: DuckStore, source: str, moment: str) -> list[str]:
    """The months of the rows of *source*, as YYYY-MM."""
    rows = store.db.execute(
        f"SELECT DISTINCT strftime(\"{moment}\" AT TIME ZONE 'UTC', '%Y-%m') FROM {source} ORDER BY 1"
    ).fetchall()
    return [month for (month,) in rows]


def _within(moment: str, month: str) -> str:
    """The condition that *moment* lies in *month*."""
    year, number = int(month[:4]), int(month[5:])
    after = f"{year + number // 12:04}-{number % 12 + 1:02}"
    name = moment if "." in moment else f'"{moment}"'
    return f"{name} >= '{month}-01 00:00:00Z' AND {name} < '{after}-01 00:00:00Z'"


def _copy(store: DuckStore, select: str, file: Path, rows: int) -> None:
    store.db.execute(f"COPY ({select}) TO '{quoted(str(file))}' {_COPY.format(rows=rows)}")


def _carry_parquet_on(job: Job, store: DuckStore, old: Json, made: Path) -> None:
    """Writes into *made* what the folder that is there becomes; month files that stay as they are, are linked."""
    since = old["run_number"]
    snapshot = job.snapshot(since)
    store.create()
    for name in ("pages", "copies", "portals", "fields", "meta"):
        store.db.execute(f"INSERT INTO {name} SELECT * FROM {_exported(job, f'{name}.parquet')}")
    store.read(snapshot, since, job.on_progress)
    store.widen(facts(snapshot, job.known))
    seen = 'id, "at", outcome, view_count'
    store.db.execute(
        f"CREATE TEMP TABLE visits AS SELECT {seen} FROM new_visits UNION ALL SELECT {seen}"
        f" FROM {_exported(job, 'visits/*.parquet')} WHERE id IN (SELECT id FROM touched)"
        if any((job.target / "visits").glob("*.parquet"))
        else f"CREATE TEMP VIEW visits AS SELECT {seen} FROM new_visits"
    )
    store.derive(snapshot, old_versions=_exported(job, "versions/*.parquet"))
    for table in TABLES:
        if table.name not in MONTHLY and table is not LINKS:
            names = ", ".join(_columns(job, table))
            _copy(store, f"SELECT {names} FROM {table.name}", made / f"{table.name}.parquet", 30_000)
    _copy(store, _links(job), made / "links.parquet", 30_000)
    texts = (
        "(SELECT p.id, p.first_fetched_at, v.body FROM pages p JOIN read_versions v"
        " ON v.id = p.id AND v.revision = p.revision) AS made"
    )
    for table, source in (
        (VISITS, "read_visits"), (VERSIONS, f"({store.new_versions}) AS made"), (TEXTS, texts),
    ):  # fmt: skip
        _add_months(store, job, table, source, made / table.name)


def _exported(job: Job, name: str) -> str:
    return f"read_parquet('{quoted(str(job.target))}/{name}')"


def _links(job: Job) -> str:
    """The links exported already, but those of versions that are no more, with what has arrived since; and the new."""
    names = ", ".join(name for name in LINKS.names if name != "to_id")
    return (
        f"SELECT {', '.join(LINKS.names)} FROM (SELECT {names}, CASE WHEN to_id IS NULL AND target_id IN"
        f" (SELECT id FROM new_heads) THEN target_id ELSE to_id END AS to_id FROM {_exported(job, 'links.parquet')}"
        " WHERE from_id NOT IN (SELECT n.id FROM new_heads n JOIN heads h ON h.id = n.id AND h.revision = n.revision))"
        f" UNION ALL {derive.LINK_ROWS}"
    )


def _add_months(store: DuckStore, job: Job, table: Table, source: str, folder: Path) -> None:
    folder.mkdir()
    moment = MONTHLY[table.name]
    months = _months(store, source, moment)
    names = ", ".join(f'"{name}"' for name in table.names)
    before = {file.stem: file for file in (job.target / table.name).glob("*.parquet")}
    for month, file in before.items():
        if month not in months:
            os.link(file, folder / file.name)
    for month in months:
        select = f"SELECT {names} FROM {source} WHERE {_within(moment, month)}"
        if month in before:
            kept = f"SELECT {names} FROM read_parquet('{quoted(str(before[month]))}')"
            gone = f" WHERE id NOT IN (SELECT id FROM {source})" if table is TEXTS else ""
            select = f"{kept}{gone} UNION ALL {select}"
        _copy(store, select, folder / f"{month}.parquet", 10_000)
