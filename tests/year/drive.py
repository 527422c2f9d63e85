"""Drives the crawler through the year: one run a day, more on some, each recorded with what was online."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.samples import NAMES, LoggedRequest, Samples
from crawler.samples.story import Story
from harness.sample_sites import CHENGSHI, ZHIHUI, SampleSites
from harness.waiting import until
from harness.year_runner import Ended, YearRunner
from tests.year.script import CORRECTED, CORRECTED_AFTER, DROPPED_AFTER, PORTALS, Incident, Year

DELAY = 0.02  #: seconds between two requests of ZHIHUI
QUIET = 60  #: looks at the servers in a row, 5 ms apart, that find nothing new
FULL = 48 * 1024  #: bytes a file when the disk is full: the index and the run's WARC are larger


@dataclass(frozen=True, slots=True)
class Run:
    """One run, and the sites as they were meanwhile."""

    day: int
    ended: Ended
    online: Mapping[tuple[str, str], Story]
    gone: frozenset[tuple[str, str]]
    trouble: Sequence[Incident]
    asked: Mapping[str, Sequence[LoggedRequest]]  #: portal -> requests its server answered
    clicks: Mapping[str, int]  #: CHENGSHI: key -> how often its counter had been asked before
    cut: bool  #: killed, or out of disk space: it did what it could


@dataclass(slots=True)
class Driven:
    """A year that has passed."""

    archive: Path
    year: Year
    sample_sites: SampleSites
    runs: list[Run] = field(default_factory=list)
    verified: list[Ended] = field(default_factory=list)


def drive(folder: Path, samples: Samples, days: int, seed: int = 1) -> Driven:
    """Lives through *days* days in *folder*. What comes out is judged elsewhere."""
    sample_sites = SampleSites(samples, folder / "portals")
    _operate(sample_sites)
    driven = Driven(folder / "archive", Year(samples, days, seed), sample_sites)
    with YearRunner(folder) as runner:
        for day in range(days):
            _day(driven, runner, day)
            if day % 30 == 29 or day == days - 1:
                driven.verified.append(_command(driven, runner, day, "verify", "--output", driven.archive))
    return driven


def _operate(sample_sites: SampleSites) -> None:
    """The operator's definitions: no expectations of their own, so that history alone must notice."""
    for name in NAMES:
        path = sample_sites.folder / f"{name}.toml"
        text = path.read_text("utf-8").partition("[expect]")[0]
        path.write_text(text, "utf-8")
    sample_sites.rewrite(ZHIHUI, ("delay = 0\n", f"delay = {DELAY}\n"), (r"detail/\d+\.html$'", r"detail/\d+\.html'"))


def _day(driven: Driven, runner: YearRunner, day: int) -> None:
    year = driven.year
    year.pass_day(day)
    year.trouble(day)
    for redesign in year.incidents:
        if redesign.kind == "redesign" and day == redesign.first + CORRECTED_AFTER:
            driven.sample_sites.rewrite(redesign.portal, add=CORRECTED)
    for incident in year.at(day, "definition"):
        driven.sample_sites.rewrite(incident.portal, ("[discover]\n", "[discover]\nmax_list_pages = 40\n"))
    for incident in year.incidents:
        if incident.kind == "parameters" and day == incident.first + DROPPED_AFTER:
            driven.sample_sites.rewrite(incident.portal, ("[discover]\n", '[discover]\ndrop_params = ["x"]\n'))
    now = year.now(day)
    if year.at(day, "clock"):
        now -= timedelta(hours=26)
    _run(driven, runner, day, now)
    if driven.runs[-1].cut:
        _run(driven, runner, day, now + timedelta(hours=1), calm=True)
    if year.at(day, "hourly"):
        for hour in range(1, 23):
            _run(driven, runner, day, now + timedelta(hours=hour), calm=True)


def _run(driven: Driven, runner: YearRunner, day: int, now: datetime, *, calm: bool = False) -> None:
    year, sample_sites = driven.year, driven.sample_sites
    marks, trouble = (
        sample_sites.marks(),
        [incident for incident in year.incidents if incident.first <= day <= incident.last],
    )
    clicks = _clicks(driven.runs)
    killed = None if calm else next(iter(year.at(day, "kill")), None)
    until = sum(marks.values()) + 5 + day * 7 % 23
    full = not calm and bool(year.at(day, "disk"))
    ended = runner.run(
        now,
        [*sample_sites.arguments(driven.archive, *PORTALS), "-s", "RETRY_TIMES=0"],
        kill_when=(lambda: sum(sample_sites.marks().values()) >= until) if killed else None,
        file_size=FULL if full else None,
    )
    if ended.code == -9:
        _wait_for_requests_under_way(sample_sites)
    asked = {name: sample_sites.samples.requests(name)[marks[name] :] for name in PORTALS}
    driven.runs.append(
        Run(
            day, ended, dict(year.online), frozenset(year.gone), trouble, asked, clicks,
            cut=ended.code in {-9, 5},
        )
    )  # fmt: skip


def _wait_for_requests_under_way(sample_sites: SampleSites) -> None:
    """What a killed run had sent still reaches the servers: it is that run's, not the next one's."""
    looks = [sample_sites.marks()]

    def are_quiet() -> bool:
        looks.append(sample_sites.marks())
        return len(looks) > QUIET and looks[-QUIET] == looks[-1]

    until(are_quiet)


def _clicks(runs: Sequence[Run]) -> Mapping[str, int]:
    """How often each counter has been asked; with the last run's requests put over what it knew."""
    if not runs:
        return {}
    found = Counter(runs[-1].clicks)
    for request in runs[-1].asked[CHENGSHI]:
        if "count.php" in request.path and request.status == 200:
            found[request.path.partition("aid=")[2].partition("&")[0]] += 1
    return found


def _command(driven: Driven, runner: YearRunner, day: int, *arguments: object) -> Ended:
    return runner.run(driven.year.now(day) + timedelta(hours=23, minutes=30), arguments)
