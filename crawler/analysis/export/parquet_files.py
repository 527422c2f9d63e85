"""Folders of Parquet files: built, or carried on from the run that they were made of.

The large tables are partitioned by month and portal (``partitions``), the others are a file each.
"""

from __future__ import annotations

from pathlib import Path

from crawler.analysis import derive
from crawler.analysis.export import duckdb_derived
from crawler.analysis.export.duckdb_derived import LATER_VERSIONS, months
from crawler.analysis.export.duckdb_files import (
    MEMORY,
    all_versions,
    condition_of,
    fill,
    names_of,
    reason_to_start_afresh,
)
from crawler.analysis.export.duckdb_lines import quoted
from crawler.analysis.export.duckdb_store import DuckStore
from crawler.analysis.export.job import ExportJob, put, scratch
from crawler.analysis.export.partitions import PARTITIONED, WRITTEN, Change, Dataset, month_of, within
from crawler.analysis.names import facts
from crawler.analysis.tables import BY_NAME, LINKS, PAGES, TABLES, TEXTS, VERSIONS, VISITS, Table
from crawler.archive.records.jsonl import Json
from crawler.values.extras import wanted

_SMALL = tuple(table for table in TABLES if table.name not in PARTITIONED)


def to_parquet(job: ExportJob) -> Json:
    """Makes, or carries on, the folder of Parquet files *job* names; returns its row of meta.

    Raises MissingExtraError, ForeignTargetError, DamagedError, StorageError, BusyError.
    """
    with scratch(job.target) as folder:
        made = folder / "tables"
        made.mkdir()
        with DuckStore(MEMORY, folder) as store:
            old = None
            if job.target.exists():
                meta = _meta(job, store)
                if (reason := reason_to_start_afresh(job, meta)) is None:
                    old = meta
                else:
                    job.say(f"{job.target}: rebuilt: {reason}")
            if old is None:
                _make(job, store, folder, made)
            elif old["run"] == job.snapshot().run:
                return old
            else:
                _carry_on(job, store, old["run_number"], folder, made)
            found = store.meta()
        put(made, job.target)
        assert found is not None
        return found


def _meta(job: ExportJob, store: DuckStore) -> Json | None:
    """The row of meta of the folder that is there; None where that is none of ours."""
    file = job.target / "meta.parquet"
    if not job.target.is_dir() or not file.is_file():
        if job.target.is_dir() and not any(job.target.iterdir()):
            return {"schema": "an empty folder", "run_number": 0}
        return None
    try:
        meta = store.meta_of(f"read_parquet('{quoted(str(file))}')")
    except wanted("duckdb").Error:
        meta = None
    if meta is None or not (job.target / PAGES.name).is_dir():
        return {"schema": "of another version", "run_number": 0}
    return meta


# -- built ----------------------------------------------------------------------------------------------------------


def _make(job: ExportJob, store: DuckStore, folder: Path, made: Path) -> None:
    everything = Dataset(store.db, made if job.is_whole else folder / "all")
    fill(job, store, everything)
    _complete(store, everything)
    if not job.is_whole:
        _take_chosen(job, everything, Dataset(store.db, made))
    for table in _SMALL:
        _copy(store, f"SELECT {names_of(table)} FROM {table.name} WHERE {_where(job, table)}", table, made)


def _complete(store: DuckStore, everything: Dataset) -> None:
    """Adds what is known at the end only: pages and links, and of pages with later versions these and the texts."""
    first = month_of("first_fetched_at")
    for month in months(store, f"SELECT month FROM ({LATER_VERSIONS})"):
        everything.write(VERSIONS, f"SELECT * FROM ({LATER_VERSIONS}) WHERE month = '{month}'", "later")
    several = "id IN (SELECT id FROM revised)"
    for month in months(store, f"SELECT {first} FROM pages WHERE {several}"):
        texts = (
            f"SELECT p.id, b.body, '{month}' AS month, p.portal FROM pages p JOIN read_bodies b ON b.id = p.id"
            f" AND b.revision = p.revision WHERE p.{several} AND {within('p.first_fetched_at', month)}"
        )
        everything.write(TEXTS, texts, "later")
    for month in months(store, f"SELECT {first} FROM pages"):
        fetched = within("first_fetched_at", month)
        everything.write(PAGES, f"SELECT *, '{month}' AS month FROM pages WHERE {fetched}", "pages")
        store.lines.choose_links(fetched)
        links = f"SELECT {derive.LINK_COLUMNS}, '{month}' AS month, h.portal {derive.ALL_LINKS_SOURCE}"
        everything.write(LINKS, f"{links} WHERE {within('h.first_fetched_at', month)}", "links")
    for name in PARTITIONED:
        everything.seal(BY_NAME[name])


def _take_chosen(job: ExportJob, everything: Dataset, chosen: Dataset) -> None:
    """What of *everything* is chosen, with bodies as they are wanted."""
    for table in (BY_NAME[name] for name in PARTITIONED):
        hidden = {"body"} if job.body == "none" else set()
        if hidden & set(table.names) and table is TEXTS:
            continue
        names = [name for name in table.names if name not in hidden]
        source = {name: f'"{name}"' for name in (*names, "month", "portal")}
        for month in everything.months(table):
            rows = everything.source(table, month)
            if table is TEXTS and not job.is_plain:
                rows = f"(SELECT r.id, r.body, t.month, t.portal FROM {rows} t JOIN rendered r ON r.id = t.id)"
            select = f"SELECT {', '.join(source.values())} FROM {rows} WHERE {condition_of(table)}"
            chosen.write(table, select, table.name)
        chosen.seal(table, names)


def _where(job: ExportJob, table: Table) -> str:
    return "true" if job.is_whole else condition_of(table)


def _copy(store: DuckStore, select: str, table: Table, folder: Path) -> None:
    store.db.execute(f"COPY ({select}) TO '{quoted(str(folder / table.name))}.parquet' ({WRITTEN})")


# -- carried on ------------------------------------------------------------------------------------------------------


def _carry_on(job: ExportJob, store: DuckStore, since: int, folder: Path, made: Path) -> None:
    """Writes into *made* what the folder that is there becomes; files of months and portals that stay are linked."""
    before, new, snapshot = Dataset(store.db, job.target), Dataset(store.db, folder / "new"), job.snapshot(since)
    store.create()
    for name in ("copies", "portals", "fields", "meta"):
        store.db.execute(f"INSERT INTO {name} SELECT * FROM read_parquet('{quoted(str(job.target))}/{name}.parquet')")
    store.read(snapshot, new, since, job.on_progress)
    pages = f"SELECT {names_of(PAGES)} FROM {before.source(PAGES)}"
    store.db.execute(f"CREATE TEMP VIEW pages AS {pages}")
    duckdb_derived.widen(store, facts(snapshot, job.known))
    store.script("INSERT INTO memory.main.pages FROM pages WHERE id IN (SELECT id FROM touched); DROP VIEW temp.pages")
    seen = 'id, "at", outcome, view_count'
    store.db.execute(
        f"CREATE TEMP TABLE visits AS SELECT {seen} FROM new_visits UNION ALL SELECT {seen}"
        f" FROM {before.source(VISITS)} WHERE id IN (SELECT id FROM touched)"
    )
    duckdb_derived.derive_tables(
        store,
        snapshot,
        old_versions=before.source(VERSIONS),
        others=f"{pages} WHERE id NOT IN (SELECT id FROM touched)",
    )
    for table, change in _changes(store, before, new).items():
        before.carry(Dataset(store.db, made), table, change, f"run{snapshot.number:06}")
    for table in _SMALL:
        _copy(store, f"SELECT {names_of(table)} FROM {table.name}", table, made)


def _changes(store: DuckStore, before: Dataset, new: Dataset) -> dict[Table, Change]:
    """What becomes of the partitioned tables. The temporary tables hold what comes."""
    first = month_of("p.first_fetched_at")
    arrived = "to_id IS NULL AND target_id IN (SELECT id FROM new_heads)"
    later = f"SELECT DISTINCT month, portal FROM {before.source(LINKS)} WHERE {arrived}"
    store.script(
        # pages whose latest version was read
        "CREATE TEMP TABLE renewed AS SELECT DISTINCT n.id FROM new_heads n JOIN heads h"
        " ON h.id = n.id AND h.revision = n.revision;"
        f"CREATE TEMP TABLE page_rows AS SELECT p.*, {first} AS month FROM memory.main.pages p;"
        f"CREATE TEMP TABLE version_rows AS SELECT * FROM {all_versions(new)};"
        f"CREATE TEMP TABLE text_rows AS SELECT p.id, v.body, {first} AS month, p.portal FROM memory.main.pages p"
        " JOIN version_rows v ON v.id = p.id AND v.revision = p.revision;"
        f"CREATE TEMP TABLE link_rows AS SELECT {derive.LINK_COLUMNS}, {month_of('h.first_fetched_at')} AS month,"
        f" h.portal {derive.LINK_SOURCE}"
    )
    return {
        PAGES: Change("page_rows", "id IN (SELECT id FROM page_rows)"),
        TEXTS: Change("text_rows", "id IN (SELECT id FROM text_rows)"),
        VERSIONS: Change("version_rows"),
        VISITS: Change(new.visits),
        LINKS: Change(
            "link_rows",
            "from_id IN (SELECT id FROM renewed)",
            {'"to_id"': f'CASE WHEN {arrived} THEN target_id ELSE to_id END AS "to_id"'},
            frozenset(store.db.execute(later).fetchall()),
        ),
    }
