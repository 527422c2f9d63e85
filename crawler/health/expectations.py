"""Whether a portal kept what its definition and its own past expect: the alarms behind exit code 3."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.index.portal_state import Standing, standing
from crawler.archive.records.jsonl import Json
from crawler.archive.runs.history import CrawlSummary, looks
from crawler.archive.runs.stats import PortalStats
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat
from crawler.health.drift import Alarm, dated, drift
from crawler.portals import Portal

#: A discovery page that fails in so many runs in a row is reported.
FAILED_RUNS = 3
#: Below this many articles a share says nothing.
ENOUGH = 5
#: Nor below this many where a run died before: these may be the rest of what it read.
SURE = 20


_BANS = {
    "ban": "the site bans us",
    "wall": "the site shows one page under every address",
    "outage": "the site sends every address to one page",
}
logger = logging.getLogger(__name__)
Alarms = dict[str, list[Alarm]]


def check_all(archive: ArchiveWriter, portals: Sequence[Portal], *, silent: bool = False) -> Alarms:
    """Portal -> what is wrong with it after the run of *archive*; one line on stderr each, unless *silent*."""
    past = looks(archive.paths, archive.started_at)
    found: Alarms = {}
    for portal in portals:
        tally, archived = archive.tallies[portal.name], archive.index.count(portal.name)
        before = standing(archive.index, portal.name)
        if wrong := check(portal, tally, archived, past.get(portal.name, []), archive.started_at, before):
            found[portal.name] = wrong
            if not silent:
                logger.error("%s: %s", portal.name, "; ".join(alarm.sentence() for alarm in wrong))
    return found


def as_json(found: Alarms) -> Json:
    """The keys ``problems`` (sentences) and ``alarms`` (for machines, and for the next run) of the run file."""
    alarms = {
        portal: [
            {"kind": a.kind, "field": a.field, "since": isoformat(a.since) if a.since else None, "text": a.text}
            for a in wrong
        ]
        for portal, wrong in found.items()
    }
    return {"problems": {name: [a.sentence() for a in wrong] for name, wrong in found.items()}, "alarms": alarms}


def check(
    portal: Portal,
    tally: PortalStats,
    archived: int,
    past: Sequence[CrawlSummary],
    now: datetime,
    before: Standing | None = None,
) -> list[Alarm]:
    """What is wrong with *portal* after a run that began at *now*; [] when all is well.

    *archived*: its articles so far. *past*: its earlier runs, oldest first. *before*: how it stood when the run began;
    one that goes on with what another left is judged with it, since the rest alone may be a few articles of one kind.
    """
    tried = tally.limits["gave_up"] or any(tally.discovery[name] for name in ("answered", "failed", "unanswered"))
    if tally.limits and not tried:
        return []  # left alone from the start: quiet hours, or the server asked for it
    found = _expected(portal, tally, archived, before or Standing())
    if not any(alarm.kind == "discovery" for alarm in found):  # where nothing answered there is nothing to compare
        known = {(alarm.kind, alarm.field) for alarm in found}
        changed = drift(past, CrawlSummary(now, tally.summary()))
        found += [alarm for alarm in changed if (alarm.kind, alarm.field) not in known]
    return dated(found, past, now)


def _expected(portal: Portal, tally: PortalStats, archived: int, before: Standing) -> list[Alarm]:
    """What is below [expect], or below what any portal is expected to do."""
    if tally.discovery["asked"] and not tally.discovery["answered"]:
        return [Alarm("discovery", None, f"no discovery page answered ({_why(tally)})")]
    wrong = [*_failing_pages(tally), *_ban(tally), *_too_few(portal, tally, archived)]
    expect = portal.expect
    tried = tally.asked >= ENOUGH or (tally.asked > 0 and not archived)
    if tried and not tally.extracted and not tally.ban and not _only_limits(tally):
        wrong.append(Alarm("pages", None, f"none of {tally.asked} article pages was an article ({_why(tally)})"))
    if tally.extracted >= (SURE if before.died else ENOUGH):
        read = tally.extracted + before.extracted
        for name, least in sorted(expect.coverage.items()):
            had = tally.covered[name] + before.coverage.get(name, 0.0) * before.extracted
            if round(had / read, 4) < least:
                text = f"{name} on {had / read:.0%} of {read} articles, expected {least:.0%}"
                wrong.append(Alarm("coverage", name, text))
    if (alarm := _template(portal, tally)) is not None:
        wrong.append(alarm)
    return wrong


def _failing_pages(tally: PortalStats) -> list[Alarm]:
    """Discovery pages that fail run after run, and not because their list has ended."""
    lasting = [(name, page) for name, page in sorted(tally.failing.items()) if page["runs"] >= FAILED_RUNS]
    failing = [(name, page) for name, page in lasting if not page["end"]]
    if not failing:
        return []
    (name, page), others = failing[0], len(failing) - 1
    more = f" and {others} more" if others else ""
    text = (
        f"{name}{more} failed in {page['runs']} runs in a row ({page['reason']}): what only it names is missed; every "
        "run reads all list pages until it answers"
    )
    return [Alarm("list-page", None, text)]


def _ban(tally: PortalStats) -> list[Alarm]:
    """Several pages in a row answered as a site answers that bans us, or does not work."""
    if tally.ban is None:
        return []
    text = (
        f"{_BANS[tally.ban['kind']]}: {tally.ban['answers']} article pages in a row ({tally.ban['reason']}); nothing "
        f"more was asked for in this run, {tally.left_articles + tally.ban['answers']} addresses stay due"
    )
    return [Alarm("ban", None, text)]


def _too_few(portal: Portal, tally: PortalStats, archived: int) -> list[Alarm]:
    """Discovery names no article, or fewer than expected."""
    found, least = len(tally.seen), portal.expect.articles_min
    if least != 0 and (alarm := _nothing(tally)) is not None:
        return [alarm]
    if found and tally.discovery["skipped"]:
        found = max(found, archived)  # paging stopped at what is known: that counts as found
    if least is None or found >= least:
        return []
    return [Alarm("articles", None, f"{found} articles found in discovery, expected at least {least}")]


def _nothing(tally: PortalStats) -> Alarm | None:
    """Discovery answered and named no article at all, not even a known one."""
    discovery = tally.discovery
    postponed = tally.left.keys() - tally.failing.keys()
    if tally.seen or not discovery["answered"] or discovery["skipped"] or postponed:
        return None
    pages = list(tally.nothing.items())
    why = f": {pages[0][0]} is {pages[0][1]}" if pages else ""
    more = f", and {len(pages) - 1} more" if len(pages) > 1 else ""
    return Alarm("articles", None, f"discovery names no article{why}{more}")


def _template(portal: Portal, tally: PortalStats) -> Alarm | None:
    """A template that holds on too few pages: the layout has changed. The pages it missed were read whole."""
    held, least = tally.template["held"], portal.expect.template
    read = held + tally.template["missed"]
    if least is None or read < ENOUGH or held >= least * read:
        return None
    text = (
        f"the template holds on {held} of {read} articles, expected {least:.0%}: the others were read whole; "
        f"`citynews portals check {portal.name} --repair` learns it again"
    )
    return Alarm("template", None, text)


def _only_limits(tally: PortalStats) -> bool:
    """Whether nothing came back because nothing was let out."""
    return not tally.outcomes and bool(tally.limits)


def _why(tally: PortalStats) -> str:
    reasons = [f"{name} {count}" for name, count in (tally.failures + tally.drops).most_common(3)]
    robots = Counter(str(host.get("status")) for host in tally.robots.values())  # no page of the portal
    statuses = [f"HTTP {name} {count}" for name, count in (tally.statuses - robots).most_common(2) if name != "200"]
    return ", ".join(reasons or statuses) or "nothing came back"
