"""What is derived from the lines that a SqliteStore has read: pages, copies, links, counts, the row of meta.

A refresh counts what it changes: to count all rows again, or to look at the source of each page, is to read most of
the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import orjson

from crawler.analysis import changes, derive, full_text, rows
from crawler.analysis.meta import COUNTED, check, describe
from crawler.analysis.names import STATED, PortalFacts, SourceNames
from crawler.analysis.snapshot import Snapshot
from crawler.analysis.sqlite_schema import INDEXES, VISITS_IN_ORDER, marks, script
from crawler.analysis.tables import FIELDS, META, PAGES, RUNS
from crawler.archive.records.jsonl import Json

#: Later versions that are not compared yet, with the ones before. CROSS JOIN: else SQLite reads all versions for a few.
UNCOMPARED = (
    "SELECT new.rowid, old.title, old.body, new.title, new.body FROM heads h CROSS JOIN versions new ON new.id = h.id"
    " CROSS JOIN versions old ON old.id = new.id AND old.revision = new.revision - 1"
    " WHERE h.revision > 1 AND new.chars_added IS NULL"
)
SOURCES = (
    "SELECT portal, source FROM new_heads WHERE source IS NOT NULL"
    " UNION SELECT portal, source FROM pages WHERE source IS NOT NULL"
)
OF_TOUCHED = " AND id IN (SELECT id FROM touched)"
_PORTALS = "SELECT portal, title, home, domains FROM portals"
#: The pages that are derived, before and after: what is counted of each portal.
BEFORE = (
    "CREATE TEMP TABLE counted AS SELECT portal, kind, -count(*) AS pages, -sum(revisions) AS revisions,"
    " NULL AS first FROM pages WHERE id IN (SELECT id FROM heads) GROUP BY portal, kind"
)
AFTER = (
    "INSERT INTO counted SELECT portal, kind, count(*), sum(revisions), min(first_fetched_at) FROM pages"
    " WHERE id IN (SELECT id FROM heads) GROUP BY portal, kind"
)
COUNT_PORTALS = """
UPDATE portals SET articles = c.articles, copies = c.copies, visits = c.visits, first_fetched_at = c.first,
  last_visit_at = c.last
FROM (
  SELECT portal, sum(articles) AS articles, sum(copies) AS copies, sum(visits) AS visits, min(first) AS first,
    max(last) AS last
  FROM (
    SELECT portal, articles, copies, visits, first_fetched_at AS first, last_visit_at AS last FROM old_portals
    UNION ALL SELECT portal, (kind = 'article') * pages, (kind = 'copy') * pages, 0, first, NULL FROM counted
    UNION ALL SELECT portal, 0, 0, count(*), NULL, max("at") FROM visits WHERE rowid > ? GROUP BY portal
  ) GROUP BY portal
) AS c WHERE c.portal = portals.portal
"""
COUNT_STREAMS = """
SELECT 'articles', coalesce(sum(pages), 0) FROM counted WHERE kind = 'article' UNION ALL
SELECT 'duplicates', coalesce(sum(pages), 0) FROM counted WHERE kind = 'copy' UNION ALL
SELECT 'revisions', coalesce(sum(revisions), 0) FROM counted UNION ALL
SELECT 'observations', count(*) FROM visits WHERE rowid > ?
"""


def last_visit(db: sqlite3.Connection) -> int:
    """The rowid of the visit that was added last; 0 for none."""
    number: int = db.execute("SELECT coalesce(max(rowid), 0) FROM visits").fetchone()[0]
    return number


def derive_tables(
    db: sqlite3.Connection,
    snapshot: Snapshot,
    facts: Mapping[str, PortalFacts],
    *,
    fresh: bool,
    search: bool,
    visits_before: int,
) -> dict[str, int]:
    """Derives what was touched, and writes the small tables. Returns stream -> rows that came in.

    *fresh*: the tables are empty. *search*: with the search index. *visits_before*: the :func:`last_visit` before the
    lines were read.
    """
    if fresh:
        script(db, INDEXES["pages"])
    renamed = _load_portals(db, facts)
    if renamed:
        _name_sources(db, facts, "")
        _touch_renamed(db)
        script(db, derive.WIDEN)
    else:
        script(db, derive.WIDEN)
        _name_sources(db, facts, OF_TOUCHED)
    script(db, f"{derive.LATEST} CREATE TEMP TABLE heads AS {derive.HEADS};")
    if fresh:
        script(db, VISITS_IN_ORDER)
    script(db, derive.SEEN + derive.PAIRS)
    if fresh:
        script(db, "DROP TABLE temp.visits")
    script(db, "CREATE UNIQUE INDEX temp.heads_id ON heads (id); CREATE INDEX temp.pairs_id ON pairs (duplicate_id);")
    _compare_versions(db)
    old = full_text.outdated_texts(db) if search and not fresh else {}
    script(db, derive.CLEAR_COPIES + derive.CLEAR_LINKS + BEFORE)
    names = ", ".join(PAGES.names)
    kept = ", ".join(f"{name} = excluded.{name}" for name in PAGES.names[1:])
    db.execute(
        f"INSERT INTO pages ({names}) {derive.page_rows()} WHERE true ORDER BY h.first_fetched_at, h.id"
        f" ON CONFLICT (id) DO UPDATE SET {kept}"
    )
    script(db, AFTER + ";" + derive.ARRIVED + derive.ADD_LINKS + derive.ADD_COPIES)
    if search and not fresh:
        full_text.index_new(db, old)
    script(db, f"DROP TABLE temp.heads; {derive.FORGET}")
    for name in ("new_heads", "new_pairs", "new_links", "touched", "sources"):
        db.execute(f"DROP TABLE {name}")
    return _count_up(db, snapshot, visits_before)


def _load_portals(db: sqlite3.Connection, facts: Mapping[str, PortalFacts]) -> bool:
    """Portals as they are called now; whether any is called otherwise, or new. ``old_portals`` keeps their counts."""
    before = db.execute(_PORTALS).fetchall()
    script(db, "CREATE TEMP TABLE old_portals AS SELECT * FROM portals; DELETE FROM portals")
    db.executemany(
        f"INSERT INTO portals ({', '.join(STATED)}) VALUES ({marks(STATED)})",
        ([rows.as_json(v) if isinstance(v, tuple) else v for v in f.row] for f in facts.values()),
    )
    return before != db.execute(_PORTALS).fetchall()


def _name_sources(db: sqlite3.Connection, facts: Mapping[str, PortalFacts], chosen: str) -> None:
    """What the sources of what was read, and of the pages that are *chosen*, are called now."""
    names = SourceNames(facts)
    known = db.execute(SOURCES + chosen)
    db.executemany("INSERT INTO sources VALUES (?,?,?,?)", [(p, s, *names.read(p, s)) for p, s in known])


def _touch_renamed(db: sqlite3.Connection) -> None:
    """Pages whose portal or source is called otherwise are touched."""
    db.execute(
        "INSERT OR IGNORE INTO touched SELECT p.id FROM pages p LEFT JOIN sources s ON s.portal = p.portal"
        " AND s.source = p.source JOIN portals t ON t.portal = p.portal WHERE p.portal_title <> t.title"
        " OR p.source_norm IS NOT s.source_norm OR p.source_portal IS NOT s.source_portal"
    )


def _compare_versions(db: sqlite3.Connection) -> None:
    """Counts what later versions added and took away."""
    counted = [(*changes.count(*texts), rowid) for rowid, *texts in db.execute(UNCOMPARED)]
    db.executemany("UPDATE versions SET chars_added = ?, chars_removed = ? WHERE rowid = ?", counted)


def _count_up(db: sqlite3.Connection, snapshot: Snapshot, visits_before: int) -> dict[str, int]:
    """The small tables, whole."""
    db.execute("UPDATE portals SET articles = 0, copies = 0, visits = 0")
    db.execute(COUNT_PORTALS, (visits_before,))
    came_in = dict(db.execute(COUNT_STREAMS, (visits_before,)))
    script(db, "DROP TABLE temp.old_portals; DROP TABLE temp.counted; DELETE FROM fields; DELETE FROM runs;")
    counted: dict[tuple[str, str, str], dict[str, int]] = {}
    for portal, month, name, how, count in db.execute("SELECT * FROM field_counts ORDER BY 1, 2, 3, 4"):
        counted.setdefault((portal, month, name), {})[how] = count
    db.executemany(f"INSERT INTO fields VALUES ({marks(FIELDS.names)})", map(_field, counted.items()))
    db.executemany(
        f"INSERT INTO runs VALUES ({marks(RUNS.names)})",
        ([rows.as_json(v) if isinstance(v, list) else v for v in run.values()] for run in snapshot.runs),
    )
    return came_in


def write_meta(db: sqlite3.Connection, snapshot: Snapshot, before: Json | None, came_in: Mapping[str, int]) -> None:
    """Writes meta. Raises DamagedError where the tables do not add up to the lines that were read.

    *before* and *came_in*: what the row of meta was, and what was added since. Without the former all is counted.
    """
    lines = {stream: (count, removed) for stream, count, removed in db.execute("SELECT * FROM line_counts")}
    values = describe(snapshot, lines)
    if before is None:
        found: dict[str, int] = dict(db.execute(COUNTED))
    else:
        found = {stream: before[stream] + count for stream, count in came_in.items()}
    values["pages"] = found["articles"] + found["duplicates"]
    db.execute("DELETE FROM meta")
    db.execute(f"INSERT INTO meta VALUES ({marks(META.names)})", [values[name] for name in META.names])
    check(found, values)


def _field(counted: tuple[tuple[str, str, str], dict[str, int]]) -> tuple[object, ...]:
    (portal, month, name), hows = counted
    found = {how: count for how, count in hows.items() if how}
    return portal, month, name, sum(found.values()), sum(hows.values()), orjson.dumps(found).decode()
