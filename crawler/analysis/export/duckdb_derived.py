"""What is derived from the lines that a DuckStore has read: pages, copies, links, counts, the row of meta.

It is derived by the same SQL as in SQLite (``derive``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from crawler.analysis import changes, derive, rows
from crawler.analysis.export.duckdb_store import DuckStore
from crawler.analysis.export.partitions import month_of, within
from crawler.analysis.meta import COUNTED, check, describe
from crawler.analysis.names import STATED, PortalFacts, SourceNames
from crawler.analysis.snapshot import Snapshot
from crawler.analysis.tables import PAGES, RUNS, VERSIONS
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError

_COMPARED = {"chars_added": "c.added AS chars_added", "chars_removed": "c.removed AS chars_removed"}
_VERSION = ", ".join(_COMPARED.get(name, f"v.{name}") for name in VERSIONS.names)
#: A query for the later versions that were read, with the columns of the table, month and portal.
LATER_VERSIONS = (
    f"SELECT {_VERSION}, v.month, v.portal FROM read_bodies v"
    " LEFT JOIN changed c ON c.id = v.id AND c.revision = v.revision WHERE v.stream = 'revisions'"
)


def widen(store: DuckStore, facts: Mapping[str, PortalFacts]) -> None:
    """Adds to what was touched what depends on it: from here on ``touched`` names all pages that are derived."""
    _name(store, facts)
    store.script(derive.WIDEN)


def derive_tables(
    store: DuckStore, snapshot: Snapshot, *, old_versions: str | None = None, others: str | None = None
) -> None:
    """Derives what was touched, and writes the small tables. Raises DamagedError where they do not add up.

    It needs a table or view ``visits`` with all visits of what was touched. *old_versions*: what earlier exports
    hold of versions, for FROM. *others*: a query for the pages that are not touched, where pages lacks them; from
    here on ``pages`` has them, and ``memory.pages`` those that were.
    """
    before = store.meta()
    _refuse_repeated(store)
    store.script(f"{derive.LATEST} CREATE TEMP VIEW heads AS {derive.HEADS}; {derive.SEEN} {derive.PAIRS}")
    _compare_versions(store, old_versions)
    store.script(derive.CLEAR_COPIES + "DELETE FROM pages WHERE id IN (SELECT id FROM heads)")
    _add_pages(store)
    store.script(derive.ADD_COPIES)
    if others is not None:
        store.db.execute(f"CREATE TEMP VIEW pages AS FROM memory.main.pages UNION ALL BY NAME {others}")
    _work_out_links(store)
    _count_pages(store)
    _count_fields(store)
    store.script("DELETE FROM runs")
    store.load("runs", RUNS.names, (tuple(run.values()) for run in snapshot.runs))
    _describe(store, snapshot, before)


def _refuse_repeated(store: DuckStore) -> None:
    """Raises DamagedError where a version or a visit was read twice: DuckDB holds no key to what it reads."""
    for lines, key in (("new_heads", "revision"), ("visits", '"at"')):
        count = store.db.execute(f"SELECT count(*) - count(DISTINCT hash(id, {key})) FROM {lines}")
        twice = f"SELECT id FROM {lines} GROUP BY id, {key} HAVING count(*) > 1 LIMIT 1"
        if count.fetchall() != [(0,)] and (found := store.db.execute(twice).fetchone()):
            raise DamagedError(f"{found[0]} is archived twice; run `citynews verify`")


def _add_pages(store: DuckStore) -> None:
    """Adds the rows of pages by month: joins stay small, and who asks for a month of them later reads no others."""
    # else DuckDB takes a month for few rows, and keeps its pages, which are wide, in memory for each of the joins
    store.db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    for month in months(store, f"SELECT {month_of('first_fetched_at')} FROM heads"):
        fetched = within("first_fetched_at", month)
        seen = f"(FROM seen WHERE id IN (SELECT id FROM heads WHERE {fetched}))"
        rows_of_month = derive.page_rows(f"(FROM heads WHERE {fetched})", seen)
        store.db.execute(f"INSERT INTO pages ({', '.join(PAGES.names)}) {rows_of_month}")
    store.db.execute("RESET disabled_optimizers")


def months(store: DuckStore, select: str) -> list[str]:
    """The months, YYYY-MM, that *select* gives."""
    return sorted(month for (month,) in store.db.execute(f"SELECT DISTINCT * FROM ({select})").fetchall())


def forget(store: DuckStore) -> None:
    """Drops what was needed only to derive."""
    store.script(f"DROP VIEW temp.heads; {derive.FORGET}")


def _name(store: DuckStore, facts: Mapping[str, PortalFacts]) -> None:
    before = store.db.execute("SELECT portal, title, home, domains FROM portals ORDER BY 1").fetchall()
    store.script(
        "INSERT INTO visit_counts SELECT portal, visits, last_visit_at FROM portals WHERE visits > 0;"
        " DELETE FROM portals"
    )
    store.load(
        "portals", STATED, (f.row for f in facts.values()),
    )  # fmt: skip
    names = SourceNames(facts)
    store.db.execute(
        "CREATE TEMP TABLE sources (portal VARCHAR, source VARCHAR, source_norm VARCHAR, source_portal VARCHAR)"
    )
    known = store.db.execute(
        "SELECT portal, source FROM new_heads WHERE source IS NOT NULL"
        " UNION SELECT portal, source FROM pages WHERE source IS NOT NULL"
    ).fetchall()
    store.load("sources", ("portal", "source", "source_norm", "source_portal"),
               ((p, s, *names.read(p, s)) for p, s in known))  # fmt: skip
    if before != store.db.execute("SELECT portal, title, home, domains FROM portals ORDER BY 1").fetchall():
        store.db.execute(
            "INSERT INTO touched SELECT p.id FROM pages p LEFT JOIN sources s ON s.portal = p.portal"
            " AND s.source = p.source JOIN portals t ON t.portal = p.portal WHERE (p.portal_title <> t.title"
            " OR p.source_norm IS DISTINCT FROM s.source_norm"
            " OR p.source_portal IS DISTINCT FROM s.source_portal) AND p.id NOT IN (SELECT id FROM touched)"
        )


def _compare_versions(store: DuckStore, old_versions: str | None) -> None:
    """The table ``changed``: what later versions added and took away."""
    store.db.execute("CREATE TEMP TABLE changed (id VARCHAR, revision BIGINT, added BIGINT, removed BIGINT)")
    store.db.execute("CREATE TEMP TABLE later AS SELECT id, revision FROM new_heads WHERE revision > 1")
    names = "id, revision, title, body"
    known = f"SELECT {names} FROM read_bodies"
    if old_versions is not None:
        known += f" UNION ALL SELECT {names} FROM {old_versions}"
    store.script(f"CREATE TEMP TABLE compared AS SELECT {names} FROM ({known}) WHERE id IN (SELECT id FROM later);")
    pairs = (
        "SELECT l.id, l.revision, old.title, old.body, new.title, new.body FROM later l"
        " JOIN compared new ON new.id = l.id AND new.revision = l.revision"
        " JOIN compared old ON old.id = l.id AND old.revision = l.revision - 1 WHERE hash(l.id) % 8 = ?"
    )
    counted = [
        (ident, revision, *changes.count(*texts))
        for part in range(8)  # as DuckDB holds what it answers
        for ident, revision, *texts in _fetched(store.db.execute(pairs, [part]))
    ]
    store.load("changed", ("id", "revision", "added", "removed"), counted)
    store.script("DROP TABLE temp.compared; DROP TABLE temp.later")


def _work_out_links(store: DuckStore) -> None:
    """``new_links``: the links that were read, with the id of each address."""
    left = store.db.execute("SELECT DISTINCT url FROM read_links WHERE NOT is_plain")
    found = [(url, rows.target(url)) for (url,) in _fetched(left)]
    store.db.execute("CREATE TEMP TABLE worked (url VARCHAR, id VARCHAR)")
    store.load("worked", ("url", "id"), found)
    store.db.execute(
        "CREATE TEMP VIEW new_links AS SELECT l.from_id, l.revision, l.number,"
        " if(l.is_plain, left(sha256(l.url), 32), w.id) AS target_id, l.url, l.title, l.kind"
        " FROM read_links l LEFT JOIN worked w ON w.url = l.url"
    )


def _count_pages(store: DuckStore) -> None:
    """The counts of ``portals``."""
    store.script(
        "UPDATE portals SET articles = 0, copies = 0, visits = 0;"
        " UPDATE portals SET articles = c.articles, copies = c.copies, first_fetched_at = c.first FROM ("
        "  SELECT portal, count(*) FILTER (kind = 'article') AS articles,"
        "   count(*) FILTER (kind = 'copy') AS copies, min(first_fetched_at) AS first"
        "  FROM pages GROUP BY portal) AS c WHERE c.portal = portals.portal;"
        " UPDATE portals SET visits = c.visits, last_visit_at = c.last FROM (SELECT portal, sum(visits) AS visits,"
        "  max(last) AS last FROM visit_counts GROUP BY portal) AS c WHERE c.portal = portals.portal"
    )


def _count_fields(store: DuckStore) -> None:
    """The table ``fields``: what it counted before, and what was read."""
    store.script(
        "CREATE TEMP TABLE field_counts (portal VARCHAR, month VARCHAR, field VARCHAR, how VARCHAR, pages BIGINT);"
        " INSERT INTO field_counts SELECT portal, month, field, '', pages - have FROM fields WHERE pages > have;"
        " INSERT INTO field_counts SELECT portal, month, field, e.key, e.value"
        '  FROM (SELECT portal, month, field, unnest(map_entries("by")) AS e FROM fields);'
        " DELETE FROM fields"
    )
    found = store.db.execute("SELECT portal, month, extracted_by, sum(pages)::BIGINT FROM hows GROUP BY ALL")
    counted = (
        (portal, month, name, by or "", pages)
        for portal, month, hows, pages in found.fetchall()
        for name, by in orjson.loads(hows).items()
    )
    store.load("field_counts", ("portal", "month", "field", "how", "pages"), counted)
    store.script(
        "INSERT INTO fields SELECT portal, month, field, coalesce(sum(n) FILTER (how <> ''), 0), sum(n),"
        "  coalesce(map_from_entries(list({k: how, v: n} ORDER BY how) FILTER (how <> '')),"
        "   map([]::VARCHAR[], []::BIGINT[]))"
        "  FROM (SELECT portal, month, field, how, sum(pages)::BIGINT AS n FROM field_counts GROUP BY ALL)"
        "  GROUP BY ALL"
    )


def _describe(store: DuckStore, snapshot: Snapshot, before: Json | None) -> None:
    counted = dict(store.counted)
    if before is not None:
        for stream, (count, removed) in counted.items():
            gone = before.get(f"removed_{stream}", 0)
            counted[stream] = (count + before[stream] + gone, removed + gone)
    values = describe(snapshot, counted)
    ((values["pages"],),) = store.db.execute("SELECT count(*) FROM pages").fetchall()
    store.set_meta(values)
    found = dict(store.db.execute(COUNTED.replace("FROM visits", "FROM visit_counts").replace(
        "'observations', count(*)", "'observations', coalesce(sum(visits), 0)")).fetchall())  # fmt: skip
    check(found, values)


def _fetched(result: Any) -> Iterator[tuple[Any, ...]]:
    while found := result.fetchmany(1000):
        yield from found
