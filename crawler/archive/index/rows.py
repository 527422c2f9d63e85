"""The SQL of articles and addresses: their tables, and how a row is merged into the one that is there."""

from __future__ import annotations

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE articles (
  id TEXT PRIMARY KEY, portal TEXT NOT NULL, url TEXT NOT NULL, first_at TEXT NOT NULL, revision INTEGER NOT NULL,
  content_hash TEXT, path TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
  original INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE copies (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX articles_of_portal ON articles (portal, first_at);
CREATE TABLE addresses (
  id TEXT PRIMARY KEY, portal TEXT NOT NULL, url TEXT NOT NULL, rank INTEGER NOT NULL, first_at TEXT NOT NULL,
  last_at TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, refusals INTEGER NOT NULL,
  failures INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX addresses_of_portal ON addresses (portal, rank);
"""
NO_COPY = "id NOT IN (SELECT id FROM copies)"  # a copy has a row in articles: its later visits are compared with it
KNOWN = "id, portal, url, first_at, revision, content_hash, path, offset, length"


def _taken(condition: str, *names: str) -> str:
    """Columns that a row which is there already takes over from a new one under *condition*."""
    return ", ".join(f"{name}=CASE WHEN {condition} THEN excluded.{name} ELSE {name} END" for name in names)


# lines may be applied in any order: an article belongs to its first one, and its age counts from there
_IS_FIRST = "(excluded.first_at, excluded.portal, excluded.url) < (first_at, portal, url)"
_IS_LATEST = "(excluded.revision, excluded.path, excluded.offset) >= (revision, path, offset)"
PUT_VERSION = (
    "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET"  # noqa: S608 - own names
    f" {_taken(_IS_FIRST, 'first_at', 'portal', 'url')},"
    f" {_taken(_IS_LATEST, 'revision', 'content_hash', 'path', 'offset', 'length')},"
    " original=max(original, excluded.original)"
)
PUT_ADDRESS = (
    "INSERT INTO addresses VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET"  # noqa: S608 - own names
    f" {_taken(_IS_FIRST, 'portal', 'url')},"
    " rank=max(rank, excluded.rank), first_at=min(first_at, excluded.first_at),"
    # of the last visit; of a line and its observation, both of one moment, the one that comes first by name
    f" {_taken('(excluded.last_at, outcome) > (last_at, excluded.outcome)', 'outcome')},"
    f" {_taken('(excluded.last_at, outcome, reason) > (last_at, excluded.outcome, excluded.reason)', 'reason')},"
    " last_at=max(last_at, excluded.last_at),"
    " refusals=refusals + excluded.refusals, failures=failures + excluded.failures"
)
