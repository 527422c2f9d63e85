"""The crawler runs for simulated days on sites that change; at the end the archive is compared with the truth."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

from crawler.samples import NAMES, Samples
from harness.command import citynews
from harness.sample_sites import METRO
from tests.year.drive import Driven, drive
from tests.year.ledger import Audit

FLAT = 1.35  #: how much dearer a run of the last month may be than one of the second, for the same requests


RECALL = 0.99  #: share of what the site's own lists name that is archived at the end, at least


def simulate(folder: Path, days: int) -> tuple[Driven, Audit]:
    """*days* days, and the audit of them."""
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        driven = drive(folder, samples, days)
        recalled = _recall(driven, folder / "recall")
    audit = Audit(driven)
    audit.walk()
    audit.ledger.counts["listed by the site"] = recalled["listed"]
    audit.ledger.counts["of these archived"] = recalled["archived"]
    audit.ledger.expect((recalled["share"] or 0) >= RECALL, f"recall: {recalled}"[:1500])
    return driven, audit


def _recall(driven: Driven, folder: Path) -> Any:
    """What `portals recall` says at the end of METRO, by all its feeds and sitemaps."""
    driven.sample_sites.samples.heal(METRO)  # it may be down on the last day
    folder.mkdir()
    text = (driven.sample_sites.folder / f"{METRO}.toml").read_text("utf-8")
    (folder / f"{METRO}.toml").write_text(re.sub(r"(?m)^(?:feeds|sitemaps) = .*\n", "", text), "utf-8")
    host = driven.sample_sites.samples.base[METRO].partition("//")[2]
    asked = ("portals", "recall", METRO, "--portals", folder, "--allow-host", host, "--output", driven.archive)
    return json.loads(citynews(*asked, "--json", code=None).out)


@pytest.mark.ci
def test_four_days(tmp_path: Path) -> None:
    """New, changed, gone; one run killed, one portal down: every visit due was made, every text is the true one."""
    driven, audit = simulate(tmp_path, 4)
    assert audit.ledger.wrong == []
    assert audit.ledger.counts["runs"] == 5
    assert audit.ledger.counts["runs cut short"] == 1
    assert audit.ledger.counts["visit new"] > 130
    assert audit.ledger.counts["visit unchanged"] > 150
    assert audit.ledger.counts["alarms with a cause"] == 1
    assert audit.false == []
    assert {run.ended.code for run in driven.runs} == {0, 3, -9}


@pytest.mark.ci
def test_a_month(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _judge(tmp_path, 30, capsys)


@pytest.mark.year
def test_the_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    driven = _judge(tmp_path, 365, capsys)
    early, late = _cost(driven, range(31, 61)), _cost(driven, range(335, 365))
    assert late[0] <= early[0] * FLAT, "a run takes longer and longer"
    assert late[1] <= early[1] * FLAT, "a run needs more and more memory"


def _judge(folder: Path, days: int, capsys: pytest.CaptureFixture[str]) -> Driven:
    driven, audit = simulate(folder, days)
    with capsys.disabled():
        for line in _account(driven, audit, days):
            print(line)  # noqa: T201 - the ledger is what a person runs this for
    assert audit.ledger.wrong == []
    judged = audit.ledger.counts["portal-runs judged"]
    assert len(audit.false) < judged / 100
    return driven


def _account(driven: Driven, audit: Audit, days: int) -> list[str]:
    """The ledger against the truth, in lines."""
    counts = audit.ledger.counts
    said = [f"\n{days} days of {len(NAMES)} portals; what happened there: {driven.year.counted}"]
    said += [f"  {name}: {counts[name]}" for name in sorted(counts)]
    said += [f"  {alarm}" for alarm in audit.reported]
    said += [f"  false alarm: {alarm}" for alarm in audit.false]
    said += [f"  WRONG: {line}" for line in audit.ledger.wrong]
    for name, first, last in (("days 2 to 30", 1, 30), ("days 32 to 61", 31, 61), ("last 30 days", days - 30, days)):
        if last <= days:
            cpu, rss = _cost(driven, range(max(first, 1), last))
            said.append(f"  {name}: {cpu * 1000:.1f} ms CPU a request, {rss / 1024:.0f} MiB a run (medians)")
    return said


def _cost(driven: Driven, days: range) -> tuple[float, float]:
    """Medians of the whole runs of *days*: CPU seconds a request, KiB."""
    whole = [run for run in driven.runs if run.day in days and not run.cut]
    cpu = [run.ended.cpu / max(1, sum(map(len, run.asked.values()))) for run in whole]
    return statistics.median(cpu), statistics.median(run.ended.rss for run in whole)
