"""The tables as SQLite holds them: plain columns, lists as JSON text, moments as ISO 8601 text in UTC."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from crawler.analysis.rows import HEAD, PAIR
from crawler.analysis.tables import (
    COPIES,
    FIELDS,
    LINKS,
    META,
    PAGES,
    PORTALS,
    RUNS,
    VERSIONS,
    VISITS,
    Kind,
    Table,
)

_TYPES: dict[Kind, str] = {"integer": "INTEGER", "real": "REAL"}


def _create(table: Table, *, first: str = "", key: str = "") -> str:
    columns = ", ".join(f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}' for column in table.columns)
    return f"CREATE TABLE {table.name} ({first}{columns}{key});\n"


def _bare(name: str, columns: tuple[str, ...]) -> str:
    return f"CREATE TABLE {name} ({', '.join(f'{column}' for column in map(_quoted, columns))});\n"


def marks(names: Iterable[str]) -> str:
    """A parameter for each of *names*."""
    return ",".join("?" for _ in names)


def script(db: sqlite3.Connection, statements: str) -> None:
    """Runs *statements* in the transaction under way (executescript would end it)."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)


def _quoted(name: str) -> str:
    return f'"{name}"'


#: The rows of PAGE_LIST.
PAGE_LIST_ROWS = (
    "SELECT p.*, o.place AS portal_place, o.place_code AS portal_place_code, o.kind AS portal_kind,"
    " coalesce(o.tags, '[]') AS portal_tags FROM pages p LEFT JOIN portals o ON o.portal = p.portal"
)

CREATE = (
    _create(VERSIONS)
    + _create(VISITS)
    + _create(PORTALS, key=", PRIMARY KEY (portal)")
    + _create(RUNS, key=", PRIMARY KEY (number)")
    + _create(FIELDS, key=", PRIMARY KEY (portal, month, field)")
    + _create(META)
    + "CREATE TABLE field_counts (portal TEXT, month TEXT, field TEXT, how TEXT, pages INTEGER,"
    " PRIMARY KEY (portal, month, field, how)) WITHOUT ROWID;\n"
    "CREATE TABLE line_counts (stream TEXT PRIMARY KEY, lines INTEGER, removed INTEGER);\n"
)
#: What holds what was read and is not derived yet: in the file while it is filled, else temporary.
READING = (
    "CREATE TABLE progress (path TEXT PRIMARY KEY, reached INTEGER);\n"
    "CREATE TABLE begun (schema TEXT, archive TEXT, run_number INTEGER, run_sha256 TEXT);\n"
    + _bare("new_heads", HEAD)
    + _bare("new_pairs", PAIR)
    + _bare("new_links", ("from_id", "revision", "number", "target_id", "url", "title", "kind"))
    + "CREATE TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID;\n"
    "CREATE TABLE sources (portal TEXT, source TEXT, source_norm TEXT, source_portal TEXT,"
    " PRIMARY KEY (portal, source));\n"
)
#: What ``derive`` asks of all visits, in their order.
VISITS_IN_ORDER = (
    'CREATE TEMP TABLE visits (id TEXT, "at" TEXT, outcome TEXT, view_count INTEGER, PRIMARY KEY (id, "at"))'
    " WITHOUT ROWID;\n"
    'INSERT INTO temp.visits SELECT id, "at", outcome, view_count FROM main.visits ORDER BY +id, +"at";\n'
)
#: Made when the lines are read: *pages* first, then what makes deriving quick, then what makes asking quick.
INDEXES = {
    "before": "CREATE UNIQUE INDEX versions_key ON versions (id, revision);\n"
    "CREATE UNIQUE INDEX visits_key ON visits (id, at);\n",
    "pages": _create(PAGES, first="n INTEGER PRIMARY KEY, ", key=", UNIQUE (id)")
    + _create(COPIES, key=", PRIMARY KEY (copy_id, origin_id)")
    + _create(LINKS)
    + "CREATE VIEW texts AS SELECT p.id AS id, v.body AS body FROM pages p JOIN versions v"
    " ON v.id = p.id AND v.revision = p.revision;\n",
    "after": "CREATE UNIQUE INDEX links_key ON links (from_id, number);\n"
    "CREATE INDEX pages_group ON pages (group_id);\n"
    "CREATE INDEX pages_portal ON pages (portal, published_date);\n"
    "CREATE INDEX pages_date ON pages (published_date);\n"
    "CREATE INDEX pages_source ON pages (source_norm);\n"
    "CREATE INDEX copies_origin ON copies (origin_id);\n"
    "CREATE INDEX links_target ON links (target_id);\n"
    "CREATE INDEX visits_at ON visits (at);\n"
    "CREATE INDEX versions_later ON versions (id) WHERE revision > 1;\n"
    "CREATE VIEW articles_latest AS SELECT p.*, t.body FROM pages p JOIN texts t ON t.id = p.id"
    " WHERE p.kind = 'article';\n"
    "CREATE VIEW views_daily AS SELECT id, portal, substr(at, 1, 10) AS day_utc, view_count AS views FROM ("
    "SELECT id, portal, at, view_count,"
    " row_number() OVER (PARTITION BY id, substr(at, 1, 10) ORDER BY at DESC) AS place FROM visits"
    " WHERE view_count IS NOT NULL) WHERE place = 1;\n"
    "CREATE VIEW reprints AS SELECT c.*, o.title AS origin_title, o.url AS origin_url,"
    " o.published_date AS origin_date, p.title AS copy_title, p.url AS copy_url, p.published_date AS copy_date"
    " FROM copies c LEFT JOIN pages o ON o.id = c.origin_id LEFT JOIN pages p ON p.id = c.copy_id"
    " WHERE c.direction IS NOT NULL;\n",
}
