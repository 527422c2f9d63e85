"""The archive of a driven year against its truth: what should have been visited, archived, revised and reported."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from crawler.samples.story import Story
from harness import disk
from harness.disk import Json
from harness.sample_sites import CHENGSHI, ZHIHUI
from tests.year.drive import DELAY, Driven, Run
from tests.year.script import NO_ARTICLES, NO_LISTS, OPTIONAL, PORTALS, REPORTED, Incident

AGES = tuple(timedelta(days=days) for days in (1, 3, 7, 30))
CLOSE = timedelta(seconds=20)  #: an age that comes this near to a run may or may not have come
FORBIDDEN = re.compile(
    "/(search|login)\\.html|/(dede|member|account|newsletter|preview)/|/plus/(search|feedback)\\.php"
)
MAX_REQUESTS = 2000
SLOW = ZHIHUI  #: the portal whose delay is not 0
Place = tuple[str, str]  #: portal, path


@dataclass(slots=True)
class Entry:
    """What the archive should know of an address, by its own lines so far."""

    first_seen: datetime | None = None  #: of the article
    last: datetime | None = None
    copy: bool = False
    withheld: bool = False  #: last refused alone, in an outage or before it was archived: asked again by a rule apart
    title: str | None = None
    body: str | None = None


@dataclass(slots=True)
class Ledger:
    """Counts, and everything that is wrong, in sentences."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.wrong.append(sentence)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Audit:
    """Walks through the runs in their order, archive in one hand and truth in the other."""

    def __init__(self, driven: Driven) -> None:
        self.driven = driven
        self.ledger = Ledger()
        self.false: list[str] = []
        self.reported: list[str] = []
        self._copy_at: dict[Place, Place] = {}  # original -> its copy
        self._said: defaultdict[str, list[tuple[int, list[Incident]]]] = defaultdict(list)
        self.entries: defaultdict[Place, Entry] = defaultdict(Entry)
        self._hosts = {urlsplit(url).netloc: name for name, url in driven.sample_sites.samples.base.items()}
        self._visits: defaultdict[str, dict[Place, Json]] = defaultdict(dict)
        self._texts: dict[tuple[str, Place], Json] = {}
        for visit in disk.records(driven.archive, "observations"):
            found, place = self._visits[visit["run"]], self._place(visit["url"])
            second = place in found  # by an address that redirects, or with a parameter that changes
            if not second or visit["outcome"] == "new" or found[place]["outcome"] == "duplicate":
                found[place] = visit
        for stream in ("articles", "revisions", "duplicates"):
            for record in disk.records(driven.archive, stream):
                self._texts[record["run"], self._place(record["url"])] = record
                self.ledger.counts[stream] += 1

    def _place(self, url: str) -> Place:
        parts = urlsplit(url)
        return self._hosts[parts.netloc], parts.path

    def walk(self) -> Ledger:
        """The whole comparison."""
        files = {file["run"]: file for file in disk.runs(self.driven.archive)}
        ordered = sorted(files.values(), key=lambda file: file["number"])
        begun = [run for run in self.driven.runs if self._file(run, ordered) is not None]
        self.ledger.counts["runs"] = len(self.driven.runs)
        self.ledger.counts["runs cut short"] = sum(run.cut for run in self.driven.runs)
        for run in begun:
            file = self._file(run, ordered)
            assert file is not None
            self._run(run, file)
            self._alarms(run, file)
            self._policy(run)
        self._reports(begun)
        self._ends(begun[-1])
        return self.ledger

    @staticmethod
    def _file(run: Run, ordered: list[Json]) -> Json | None:
        """The run file of *run*: a run that died before it began has none."""
        near = (f for f in ordered if abs(moment(f["started_at"]) - run.ended.now) < timedelta(seconds=60))
        return next(near, None)

    # -- one run -----------------------------------------------------------------------------------------------------

    def _run(self, run: Run, file: Json) -> None:
        visits = self._visits[file["run"]]
        now = moment(file["started_at"])
        shut = {trouble.portal for trouble in run.trouble if trouble.kind in NO_ARTICLES}
        hidden = {trouble.portal for trouble in run.trouble if trouble.kind in NO_LISTS}
        expected = {place for place in self._due(now, run) if place[0] not in shut}
        withheld = {place for place, entry in self.entries.items() if entry.withheld}
        optional = {place for place in expected if place[0] in hidden and self.entries[place].last is None} | withheld
        proofs = {place for place in visits.keys() - expected if self._proves(run, place, visits[place])}
        close = self._due(now + CLOSE, run) ^ self._due(now - CLOSE, run)
        if not run.cut:
            for place in sorted(expected - visits.keys() - close - optional):
                self.ledger.wrong.append(f"day {run.day}: {place} was due and not visited")
        self.ledger.counts["visits due"] += len(expected)
        refused = {place for place, visit in visits.items() if visit["outcome"] == "refused"}
        alone = {place for place in refused if place[0] in shut or self.entries[place].first_seen is None}
        for place in sorted(visits.keys() - expected - close - proofs - withheld - alone):
            first = run is self.driven.runs[0]  # old addresses that redirect, planted copies
            self.ledger.expect(first, f"day {run.day}: {place} was visited and not due: {visits[place]['outcome']}")
        for place, visit in visits.items():
            if place not in proofs:
                self._visit(run, place, visit)

    def _proves(self, run: Run, place: Place, visit: Json) -> bool:
        """Whether the visit is one of the few copies by which changing parameters of addresses are recognised."""
        days = [
            incident
            for incident in self.driven.year.incidents
            if incident.kind == "parameters" and incident.portal == place[0]
        ]
        active = any(incident.first <= run.day <= incident.last + 1 for incident in days)
        again = self.entries[place].first_seen is not None and visit["outcome"] in {"duplicate", "new", "unchanged"}
        self.ledger.counts["copies that prove a parameter"] += active and again
        return active and again

    def _due(self, now: datetime, run: Run) -> set[Place]:
        """What a run at *now* should ask for: all that is new and online, all whose age has come."""
        due = set()
        for place, entry in self.entries.items():
            if entry.copy or entry.last is None or entry.first_seen is None:
                continue
            if any(entry.last < entry.first_seen + age <= now for age in AGES):
                due.add(place)
        return due | {place for place in run.online if place not in self.entries or self.entries[place].last is None}

    def _visit(self, run: Run, place: Place, visit: Json) -> None:
        entry, story = self.entries[place], run.online.get(place)
        outcome, record = visit["outcome"], self._texts.get((visit["run"], place))
        if record is not None and outcome != "duplicate" and "duplicate_of" in record:
            record = None  # of a second visit, under another address
        where = f"day {run.day}: {place}"
        self.ledger.counts[f"visit {outcome}"] += 1
        entry.last = moment(visit["observed_at"])
        shut = any(trouble.kind in NO_ARTICLES and trouble.portal == place[0] for trouble in run.trouble)
        if shut or outcome == "refused":
            never = story is None and entry.first_seen is None  # taken down before it was ever seen
            self.ledger.expect(outcome == "refused" and (shut or never), f"{where}: {outcome} ({visit['reason']})")
            entry.withheld = True
            return
        entry.withheld = False
        if story is None:
            self.ledger.expect(outcome == "gone" and place in run.gone, f"{where}: {outcome}, but it is not there")
            return
        self.ledger.expect(outcome != "gone", f"{where}: gone, but it is there")
        if outcome in {"new", "duplicate"}:
            entry.first_seen, entry.copy = moment(visit["observed_at"]), outcome == "duplicate"
            if run is not self.driven.runs[0]:
                self.ledger.expect(self._copied(place, story) == entry.copy, f"{where}: {outcome}")
            self.ledger.expect(record is not None, f"{where}: no line")
        else:
            changed = (story.title, story.body) != (entry.title, entry.body)
            expected = {"changed", "back"} if changed else {"unchanged", "not-modified", "back"}
            self.ledger.expect(outcome in expected, f"{where}: {outcome}, expected one of {sorted(expected)}")
            self.ledger.expect(
                changed == (record is not None), f"{where}: changed {changed}, line {record is not None}"
            )
        if record is not None:
            self._record(run, where, record, story)
            entry.title, entry.body = record["title"], record["body"]
        self._views(run, where, visit, story)

    def _copied(self, place: Place, story: Story) -> bool:
        """Whether the other one of a pair was archived before: whichever came first is the original."""
        if story.copy_of:
            self._copy_at[ZHIHUI, story.copy_of] = place
        other = (ZHIHUI, story.copy_of) if story.copy_of else self._copy_at.get(place)
        return other is not None and self.entries[other].first_seen is not None and not self.entries[other].copy

    def _record(self, run: Run, where: str, record: Json, story: Story) -> None:
        redesigned = any(
            e.kind == "redesign" and e.portal == story.portal for e in run.trouble
        )  # and the definition is not corrected yet
        self.ledger.counts["texts compared"] += 1
        for name in ("title", "body", "published_at"):
            truth, found = getattr(story, name), record[name]
            if name == "published_at" and redesigned:
                continue
            self.ledger.expect(found == truth, f"{where}: {name}: {str(found)[:80]!r}, truth {str(truth)[:80]!r}")

    def _views(self, run: Run, where: str, visit: Json, story: Story) -> None:
        silent = any(trouble.kind == "counter" and trouble.portal == story.portal for trouble in run.trouble)
        truth = None if silent else story.view_count
        if truth is not None and story.portal == CHENGSHI:
            truth += run.clicks.get(story.key, 0)
        if visit["outcome"] == "not-modified" and visit["view_count"] is None:
            return
        self.ledger.counts["view counts compared"] += 1
        self.ledger.expect(visit["view_count"] == truth, f"{where}: {visit['view_count']} views, truth {truth}")

    # -- alarms and policy -------------------------------------------------------------------------------------------

    def _alarms(self, run: Run, file: Json) -> None:
        """Which portals the run complained of, with a cause and without."""
        for portal in file.get("problems", {}):
            causes = [
                incident
                for incident in self.driven.year.incidents
                if incident.portal == portal and incident.kind in {*REPORTED, *OPTIONAL}
                and incident.first <= run.day <= incident.last + REPORTED.get(incident.kind, (0, 3))[1]
            ]  # fmt: skip
            self._said[portal].append((run.day, causes))
            self.ledger.counts["alarms with a cause" if causes else "false alarms"] += 1
            self.ledger.expect(run.ended.code == 3, f"day {run.day}: exit {run.ended.code} though {portal} is below")
            if not causes:
                self.false.append(f"day {run.day}: {portal}: {file['problems'][portal]}")
        self.ledger.counts["portal-runs judged"] += 0 if run.cut else len(PORTALS)

    def _reports(self, runs: list[Run]) -> None:
        """Every incident that must be reported, and after how many days it was."""
        for incident in self.driven.year.incidents:
            if incident.kind not in REPORTED or incident.first > runs[-1].day:
                continue
            days = [day for day, causes in self._said[incident.portal] if incident in causes]
            late = min(days) - incident.first if days else None
            self.reported.append(f"{incident.kind} of {incident.portal} (day {incident.first} to {incident.last}): "
                                 + ("never reported" if late is None else f"reported after {late} days"))  # fmt: skip
            holds = late is not None and late <= REPORTED[incident.kind][0]
            self.ledger.expect(holds, f"{incident}: reported after {late} days, allowed {REPORTED[incident.kind][0]}")

    def _policy(self, run: Run) -> None:
        """Nothing was asked that robots.txt forbids, nothing twice, nothing faster than agreed."""
        for portal, requests in run.asked.items():
            paths = Counter(request.path for request in requests if request.status < 500)
            self.ledger.counts["requests"] += len(requests)
            for path, count in paths.items():
                bad = FORBIDDEN.match(path) is not None
                self.ledger.expect(not bad, f"day {run.day}: {portal}: robots.txt forbids {path}")
                again = count > 1 and run is not self.driven.runs[0]  # at first an old address may lead there too
                self.ledger.expect(not again, f"day {run.day}: {portal}: {path} asked {count} times in one run")
            self.ledger.expect(len(requests) <= MAX_REQUESTS, f"day {run.day}: {portal}: {len(requests)} requests")
            if portal == SLOW:
                times = [request.time for request in requests]
                gaps = [b - a for a, b in pairwise(times)]
                self.ledger.counts["gaps measured"] += len(gaps)
                short = [gap for gap in gaps if gap < DELAY * 0.75]  # the clock of the server, on a busy machine
                self.ledger.counts["gaps too short"] += len(short)

    # -- the end -----------------------------------------------------------------------------------------------------

    def _ends(self, last: Run) -> None:
        """Every article once, nothing missing, nothing doubled."""
        known = {place for place, entry in self.entries.items() if entry.first_seen is not None}
        shut = {trouble.portal for trouble in last.trouble if trouble.kind in NO_ARTICLES}
        missing = {place for place in last.online if place not in known and place[0] not in shut}
        for place in sorted(missing):
            self.ledger.wrong.append(f"at the end: {place} is online and not archived")
        self.ledger.counts["stories online at the end"] = len(last.online)
        self.ledger.expect(self.ledger.counts["copies that prove a parameter"] <= 6, "learned from a few copies")
        self.ledger.counts["articles lost for good"] = len(missing)
        for doubled in disk.doubled(self.driven.archive):
            self.ledger.wrong.append(f"doubled: {doubled}")
        for record in disk.unobserved(self.driven.archive):
            self.ledger.wrong.append(f"a record without an observation: {record['id']}")
        for ended in self.driven.verified:
            self.ledger.expect(ended.code == 0, f"verify ended with {ended.code}: {ended.out[-300:]}{ended.err[-300:]}")
