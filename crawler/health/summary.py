"""The state of each portal and each of its fields compared with their past, and the result of its last crawl."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.runs.history import CrawlSummary, looks
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.exit_codes import UsageError
from crawler.health import recalls
from crawler.health.coverage import FieldShare, shares


@dataclass(frozen=True, slots=True)
class PortalHealth:
    """One portal: its crawls within the window, oldest first, and how its fields stand after the last."""

    portal: str
    crawls: Sequence[CrawlSummary]
    fields: Sequence[FieldShare]
    recall: Sequence[Json]  #: what `portals recall` measured, oldest first

    @property
    def newest(self) -> str | None:
        """The latest published_at that any of the crawls found new."""
        return max((look.stats["newest"] for look in self.crawls if look.stats.get("newest")), default=None)

    @property
    def fresh(self) -> datetime | None:
        """When a crawl last found a new article."""
        return max((look.at for look in self.crawls if look.stats["outcomes"].get("new")), default=None)


def summaries(paths: Paths, wanted: Sequence[str], defined: Collection[str], now: datetime) -> list[PortalHealth]:
    """The portals *wanted*: by default all that are *defined* or were crawled.

    Raises UsageError for an unknown name.
    """
    past = looks(paths, now + timedelta(seconds=1))
    if unknown := [name for name in wanted if name not in defined and name not in past]:
        raise UsageError(f"no portal is called {unknown[0]!r}; `citynews portals` lists them")
    names = list(dict.fromkeys(wanted)) or sorted({*defined, *past})
    return [_summary(paths, name, past.get(name, [])) for name in names]


def _summary(paths: Paths, portal: str, crawls: Sequence[CrawlSummary]) -> PortalHealth:
    fields = [field for field in (shares(crawls[:-1], crawls[-1]) if crawls else []) if field.have or field.usual]
    return PortalHealth(portal, crawls, fields, recalls.history(paths, portal))


@dataclass(slots=True)
class LastCrawl:
    """What the runs of an archive say about one portal."""

    at: str | None = None  #: when the last run with it ended, UTC
    articles: int = 0  #: archived by all runs
    problems: tuple[str, ...] = ()  #: of that run


def last_crawls(paths: Paths) -> dict[str, LastCrawl]:
    """Portal -> what the finished runs say of it; empty where there is no archive, or where verify must be asked."""
    try:
        return _gather(run for run, _ in run_file.finished(paths))
    except DamagedError:
        return {}


def _gather(finished: Iterable[Json]) -> dict[str, LastCrawl]:
    past: dict[str, LastCrawl] = {}
    for run in finished:
        for name, stats in (run.get("portals") or {}).items():
            crawl = past.setdefault(name, LastCrawl())
            crawl.articles += stats.get("outcomes", {}).get("new", 0)
            crawl.at = run.get("finished_at")
            crawl.problems = tuple((run.get("problems") or {}).get(name, ()))
    return past
