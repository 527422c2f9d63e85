"""Whether a portal meets its definition's expectations and its own past: the alarms behind exit code 3."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.index.portal_state import PortalState, portal_state
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
    "outage": "the site shows no article under any address",
}
logger = logging.getLogger(__name__)
Alarms = dict[str, list[Alarm]]


def check_all(archive: ArchiveWriter, portals: Sequence[Portal], *, silent: bool = False) -> Alarms:
    """The alarms of each portal after the run of *archive*; one line on stderr each, unless *silent*."""
    past = looks(archive.paths, archive.started_at)
    found: Alarms = {}
    for portal in portals:
        stats, archived = archive.stats[portal.name], archive.index.count(portal.name)
        before = portal_state(archive.index, portal.name)
        if wrong := check(portal, stats, archived, past.get(portal.name, []), archive.started_at, before):
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
    stats: PortalStats,
    archived: int,
    past: Sequence[CrawlSummary],
    now: datetime,
    before: PortalState | None = None,
) -> list[Alarm]:
    """The alarms of *portal* after a run that began at *now*; [] if there are none.

    *archived*: its articles so far. *past*: its earlier runs, oldest first. *before*: how it stood when the run began;
    one that goes on with what another left is judged with it, since the rest alone may be a few articles of one kind.
    """
    tried = stats.limits["gave_up"] or any(stats.discovery[name] for name in ("answered", "failed", "unanswered"))
    if stats.limits and not tried:
        return []  # left alone from the start: quiet hours, or the server asked for it
    found = _expected(portal, stats, archived, before or PortalState())
    if not any(alarm.kind == "discovery" for alarm in found):  # where nothing answered there is nothing to compare
        known = {(alarm.kind, alarm.field) for alarm in found}
        changed = drift(past, CrawlSummary(now, stats.summary()))
        found += [alarm for alarm in changed if (alarm.kind, alarm.field) not in known]
    return dated(found, past, now)


def _expected(portal: Portal, stats: PortalStats, archived: int, before: PortalState) -> list[Alarm]:
    """What is below [expect], or below what is expected of every portal."""
    if stats.discovery["asked"] and not stats.discovery["answered"]:
        return [Alarm("discovery", None, f"no discovery page answered ({_why(stats)})")]
    wrong = [*_failing_pages(stats), *_ban(stats), *_gave_up(stats)]
    wrong += [*_too_few(portal, stats, archived), *_never_well(stats, archived)]
    expect = portal.expect
    tried = stats.asked >= ENOUGH or (stats.asked > 0 and not archived)
    if tried and not stats.extracted and not stats.ban and not _cut_short(stats) and not stats.limits["gave_up"]:
        wrong.append(Alarm("pages", None, f"none of {stats.asked} article pages was an article ({_why(stats)})"))
    if stats.extracted >= (SURE if before.died else ENOUGH):
        read = stats.extracted + before.extracted
        for name, least in sorted(expect.coverage.items()):
            had = stats.covered[name] + before.coverage.get(name, 0.0) * before.extracted
            if round(had / read, 4) < least:
                text = f"{name} on {had / read:.0%} of {read} articles, expected {least:.0%}"
                wrong.append(Alarm("coverage", name, text))
    if (alarm := _template(portal, stats)) is not None:
        wrong.append(alarm)
    return wrong


def _never_well(stats: PortalStats, archived: int) -> list[Alarm]:
    """Discovery lists addresses, none is due, and none was ever an article: the portal never worked."""
    if archived or stats.asked or stats.planned or stats.left_articles or not stats.seen:
        return []
    refused = stats.resting_refused + len(stats.refused_before)
    text = f"none of {len(stats.seen)} addresses found by discovery was ever an article ({refused} refused before)"
    return [Alarm("pages", None, text)]


def _failing_pages(stats: PortalStats) -> list[Alarm]:
    """Discovery pages that fail in every run, and not because their list has ended."""
    lasting = [(name, page) for name, page in sorted(stats.failing.items()) if page["runs"] >= FAILED_RUNS]
    failing = [(name, page) for name, page in lasting if not page["end"]]
    if not failing:
        return []
    (name, page), others = failing[0], len(failing) - 1
    more = f" and {others} more" if others else ""
    text = (
        f"{name}{more} failed in {page['runs']} runs in a row ({page['reason']}): articles linked only there are "
        "missed; every run reads all list pages until it answers"
    )
    return [Alarm("list-page", None, text)]


def _ban(stats: PortalStats) -> list[Alarm]:
    """Several pages in a row were answered as by a site that bans us, or is down."""
    if stats.ban is None:
        return []
    text = (
        f"{_BANS[stats.ban['kind']]}: {stats.ban['answers']} article pages in a row ({stats.ban['reason']}); nothing "
        f"more was requested in this run, {stats.left_articles + stats.ban['answers']} addresses stay due"
    )
    return [Alarm("ban", None, text)]


def _gave_up(stats: PortalStats) -> list[Alarm]:
    """The site failed so often in a row that it was left alone; its second tries may be among what was left."""
    if not stats.limits["gave_up"]:
        return []
    text = (
        f"the site failed in one request after another ({_why(stats)}); nothing more was requested in this run, "
        f"{stats.left_articles} addresses stay due"
    )
    return [Alarm("failures", None, text)]


def _too_few(portal: Portal, stats: PortalStats, archived: int) -> list[Alarm]:
    """Discovery found no article, or fewer than expected."""
    found, least = len(stats.seen), portal.expect.articles_min
    if least != 0 and (alarm := _nothing(stats)) is not None:
        return [alarm]
    if found and stats.discovery["skipped"]:
        found = max(found, archived)  # paging stopped at what is known: that counts as found
    if least is None or found >= least:
        return []
    return [Alarm("articles", None, f"{found} articles found in discovery, expected at least {least}")]


def _nothing(stats: PortalStats) -> Alarm | None:
    """Discovery answered but listed no article at all, not even a known one."""
    discovery = stats.discovery
    postponed = stats.left.keys() - stats.failing.keys()
    if stats.seen or not discovery["answered"] or discovery["skipped"] or postponed:
        return None
    pages = list(stats.nothing.items())
    why = f": {pages[0][0]} is {pages[0][1]}" if pages else ""
    more = f", and {len(pages) - 1} more" if len(pages) > 1 else ""
    return Alarm("articles", None, f"discovery names no article{why}{more}")


def _template(portal: Portal, stats: PortalStats) -> Alarm | None:
    """A template that matches too few pages: the layout has changed. The other pages were read without it."""
    held, least = stats.template["held"], portal.expect.template
    read = held + stats.template["missed"]
    if least is None or read < ENOUGH or held >= least * read:
        return None
    text = (
        f"the template matches {held} of {read} articles, expected {least:.0%}: the others were read without it; "
        f"`citynews portals check {portal.name} --repair` learns a new one"
    )
    return Alarm("template", None, text)


def _cut_short(stats: PortalStats) -> bool:
    """Whether no page was decided because none was asked for, or because the run was ended before."""
    return not stats.outcomes and (bool(stats.limits) or not stats.finished)


def _why(stats: PortalStats) -> str:
    counted = stats.failures + stats.drops
    if stats.limits["gave_up"]:
        del counted["gave_up"], counted["outage"]  # what came of the failures, no reason for them
    reasons = [f"{name} {count}" for name, count in counted.most_common(3)]
    robots = Counter(str(host.get("status")) for host in stats.robots.values())  # no page of the portal
    statuses = [f"HTTP {name} {count}" for name, count in (stats.statuses - robots).most_common(2) if name != "200"]
    return ", ".join(reasons or statuses) or "no complete response"
