"""Folders of Parquet files: made afresh, or carried on from the run that they were made of.

Tables that grow have a file for each month, so that what is past is not written again.
"""

from __future__ import annotations

import os
from pathlib import Path

from crawler.analysis import derive
from crawler.analysis.export.duckdb_files import MEMORY, condition_of, fill, reason_to_start_afresh, source_of
from crawler.analysis.export.duckdb_lines import quoted
from crawler.analysis.export.duckdb_store import DuckStore
from crawler.analysis.export.job import ExportJob, put, scratch
from crawler.analysis.names import facts
from crawler.analysis.tables import LINKS, TABLES, TEXTS, VERSIONS, VISITS, Table
from crawler.archive.records.jsonl import Json
from crawler.values.extras import wanted

#: Tables with a file for each month, by a column of theirs: what is past is not written again.
MONTHLY = {"versions": "fetched_at", "visits": "at", "texts": "first_fetched_at"}
#: Level 2 makes Chinese text 8 % larger than the usual 3, in three quarters of the time.
_COPY = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 2, ROW_GROUP_SIZE {rows})"


def to_parquet(job: ExportJob) -> Json:
    """Makes, or carries on, the folder of Parquet files *job* names; returns its row of meta.

    Raises as ``duckdb_files.to_duckdb``.
    """
    with scratch(job.target) as folder:
        made = folder / "tables"
        made.mkdir()
        with DuckStore(MEMORY, folder) as store:
            old = None
            if job.target.exists():
                meta = _parquet_meta(job, store)
                if (reason := reason_to_start_afresh(job, meta)) is None:
                    old = meta
                else:
                    job.say(f"{job.target}: made afresh: {reason}")
            if old is None:
                fill(job, store)
                _write(job, store, made)
            elif old["run"] == job.snapshot().run:
                return old
            else:
                _carry_parquet_on(job, store, old, made)
            found = store.meta()
        put(made, job.target)
        assert found is not None
        return found


def _parquet_meta(job: ExportJob, store: DuckStore) -> Json | None:
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


def _write(job: ExportJob, store: DuckStore, made: Path) -> None:
    for table in TABLES:
        names = ", ".join(_columns(job, table))
        where = "true" if job.is_whole else condition_of(table)
        if table is TEXTS:
            if job.body != "none":
                _write_texts(store, made / table.name, where, rendered=not job.is_plain)
        elif table.name in MONTHLY:
            moment, source = MONTHLY[table.name], source_of(store, table)
            (made / table.name).mkdir()
            for month in _months(store, source, moment):
                select = f"SELECT {names} FROM {source} WHERE ({where}) AND {_within(moment, month)}"
                _copy(store, select, made / table.name / f"{month}.parquet", 10_000)
        else:
            select = f"SELECT {names} FROM {source_of(store, table)} WHERE {where}"
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


def _columns(job: ExportJob, table: Table) -> list[str]:
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


def _carry_parquet_on(job: ExportJob, store: DuckStore, old: Json, made: Path) -> None:
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


def _exported(job: ExportJob, name: str) -> str:
    return f"read_parquet('{quoted(str(job.target))}/{name}')"


def _links(job: ExportJob) -> str:
    """The links exported already, but those of versions that are no more, with what has arrived since; and the new."""
    names = ", ".join(name for name in LINKS.names if name != "to_id")
    return (
        f"SELECT {', '.join(LINKS.names)} FROM (SELECT {names}, CASE WHEN to_id IS NULL AND target_id IN"
        f" (SELECT id FROM new_heads) THEN target_id ELSE to_id END AS to_id FROM {_exported(job, 'links.parquet')}"
        " WHERE from_id NOT IN (SELECT n.id FROM new_heads n JOIN heads h ON h.id = n.id AND h.revision = n.revision))"
        f" UNION ALL {derive.LINK_ROWS}"
    )


def _add_months(store: DuckStore, job: ExportJob, table: Table, source: str, folder: Path) -> None:
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
