"""Page requisites (images, style sheets, attachments) by URL: which are needed, and which were requested.

Made from the records of crawler/archive/records/requisites.py, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from crawler.archive.records.requisites import NEEDS, RequisiteRecord
from crawler.archive.storage.sqlite import Database
from crawler.article import parse_moment
from crawler.values.statuses import is_transient
from crawler.values.urls import article_id

AGAIN = timedelta(days=30)  #: after which an address that a page still names is asked for again, with its validators
TRIES = 3  #: runs that ask for an address without getting an answer, before it waits like any other

TABLES = """
CREATE TABLE requisites (
  id TEXT NOT NULL, portal TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL, needed_at TEXT NOT NULL,
  PRIMARY KEY (portal, id)) WITHOUT ROWID;
CREATE TABLE requisites_asked (
  id TEXT NOT NULL, at TEXT NOT NULL, settled INTEGER NOT NULL, PRIMARY KEY (id, at)) WITHOUT ROWID;
"""
#: Reasons for which no request was made or no whole answer taken, and none will be for a while.
SETTLED = frozenset({"robots", "private-address", "bad-address", "scheme", "removed", "other-host", "too-large"})
#: What is needed, how often it was asked for, when the last time and whether that settled it (SQLite takes the row of
#: the maximum).
_ROWS = (
    "SELECT r.kind, r.url, r.needed_at, a.tries, a.at, a.settled FROM requisites r LEFT JOIN"
    " (SELECT id, count(*) AS tries, max(at) AS at, settled FROM requisites_asked GROUP BY id) a USING (id)"
    " WHERE r.portal=?"
)


@dataclass(frozen=True, slots=True)
class DueRequisite:
    """A requisite that is to be asked for."""

    kind: str
    url: str


class RequisiteTable:
    """The tables above in *database*."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, record: RequisiteRecord) -> None:
        """What a record of a WARC file says."""
        if record["schema"] == NEEDS:
            for kind, url in record["needs"]:
                row = (article_id(url), record["portal"], kind, url, record["at"])
                self._db.do(
                    "INSERT INTO requisites VALUES (?,?,?,?,?) ON CONFLICT (portal, id) DO UPDATE SET"
                    " kind=min(kind, excluded.kind), url=min(url, excluded.url),"
                    " needed_at=max(needed_at, excluded.needed_at)",
                    row,
                )
            return
        settled = record["status"] is not None and not is_transient(record["status"])
        settled = settled or record["reason"] in SETTLED
        self._db.do(
            "INSERT INTO requisites_asked VALUES (?,?,?) ON CONFLICT (id, at) DO UPDATE SET"
            " settled=max(settled, excluded.settled)",
            (article_id(record["url"]), record["at"], settled),
        )

    def due(self, portal: str, kinds: tuple[str, ...]) -> Iterator[DueRequisite]:
        """What *portal* needs of these *kinds* and has not, or not any more: styles first, since they name more."""
        for kind, url, *state in self._db.all(f"{_ROWS} ORDER BY r.kind DESC, r.needed_at, r.id", (portal,)):
            if kind in kinds and _is_due(*state):
                yield DueRequisite(kind, url)

    def is_due(self, portal: str, url: str) -> bool:
        """Whether the address *url*, which *portal* needs, is to be asked for."""
        ident = article_id(url)
        query = _ROWS.replace("GROUP BY", "WHERE id=? GROUP BY")
        row = self._db.one(f"{query} AND r.id=?", (ident, portal, ident))
        return row is not None and _is_due(*row[2:])


def _is_due(needed_at: str, tries: int | None, at: str | None, settled: int | None) -> bool:
    if tries is None or at is None or (not settled and tries % TRIES):
        return True
    return parse_moment(needed_at) >= parse_moment(at) + AGAIN
