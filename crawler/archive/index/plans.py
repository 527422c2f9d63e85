"""When each known address is due again, so that a run reads only those that may be due.

An address rests until a moment that the frontier works out by its rule (crawler/crawl/frontier/schedule.py) and notes
here; whatever happens to the address ends its rest. The rule depends on the portal's definition: *rule* tells apart
definitions, and a new one ends the rest of all. So this is a memory of answers, and no function of the files alone:
with none of it a run finds the same, by reading more.
"""

from __future__ import annotations

from collections.abc import Iterable

from crawler.archive.storage.sqlite import Database

TABLES = """
CREATE TABLE plans (
  id TEXT PRIMARY KEY, portal TEXT NOT NULL, until TEXT NOT NULL, kind INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX plans_of_portal ON plans (portal, until, kind);
"""
NEVER = "9999"  #: the rest of an address that is due no more
#: What a resting address counts as.
KNOWN, REFUSED, UNCOUNTED = 0, 1, 2


class Plans:
    """The tables above in *database*. Moments are text, as in lines; "" is before all others."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._woken: tuple[str, str, str] | None = None

    def wake(self, ident: str, portal: str, at: str) -> None:
        """Something happened to the address *ident* of *portal*, at *at*: when it is due is to be worked out again.

        A line and its observation say it of the same address one after the other: the second time there is nothing to
        do.
        """
        if self._woken == (ident, portal, at):
            return
        self._woken = ident, portal, at
        self._db.do(
            "INSERT INTO plans SELECT id, portal, '', 0 FROM addresses WHERE id=? ON CONFLICT (id) DO UPDATE SET"
            " portal=excluded.portal, until='' WHERE until<>'' OR portal<>excluded.portal",
            (ident,),
        )

    def hold(self, portal: str, rule: str) -> None:
        """Plans of *portal* are those of *rule*: what was worked out by another one is forgotten."""
        self._woken = None
        key = f"plans:{portal}"
        if self._db.one("SELECT value FROM meta WHERE key=?", (key,)) != (rule,):
            self._db.do("UPDATE plans SET until='' WHERE portal=? AND until<>''", (portal,))
            self._db.do("INSERT OR REPLACE INTO meta VALUES (?,?)", (key, rule))

    def rest(self, plans: Iterable[tuple[str, str, int]]) -> None:
        """(id, until, kind) of addresses that are not due until then."""
        self._woken = None
        rows = ((until, kind, ident) for ident, until, kind in plans)
        self._db.do_many("UPDATE plans SET until=?, kind=? WHERE id=?", rows)

    def resting(self, portal: str, now: str) -> dict[int, int]:
        """Kind -> how many addresses of *portal* rest at *now*."""
        return dict(
            self._db.all("SELECT kind, count(*) FROM plans WHERE portal=? AND until>? GROUP BY kind", (portal, now))
        )

    def rests(self, ident: str, now: str) -> bool:
        """Whether the address *ident* rests at *now*, and is counted."""
        query = "SELECT 1 FROM plans WHERE id=? AND until>? AND kind<>?"
        return self._db.one(query, (ident, now, UNCOUNTED)) is not None
