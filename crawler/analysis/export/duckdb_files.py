"""DuckDB files: built, or carried on from the run that they were made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crawler.analysis import derive
from crawler.analysis.export import duckdb_derived
from crawler.analysis.export.duckdb_derived import LATER_VERSIONS, months
from crawler.analysis.export.duckdb_lines import BATCH_VERSIONS, BATCH_VISITS, Kept, quoted
from crawler.analysis.export.duckdb_store import DuckStore, attach, create
from crawler.analysis.export.job import OF_CHOSEN, ExportJob, ForeignTargetError, put, scratch
from crawler.analysis.export.partitions import Dataset, month_of, within
from crawler.analysis.names import facts
from crawler.analysis.tables import LINKS, TABLES, TEXTS, VERSIONS, VISITS, Table
from crawler.archive.records.jsonl import Json
from crawler.values.extras import wanted

if TYPE_CHECKING:
    import duckdb

MEMORY = Path(":memory:")  #: tables are built here; what does not fit spills into the scratch folder
_MONTHS = 4  #: whose links are worked out at once
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


class _Tables:
    """The tables ``versions`` and ``visits`` of the file that *store* makes, into which lines go as they are read."""

    visits = "made.visits"

    def __init__(self, store: DuckStore) -> None:
        for table in (VERSIONS, VISITS, LINKS):
            store.db.execute(create(table))

    def take_texts(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        _insert(db, VERSIONS, BATCH_VERSIONS)

    def take_visits(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        _insert(db, VISITS, BATCH_VISITS)


def _insert(db: duckdb.DuckDBPyConnection, table: Table, query: str) -> None:
    db.execute(f"INSERT INTO made.{table.name} SELECT {names_of(table)} FROM ({query})")


def to_duckdb(job: ExportJob) -> Json:
    """Makes, or carries on, the DuckDB file *job* names; returns its row of meta.

    Raises MissingExtraError, ForeignTargetError, DamagedError, StorageError, BusyError.
    """
    with scratch(job.target) as folder:
        if job.target.exists():
            with _opened(job, folder) as store:
                if (reason := reason_to_start_afresh(job, store.meta())) is None:
                    return _carry_on(job, store, folder)
            job.say(f"{job.target}: rebuilt: {reason}")
        path = folder / "store.duckdb"
        if job.is_whole:
            with DuckStore(path, folder) as store:
                meta = _make(job, store)
        else:
            with DuckStore(MEMORY, folder) as store:
                meta = _make_chosen(job, store, folder, path)
        put(path, job.target)
        assert meta is not None
        return meta


def _make(job: ExportJob, store: DuckStore) -> Json | None:
    """Fills the file of *store*, which is new, with everything."""
    fill(job, store, _Tables(store))
    store.db.execute(f"INSERT INTO versions SELECT {names_of(VERSIONS)} FROM ({LATER_VERSIONS})")
    found = months(store, f"SELECT {month_of('first_fetched_at')} FROM pages")
    for some in (found[at : at + _MONTHS] for at in range(0, len(found), _MONTHS)):
        chosen = "({})".format(" OR ".join(within("first_fetched_at", month) for month in some))
        store.lines.choose_links(chosen)
        links = f"SELECT {derive.LINK_COLUMNS} {derive.ALL_LINKS_SOURCE}"
        store.db.execute(f"INSERT INTO links {links} WHERE {chosen.replace('first_', 'h.first_')}")
    meta = store.meta()
    store.reopen(store.path)  # the index of the key lies in memory as a whole
    _complete(job, store)
    return meta


def _make_chosen(job: ExportJob, store: DuckStore, folder: Path, path: Path) -> Json | None:
    """Makes the DuckDB file *path* with what is chosen."""
    everything = Dataset(store.db, folder / "all")
    fill(job, store, everything)
    store.db.execute(attach(path))
    rows = {
        VERSIONS: all_versions(everything), VISITS: everything.source(VISITS), LINKS: f"({derive.ALL_LINK_ROWS})"
    }  # fmt: skip
    without_body = job.body == "none"
    for table in TABLES:
        if table is TEXTS:
            continue
        store.db.execute(create(table, f"made.{table.name}"))
        names = ", ".join("NULL" if without_body and name == "body" else f'"{name}"' for name in table.names)
        source = rows.get(table, table.name)
        store.db.execute(f"INSERT INTO made.{table.name} SELECT {names} FROM {source} WHERE {condition_of(table)}")
    if not job.is_plain:  # beside the texts of the versions
        store.db.execute(f"CREATE TABLE made.texts AS SELECT id, body FROM rendered WHERE {condition_of(TEXTS)}")
    meta = store.meta()
    store.reopen(path)
    _complete(job, store)
    return meta


def _opened(job: ExportJob, folder: Path) -> DuckStore:
    duckdb = wanted("duckdb")
    try:
        return DuckStore(job.target, folder)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise ForeignTargetError(f"{job.target} is open in another program; close it there") from error
        raise ForeignTargetError(f"{job.target} exists and is not a DuckDB file; choose another name") from error


def reason_to_start_afresh(job: ExportJob, meta: Json | None) -> str | None:
    """Why what is there, with the row *meta*, cannot be carried on; None where it can. Raises ForeignTargetError."""
    return job.start_afresh(meta, job.snapshot(meta["run_number"] if meta else 0))


def _carry_on(job: ExportJob, store: DuckStore, folder: Path) -> Json:
    meta = store.meta()
    assert meta is not None
    snapshot = job.snapshot(meta["run_number"])
    if snapshot.run != meta["run"]:
        store.db.execute("BEGIN")
        try:
            new = Dataset(store.db, folder / "new")
            store.read(snapshot, new, meta["run_number"], job.on_progress)
            duckdb_derived.widen(store, facts(snapshot, job.known))
            store.db.execute(f"INSERT INTO visits SELECT {names_of(VISITS)} FROM read_visits")
            duckdb_derived.derive_tables(store, snapshot, old_versions="versions")
            store.db.execute(f"INSERT INTO versions SELECT {names_of(VERSIONS)} FROM {all_versions(new)}")
            store.script(derive.CLEAR_LINKS + derive.ARRIVED + derive.ADD_LINKS)
            duckdb_derived.forget(store)
            store.db.execute("COMMIT")
        except BaseException:  # an interruption too: the tables stay as they were
            store.db.execute("ROLLBACK")
            raise
        store.db.execute("CHECKPOINT")
    found = store.meta()
    assert found is not None
    return found


def fill(job: ExportJob, store: DuckStore, kept: Kept) -> None:
    """Everything, texts and visits into *kept*; and which pages are chosen where not all are."""
    snapshot = job.snapshot()
    store.create()
    store.read(snapshot, kept, 0, job.on_progress)
    duckdb_derived.widen(store, facts(snapshot, job.known))
    if store.path == MEMORY:
        store.db.execute("CREATE TEMP VIEW visits AS FROM new_visits")
    duckdb_derived.derive_tables(store, snapshot)
    if not job.is_whole:
        store.choose(job.choice, job.ids)
        if not job.is_plain:
            store.load_texts(job.texts)
        meta = store.meta()
        assert meta is not None
        ((pages,),) = store.db.execute("SELECT count(*) FROM chosen").fetchall()
        store.set_meta(job.note(meta) | {"pages": pages})


def all_versions(first: Dataset) -> str:
    """The versions that were read, of which *first* holds the first ones, with month and portal, for FROM."""
    names = f"{names_of(VERSIONS)}, month, portal"
    return f"(SELECT {names} FROM {first.source(VERSIONS)} UNION ALL SELECT {names} FROM ({LATER_VERSIONS}))"


def names_of(table: Table) -> str:
    """The columns of *table*, for SELECT."""
    return ", ".join(f'"{name}"' for name in table.names)


def _complete(job: ExportJob, store: DuckStore) -> None:
    """Adds to the tables of the DuckDB file ``made`` the key, the views, and what columns mean."""
    without_body = job.body == "none"
    store.db.execute("SET threads=1")  # with two the index lies in memory twice
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


def condition_of(table: Table) -> str:
    """The condition that a row of *table* is chosen."""
    return OF_CHOSEN.get(table.name, "true")
