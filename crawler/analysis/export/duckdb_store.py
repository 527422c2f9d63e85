"""The tables in DuckDB, for Parquet and DuckDB files. DuckDB reads the lines itself; nothing is downloaded.

What is derived is derived by the same SQL as in SQLite (``derive``). Lines come in files of some megabytes, cut from
the byte ranges of finished runs, so that sealed months, months under way and torn lines make no difference to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import orjson

from crawler.analysis import changes, derive, rows
from crawler.analysis.export.duckdb_lines import Kept, LineReader, quoted
from crawler.analysis.export.partitions import TYPES
from crawler.analysis.meta import COUNTED, check, describe
from crawler.analysis.names import STATED, PortalFacts, SourceNames
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import OnProgress, Snapshot
from crawler.analysis.tables import (
    COPIES,
    FIELDS,
    META,
    PAGES,
    PORTALS,
    RUNS,
    VERSIONS,
    Table,
)
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import STREAMS
from crawler.values.extras import wanted

if TYPE_CHECKING:
    import duckdb

LIMIT = "300MB"  #: of memory; with what Python needs, 600 MiB
_MOMENT = "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
#: (table, column) -> type, of what rows are loaded into from here.
_LOADED = {(table.name, column.name): TYPES[column.kind] for table in (PORTALS, RUNS, META) for column in table.columns}
_LOADED |= {
    ("changed", name): kind
    for name, kind in (("id", "VARCHAR"), ("revision", "BIGINT"), ("added", "BIGINT"), ("removed", "BIGINT"))
}
_LOADED |= {("sources", name): "VARCHAR" for name in ("portal", "source", "source_norm", "source_portal")}
_LOADED |= {("field_counts", name): "VARCHAR" for name in ("portal", "month", "field", "how")}
_LOADED |= {("field_counts", "pages"): "BIGINT"}
_LOADED |= {("rendered", name): "VARCHAR" for name in ("id", "body")}
_LOADED |= {("worked", name): "VARCHAR" for name in ("url", "id")} | {("hits", "id"): "VARCHAR"}


class DuckStore:
    """The tables in the DuckDB file *path*, under way. *scratch*: a folder for what is needed meanwhile."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._duckdb: ModuleType = wanted("duckdb")
        self.path, self._scratch = path, scratch
        self.db: duckdb.DuckDBPyConnection = self._duckdb.connect(":memory:")
        self.db.execute(
            f"SET memory_limit='{LIMIT}'; SET threads=2; SET preserve_insertion_order=false; SET TimeZone='UTC';"
            " SET allocator_flush_threshold='16MB'; SET allocator_background_threads=true;"
            f" SET temp_directory='{str(scratch / 'spill').replace(chr(39), chr(39) * 2)}'"
        )
        if str(path) != ":memory:":
            self.db.execute(f"{attach(path)}; USE made")
        self.db.execute("CREATE TEMP MACRO unixepoch(t) AS CAST(floor(epoch(t)) AS BIGINT)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def create(self) -> None:
        """The empty tables of what is kept in memory: all but texts, versions, visits and links."""
        for table in (PAGES, COPIES, FIELDS, PORTALS, RUNS, META):
            self.db.execute(create(table))

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(
        self, snapshot: Snapshot, kept: Kept, since: int = 0, on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Reads what runs after number *since* wrote; texts and visits go to *kept*."""
        self.lines = lines = LineReader(self.db, snapshot, since, self._scratch, kept)
        for done, total in lines.read():
            on_progress(done, total)
        self.counted = {stream: (lines.lines[stream], lines.removed[stream]) for stream in map(str, STREAMS)}
        self.script(
            "CREATE TEMP TABLE touched AS SELECT DISTINCT id FROM"
            " (SELECT id FROM new_heads UNION ALL SELECT id FROM new_visits);"
            "CREATE TEMP TABLE visit_counts AS"
            ' SELECT portal, count(*) AS visits, max("at") AS last FROM read_visits GROUP BY portal;'
            "CREATE TEMP TABLE hows AS"
            " SELECT portal, month, extracted_by, count(*) AS pages FROM read_hows GROUP BY ALL"
        )

    # -- deriving ----------------------------------------------------------------------------------------------------

    def widen(self, facts: Mapping[str, PortalFacts]) -> None:
        """Adds to what was touched what depends on it: from here on ``touched`` names all pages that are derived."""
        self._name(facts)
        self.script(derive.WIDEN)

    def derive(self, snapshot: Snapshot, *, old_versions: str | None = None, others: str | None = None) -> None:
        """Derives what was touched, and writes the small tables. Raises DamagedError where they do not add up.

        It needs a table or view ``visits`` with all visits of what was touched. *old_versions*: what earlier exports
        hold of versions, for FROM. *others*: a query for the pages that are not touched, where pages lacks them; from
        here on ``pages`` has them, and ``memory.pages`` those that were.
        """
        before = self.meta()
        self.script(f"{derive.LATEST} CREATE TEMP VIEW heads AS {derive.HEADS}; {derive.SEEN} {derive.PAIRS}")
        self._compare_versions(old_versions)
        self.script(derive.CLEAR_COPIES + "DELETE FROM pages WHERE id IN (SELECT id FROM heads)")
        self.db.execute(f"INSERT INTO pages ({', '.join(PAGES.names)}) {derive.PAGE_ROWS}")
        self.script(derive.ADD_COPIES)
        if others is not None:
            self.db.execute(f"CREATE TEMP VIEW pages AS FROM memory.main.pages UNION ALL BY NAME {others}")
        self._work_out_links()
        self._count_up(snapshot)
        self._describe(snapshot, before)

    @property
    def later_versions(self) -> str:
        """A query for the later versions that were read, with the columns of the table, month and portal."""
        counted = {"chars_added": "c.added AS chars_added", "chars_removed": "c.removed AS chars_removed"}
        columns = ", ".join(counted.get(name, f"v.{name}") for name in VERSIONS.names)
        return (
            f"SELECT {columns}, v.month, v.portal FROM read_bodies v"
            " LEFT JOIN changed c ON c.id = v.id AND c.revision = v.revision WHERE v.stream = 'revisions'"
        )

    def load_texts(self, texts: Iterable[tuple[str, str | None]]) -> None:
        """The temporary table ``rendered``: texts in another form."""
        self.db.execute("CREATE TEMP TABLE rendered (id VARCHAR, body VARCHAR)")
        self._load("rendered", ("id", "body"), texts)

    def forget(self) -> None:
        """Drops what was needed only to derive."""
        self.script(f"DROP VIEW temp.heads; {derive.FORGET}")

    def _name(self, facts: Mapping[str, PortalFacts]) -> None:
        before = self.db.execute("SELECT portal, title, home, domains FROM portals ORDER BY 1").fetchall()
        self.script(
            "INSERT INTO visit_counts SELECT portal, visits, last_visit_at FROM portals WHERE visits > 0;"
            " DELETE FROM portals"
        )
        self._load(
            "portals", STATED, (f.row for f in facts.values()),
        )  # fmt: skip
        names = SourceNames(facts)
        self.db.execute(
            "CREATE TEMP TABLE sources (portal VARCHAR, source VARCHAR, source_norm VARCHAR, source_portal VARCHAR)"
        )
        known = self.db.execute(
            "SELECT portal, source FROM new_heads WHERE source IS NOT NULL"
            " UNION SELECT portal, source FROM pages WHERE source IS NOT NULL"
        ).fetchall()
        self._load("sources", ("portal", "source", "source_norm", "source_portal"),
                   ((p, s, *names.read(p, s)) for p, s in known))  # fmt: skip
        if before != self.db.execute("SELECT portal, title, home, domains FROM portals ORDER BY 1").fetchall():
            self.db.execute(
                "INSERT INTO touched SELECT p.id FROM pages p LEFT JOIN sources s ON s.portal = p.portal"
                " AND s.source = p.source JOIN portals t ON t.portal = p.portal WHERE (p.portal_title <> t.title"
                " OR p.source_norm IS DISTINCT FROM s.source_norm"
                " OR p.source_portal IS DISTINCT FROM s.source_portal) AND p.id NOT IN (SELECT id FROM touched)"
            )

    def _compare_versions(self, old_versions: str | None) -> None:
        """The table ``changed``: what later versions added and took away."""
        self.db.execute("CREATE TEMP TABLE changed (id VARCHAR, revision BIGINT, added BIGINT, removed BIGINT)")
        self.db.execute("CREATE TEMP TABLE later AS SELECT id, revision FROM new_heads WHERE revision > 1")
        names = "id, revision, title, body"
        known = f"SELECT {names} FROM read_bodies"
        if old_versions is not None:
            known += f" UNION ALL SELECT {names} FROM {old_versions}"
        self.script(f"CREATE TEMP TABLE compared AS SELECT {names} FROM ({known}) WHERE id IN (SELECT id FROM later);")
        pairs = self.db.execute(
            "SELECT l.id, l.revision, old.title, old.body, new.title, new.body FROM later l"
            " JOIN compared new ON new.id = l.id AND new.revision = l.revision"
            " JOIN compared old ON old.id = l.id AND old.revision = l.revision - 1"
        )
        counted = [(ident, revision, *changes.count(*texts)) for ident, revision, *texts in _fetched(pairs)]
        self._load("changed", ("id", "revision", "added", "removed"), counted)
        self.script("DROP TABLE temp.compared; DROP TABLE temp.later")

    def _work_out_links(self) -> None:
        """``new_links``: the links that were read, with the id of each address."""
        left = self.db.execute("SELECT DISTINCT url FROM read_links WHERE NOT is_plain")
        found = [(url, rows.target(url)) for (url,) in _fetched(left)]
        self.db.execute("CREATE TEMP TABLE worked (url VARCHAR, id VARCHAR)")
        self._load("worked", ("url", "id"), found)
        self.db.execute(
            "CREATE TEMP VIEW new_links AS SELECT l.from_id, l.revision, l.number,"
            " if(l.is_plain, left(sha256(l.url), 32), w.id) AS target_id, l.url, l.title, l.kind"
            " FROM read_links l LEFT JOIN worked w ON w.url = l.url"
        )

    def _count_up(self, snapshot: Snapshot) -> None:
        self.script(
            "UPDATE portals SET articles = 0, copies = 0, visits = 0;"
            " UPDATE portals SET articles = c.articles, copies = c.copies, first_fetched_at = c.first FROM ("
            "  SELECT portal, count(*) FILTER (kind = 'article') AS articles,"
            "   count(*) FILTER (kind = 'copy') AS copies, min(first_fetched_at) AS first"
            "  FROM pages GROUP BY portal) AS c WHERE c.portal = portals.portal;"
            " UPDATE portals SET visits = c.visits, last_visit_at = c.last FROM (SELECT portal, sum(visits) AS visits,"
            "  max(last) AS last FROM visit_counts GROUP BY portal) AS c WHERE c.portal = portals.portal;"
            " CREATE TEMP TABLE field_counts (portal VARCHAR, month VARCHAR, field VARCHAR, how VARCHAR, pages BIGINT);"
            " INSERT INTO field_counts SELECT portal, month, field, '', pages - have FROM fields WHERE pages > have;"
            " INSERT INTO field_counts SELECT portal, month, field, e.key, e.value"
            '  FROM (SELECT portal, month, field, unnest(map_entries("by")) AS e FROM fields);'
            " DELETE FROM fields; DELETE FROM runs"
        )
        found = self.db.execute("SELECT portal, month, extracted_by, sum(pages)::BIGINT FROM hows GROUP BY ALL")
        counted = (
            (portal, month, name, by or "", pages)
            for portal, month, hows, pages in found.fetchall()
            for name, by in orjson.loads(hows).items()
        )
        self._load("field_counts", ("portal", "month", "field", "how", "pages"), counted)
        self.script(
            " INSERT INTO fields SELECT portal, month, field, coalesce(sum(n) FILTER (how <> ''), 0), sum(n),"
            "  coalesce(map_from_entries(list({k: how, v: n} ORDER BY how) FILTER (how <> '')),"
            "   map([]::VARCHAR[], []::BIGINT[]))"
            "  FROM (SELECT portal, month, field, how, sum(pages)::BIGINT AS n FROM field_counts GROUP BY ALL)"
            "  GROUP BY ALL"
        )
        self._load("runs", RUNS.names, (tuple(run.values()) for run in snapshot.runs))

    def meta(self) -> Json | None:
        """The row of meta; None in a file that is none of ours."""
        try:
            return self.meta_of("meta")
        except self._duckdb.Error:
            return None

    def meta_of(self, source: str) -> Json | None:
        """The row of meta in *source*, moments as ISO 8601 text."""
        columns = (_MOMENT.format(column.name) if column.kind == "moment" else column.name for column in META.columns)
        row = self.db.execute(f"SELECT {', '.join(columns)} FROM {source}").fetchone()
        return dict(zip(META.names, row, strict=True)) if row else None

    def set_meta(self, values: Json) -> None:
        """Replaces the row of meta."""
        self.db.execute("DELETE FROM meta")
        self._load("meta", META.names, [tuple(values[name] for name in META.names)])

    def choose(self, choice: Selection, ids: Iterable[str] | None) -> None:
        """The table ``chosen``: the ids of the pages that *choice* names, and that are among *ids* where given."""
        sql, values = choice.filters()
        self.db.execute("CREATE TEMP TABLE chosen (id VARCHAR)")
        self.db.execute(f"INSERT INTO chosen SELECT id FROM pages p WHERE {sql}", values)
        if ids is not None:
            self.db.execute("CREATE TEMP TABLE hits (id VARCHAR)")
            self._load("hits", ("id",), ((article_id,) for article_id in ids))
            self.db.execute("DELETE FROM chosen WHERE id NOT IN (SELECT id FROM hits)")

    def _describe(self, snapshot: Snapshot, before: Json | None) -> None:
        counted = dict(self.counted)
        if before is not None:
            for stream, (count, removed) in counted.items():
                gone = before.get(f"removed_{stream}", 0)
                counted[stream] = (count + before[stream] + gone, removed + gone)
        values = describe(snapshot, counted)
        ((values["pages"],),) = self.db.execute("SELECT count(*) FROM pages").fetchall()
        self.set_meta(values)
        found = dict(self.db.execute(COUNTED.replace("FROM visits", "FROM visit_counts").replace(
            "'observations', count(*)", "'observations', coalesce(sum(visits), 0)")).fetchall())  # fmt: skip
        check(found, values)

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _load(self, table: str, names: Iterable[str], values: Iterable[tuple[Any, ...]]) -> None:
        """Inserts rows: through a file of JSON lines, as DuckDB reads these quicker than it takes rows one by one."""
        columns = tuple(names)
        kinds = ", ".join(f"'{name}': '{_LOADED[table, name]}'" for name in columns)
        with tempfile.NamedTemporaryFile(dir=self._scratch, suffix=".jsonl") as file:
            empty = True
            for row in values:
                file.write(orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n")
                empty = False
            file.flush()
            if empty:
                return
            listed = ", ".join(f'"{name}"' for name in columns)
            self.db.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM read_json('{file.name}',"
                f" format='newline_delimited', columns={{{kinds}}}, maximum_object_size=67108864)"
            )

    def script(self, script: str) -> None:
        for statement in script.split(";"):
            if statement.strip():
                self.db.execute(statement)


def attach(path: Path) -> str:
    """The statement that opens the DuckDB file *path* as ``made``.

    Row groups are small, as each thread holds one with its texts in memory. Opened with another size, a file would be
    written again as a whole.
    """
    return f"ATTACH '{quoted(str(path))}' AS made (ROW_GROUP_SIZE 10240)"


def create(table: Table, name: str = "") -> str:
    """The statement that creates *table*, under *name* where that is given."""
    columns = ", ".join(f'"{column.name}" {TYPES[column.kind]}' for column in table.columns)
    return f"CREATE TABLE {name or table.name} ({columns})"


def _fetched(result: Any) -> Iterator[tuple[Any, ...]]:
    while found := result.fetchmany(1000):
        yield from found
